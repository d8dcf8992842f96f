/**
 * Messages between the extension and the circuit panel, checked on arrival. The page asks (see
 * `requests.ts`); the extension answers, and tells what it was not asked for: what the panel is about and
 * what is known of it. Text of files is made fit to be shown before it is sent; numbers are plain: shares
 * from 0 to 1, effects and log-probabilities in nats.
 *
 * What is told carries the number of the subject (document, token, prediction, model) that it is about.
 * Subjects are counted upwards, so whatever is about an older one is dropped on either side.
 */
import * as v from 'valibot';
import { AblationsSchema } from './ablations';
import { CircuitSchema, PredictionSchema, SubjectSchema } from './prediction';
import { AnswerSchemas, AskSchema, REQUESTS, type Answer, type Ask } from './requests';
import { NotesSchema } from './notes';
import { StorySchema } from './story';
import { PinSchema, WaySchema, count, number, text } from './values';

/** Number of the subject that a message is about; it rises. */
const seq = count;

/** What is worked out for every subject; each can fail by itself. */
const PartSchema = v.picklist(['prediction', 'circuit', 'story', 'now', 'meanings']);
export type Part = v.InferOutput<typeof PartSchema>;

const ToldSchema = v.variant('type', [
  /** There is nothing to show, why, and what leads on from there. */
  v.object({
    ...{ type: v.literal('empty'), seq, text, busy: v.boolean() },
    ways: v.array(WaySchema),
  }),
  /** A new subject: everything of the one before is void. */
  v.object({ type: v.literal('subject'), seq, subject: SubjectSchema }),
  v.object({ type: v.literal('prediction'), seq, prediction: PredictionSchema }),
  /** Activations under the ablations, by id of the graph. */
  v.object({ type: v.literal('now'), seq, now: v.record(text, number) }),
  v.object({ type: v.literal('circuit'), seq, circuit: CircuitSchema }),
  /** What was measured of the prediction, in sentences; empty where nobody tells it. */
  v.object({ type: v.literal('story'), seq, story: StorySchema }),
  v.object({ type: v.literal('ablations'), ablations: AblationsSchema }),
  /** What nodes read or raise most strongly by their weights, by node name. */
  v.object({ type: v.literal('meanings'), seq, meanings: v.record(text, text) }),
  /** Labels that people gave to nodes, by node name. */
  v.object({ type: v.literal('labels'), labels: v.record(text, text) }),
  /** Groups, pins and notes of the subject's nodes. */
  v.object({ type: v.literal('notes'), seq, notes: NotesSchema }),
  /** The node that colors the editor. */
  v.object({ type: v.literal('colored'), node: v.nullable(text) }),
  /** Where the panel is pinned to; null while it follows the cursor, as it does when the place is lost. */
  v.object({ type: v.literal('pinned'), place: PinSchema, lost: v.boolean() }),
  v.object({ type: v.literal('progress'), seq, what: text, done: count, total: count }),
  /** One line on a part that could not be worked out. */
  v.object({ type: v.literal('problem'), seq, part: PartSchema, text }),
]);
/** What the extension tells unasked. */
export type Told = v.InferOutput<typeof ToldSchema>;
const AnswerSchema = v.variant('type', AnswerSchemas);
/** From the extension. */
export type ToPanel = Told | Answer;

const ReadySchema = v.object({ type: v.literal('ready') });
const ToHostSchema = v.variant('type', [ReadySchema, AskSchema]);
/** From the panel. */
export type ToHost = v.InferOutput<typeof ReadySchema> | Ask;

/** A message from the extension; a string says why it is none. */
export function readToPanel(data: unknown): ToPanel | string {
  const type = (data as { type?: unknown } | null | undefined)?.type;
  if (type !== 'answer' && type !== 'failed' && type !== 'void') return read(ToldSchema, data);
  const answer = read(AnswerSchema, data);
  if (typeof answer === 'string' || answer.type !== 'answer') return answer;
  const tells = read(REQUESTS[answer.what].tells as v.GenericSchema, answer.tells);
  return typeof tells === 'string' ? tells : ({ ...answer, tells } as Answer);
}

/** A message from the panel; what is wrong with it, and which request it is where that can be told. */
export function readAsk(
  data: unknown,
): { message: ToHost } | { problem: string; ask: Pick<Ask, 'id' | 'what'> | null } {
  const message = read(ToHostSchema, data);
  if (typeof message === 'string') return { problem: message, ask: null };
  if (message.type === 'ready') return { message };
  const { id, what } = message;
  const asks = read(REQUESTS[what].asks as v.GenericSchema, message.asks);
  if (typeof asks === 'string') return { problem: `${what}: ${asks}`, ask: { id, what } };
  return { message: { ...message, asks } as Ask };
}

function read<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T | string {
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  // What was received is quoted, line breaks and all.
  return `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`.replace(/\s+/g, ' ');
}
