/**
 * Messages between the extension and the circuit panel: one union each way, checked on arrival. Text of
 * files is made fit to be shown before it is sent; numbers are plain: shares from 0 to 1, effects and
 * log-probabilities in nats.
 *
 * Every answer carries the number of the subject (document, token, prediction, model) that it is
 * about. Subjects are counted upwards, so whatever is about an older one is dropped on either side.
 */
import * as v from 'valibot';
import { AblationsSchema, IsolationSchema } from './ablations';
import { AttentionSchema, MatchSchema } from './attention';
import { CardSchema } from './card';
import { CircuitSchema, PredictionSchema, SubjectSchema } from './prediction';
import {
  KindSchema,
  ModeSchema,
  PinSchema,
  PlaceSchema,
  count,
  number,
  text,
  token,
  vertices,
} from './values';

/** Number of the subject that a message is about; it rises. */
const seq = count;

export const FORMATS = ['svg', 'png', 'html', 'circuit', 'interventions', 'markdown'] as const;
const FormatSchema = v.picklist(FORMATS);
export type Format = v.InferOutput<typeof FormatSchema>;

const ToPanelSchema = v.variant('type', [
  /** There is nothing to show, and why. */
  v.object({ type: v.literal('empty'), seq, text, busy: v.boolean() }),
  /** A new subject: everything of the one before is void. */
  v.object({ type: v.literal('subject'), seq, subject: SubjectSchema }),
  v.object({ type: v.literal('prediction'), seq, prediction: PredictionSchema }),
  /** Activations under the ablations, by id of the graph. */
  v.object({ type: v.literal('now'), seq, now: v.record(text, number) }),
  v.object({ type: v.literal('circuit'), seq, circuit: CircuitSchema }),
  v.object({ type: v.literal('card'), seq, card: CardSchema }),
  v.object({ type: v.literal('attention'), seq, attention: AttentionSchema }),
  v.object({ type: v.literal('match'), seq, match: MatchSchema }),
  v.object({ type: v.literal('isolation'), seq, isolation: IsolationSchema }),
  v.object({ type: v.literal('ablations'), ablations: AblationsSchema }),
  /** Labels that people gave to nodes, by node name. */
  v.object({ type: v.literal('labels'), labels: v.record(text, text) }),
  /** The node that colors the editor. */
  v.object({ type: v.literal('colored'), node: v.nullable(text) }),
  /** Where the panel is pinned to; null while it follows the cursor. */
  v.object({ type: v.literal('pinned'), place: PinSchema }),
  v.object({ type: v.literal('progress'), seq, what: text, done: count, total: count }),
  /** One line on a request that failed. */
  v.object({ type: v.literal('problem'), seq, text }),
]);
/** From the extension. */
export type ToPanel = v.InferOutput<typeof ToPanelSchema>;

const ToHostSchema = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('mode'), mode: ModeSchema }),
  v.object({ type: v.literal('pin'), on: v.boolean() }),
  /** How effects are to be measured. */
  v.object({ type: v.literal('measure'), kind: KindSchema, place: v.picklist(['all', 'at']) }),
  v.object({ type: v.literal('card'), seq, node: text }),
  /** Labels a node; an empty text takes its label away. */
  v.object({ type: v.literal('label'), seq, node: text, text }),
  /** Colors the editor by a node, or stops it. */
  v.object({ type: v.literal('color'), node: v.nullable(text) }),
  /** Moves the editor to a token. */
  v.object({ type: v.literal('reveal'), seq, token: count }),
  /** Null keeps the nodes as they are in the model. */
  v.object({
    type: v.literal('ablate'),
    seq,
    vertices,
    kind: v.nullable(KindSchema),
    place: PlaceSchema,
  }),
  v.object({ type: v.literal('switch'), index: count, on: v.boolean() }),
  v.object({ type: v.literal('remove'), index: count }),
  v.object({ type: v.literal('clear') }),
  v.object({ type: v.literal('undo') }),
  v.object({ type: v.literal('redo') }),
  v.object({ type: v.literal('isolate'), seq, vertices, kind: KindSchema, place: PlaceSchema }),
  v.object({ type: v.literal('attention'), seq, layer: count, head: count }),
  v.object({ type: v.literal('match'), seq, layer: count, head: count, key: token }),
  /** Content is text, for a PNG in base64; the extension has it itself for circuit and interventions. */
  v.object({
    type: v.literal('export'),
    seq,
    format: FormatSchema,
    content: v.pipe(v.string(), v.maxLength(50_000_000)),
  }),
]);
/** From the panel. */
export type ToHost = v.InferOutput<typeof ToHostSchema>;

/** A message from the extension; a string says why it is none. */
export function readToPanel(data: unknown): ToPanel | string {
  return read(ToPanelSchema, data);
}

/** A message from the panel; a string says why it is none. */
export function readToHost(data: unknown): ToHost | string {
  return read(ToHostSchema, data);
}

function read<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T | string {
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  // What was received is quoted, line breaks and all.
  return `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`.replace(/\s+/g, ' ');
}
