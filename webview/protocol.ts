/**
 * Messages between the extension and the circuit panel: one union each way, checked on arrival. Text of
 * files is made fit to be shown before it is sent; numbers are plain: shares from 0 to 1, effects and
 * log-probabilities in nats.
 *
 * Every answer carries the number of the subject (document, token, prediction, model) that it is
 * about. Subjects are counted upwards, so whatever is about an older one is dropped on either side.
 */
import * as v from 'valibot';

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Token index in its document; -1 is the start of the text. */
const token = v.pipe(v.number(), v.integer(), v.minValue(-1));
const text = v.pipe(v.string(), v.maxLength(2000));
const seq = count;

const KindSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('mean') }),
  v.strictObject({ kind: v.literal('zero') }),
  v.strictObject({ kind: v.literal('value'), value: number }),
  v.strictObject({ kind: v.literal('scale'), scale: number }),
]);
/** What an ablation makes of an activation. */
export type Kind = v.InferOutput<typeof KindSchema>;

/** Everywhere, at the node's own token, or from that on. */
const PlaceSchema = v.picklist(['all', 'at', 'from']);
export type Place = v.InferOutput<typeof PlaceSchema>;

/** A node of the model at one token. */
const VertexSchema = v.object({ node: text, token });
export type Vertex = v.InferOutput<typeof VertexSchema>;
const vertices = v.pipe(v.array(VertexSchema), v.minLength(1), v.maxLength(10_000));

/** What comes after the token under the cursor, or why that token itself. */
const ModeSchema = v.picklist(['next', 'why']);
export type Mode = v.InferOutput<typeof ModeSchema>;

const PinSchema = v.nullable(v.object({ uri: text, token: count }));
export type Pin = v.InferOutput<typeof PinSchema>;

const SubjectSchema = v.object({
  mode: ModeSchema,
  file: text,
  model: text,
  /** The token under the cursor. */
  cursor: v.object({ token, text, line: count, column: count }),
  /** The token at which the prediction is made. */
  reader: v.object({ token, text }),
  /** What the prediction is asked about: the token that follows the reader. */
  target: v.object({ text, observed: v.boolean() }),
});
export type Subject = v.InferOutput<typeof SubjectSchema>;

const PredictionSchema = v.object({
  /** Ablations in force in this document. */
  ablations: count,
  /** Log-probability of the target without and with the ablations. */
  logprob: v.object({ before: number, now: number }),
  /** Likeliest tokens of either prediction. */
  candidates: v.array(
    v.object({ text, before: number, now: number, observed: v.boolean(), target: v.boolean() }),
  ),
});
export type Prediction = v.InferOutput<typeof PredictionSchema>;

const GraphNodeSchema = v.object({
  /** Unique in the graph. */
  id: text,
  /** Node name where it is a channel of the model. */
  node: v.nullable(text),
  /** A token that is read, the table of bigrams, a channel, or a token that is predicted. */
  role: v.picklist(['input', 'table', 'channel', 'output']),
  label: text,
  /** A few letters for the picture. */
  short: text,
  /** Columns from left to right are in the order of computation. */
  column: count,
  columnLabel: text,
  /** Of queries, keys and values. */
  head: v.nullable(v.object({ layer: count, head: count })),
  /** Position of the activation. */
  token,
  /** Text of that token, when it is not the reader. */
  at: v.nullable(text),
  /** Without the ablations, and with them. */
  activation: number,
  now: number,
  /** Measured; null where it is not (yet), and then there is a guess of it to first order. */
  effect: v.nullable(number),
  estimate: v.nullable(number),
});
export type GraphNode = v.InferOutput<typeof GraphNodeSchema>;

const GraphEdgeSchema = v.object({
  from: text,
  to: text,
  /** As in a token's circuit: within a token, along the residual stream, or from token to token. */
  kind: v.picklist(['weight', 'residual', 'attention', 'key', 'query', 'logit']),
  weight: number,
  /** weight x activation of the source. */
  contribution: number,
});
export type GraphEdge = v.InferOutput<typeof GraphEdgeSchema>;

const CircuitSchema = v.object({
  nodes: v.array(GraphNodeSchema),
  edges: v.array(GraphEdgeSchema),
  /** What the model has at this token: active nodes, and nonzero weights between them. */
  total: v.object({ nodes: count, edges: count }),
  /** How the effects were measured. */
  measured: v.object({ kind: KindSchema, place: v.picklist(['all', 'at']) }),
});
export type Circuit = v.InferOutput<typeof CircuitSchema>;

const ExampleSchema = v.object({
  /** Text around the token, and the token. */
  before: text,
  text,
  after: text,
  activation: number,
  /** Where it is: a token of this document, or a name. */
  token: v.nullable(token),
  source: text,
});
export type Example = v.InferOutput<typeof ExampleSchema>;

const NeighborSchema = v.object({
  node: v.nullable(text),
  label: text,
  weight: number,
  contribution: v.nullable(number),
});
export type Neighbor = v.InferOutput<typeof NeighborSchema>;

const PushedSchema = v.object({ text, weight: number });

const CardSchema = v.object({
  node: text,
  label: text,
  activation: number,
  now: number,
  mean: v.nullable(number),
  effect: v.nullable(number),
  /** Activation along the document around the reader. */
  strip: v.object({ start: count, texts: v.array(text), values: v.array(number) }),
  strongest: v.array(ExampleSchema),
  /** From held-out Python. */
  heldOut: v.object({ positive: v.array(ExampleSchema), negative: v.array(ExampleSchema) }),
  /** Largest weight first; the lists may be cut, the counts are whole. */
  reads: v.array(NeighborSchema),
  writes: v.array(NeighborSchema),
  readCount: count,
  writeCount: count,
  /** Tokens whose logits it raises and lowers most, straight through the residual stream. */
  promotes: v.array(PushedSchema),
  suppresses: v.array(PushedSchema),
  /** Tokens whose embeddings alone drive it most in either direction. */
  excitedBy: v.array(PushedSchema),
  inhibitedBy: v.array(PushedSchema),
  head: v.nullable(v.object({ layer: count, head: count })),
});
export type Card = v.InferOutput<typeof CardSchema>;

const AttentionSchema = v.object({
  layer: count,
  head: count,
  /** Heads there are. */
  layers: count,
  heads: count,
  /** Token index of the first row and column. */
  start: token,
  texts: v.array(text),
  /** Share that each row gives to each column up to itself, and to the sink, row by row. */
  rows: v.array(v.array(number)),
  sink: v.array(number),
  /** Row of the reader. */
  reader: count,
});
export type Attention = v.InferOutput<typeof AttentionSchema>;

const MatchSchema = v.object({
  layer: count,
  head: count,
  /** The token that reads, and the token that is read. */
  query: v.object({ token, text }),
  key: v.object({ token, text }),
  share: number,
  /** Score (nats), what the distance takes off, and the products that make the rest, largest first. */
  score: number,
  recency: number,
  parts: v.array(v.object({ channel: count, q: number, k: number, product: number })),
});
export type Match = v.InferOutput<typeof MatchSchema>;

const OutcomeSchema = v.object({ share: number, logprob: number });
const IsolationSchema = v.object({
  size: count,
  kind: text,
  place: text,
  target: text,
  model: OutcomeSchema,
  allBut: OutcomeSchema,
  allButRandom: OutcomeSchema,
  just: OutcomeSchema,
  justRandom: OutcomeSchema,
});
export type Isolation = v.InferOutput<typeof IsolationSchema>;

const EntrySchema = v.object({
  nodes: v.array(text),
  label: text,
  change: text,
  where: text,
  on: v.boolean(),
  /** Whether it acts in the document of the subject. */
  acts: v.boolean(),
  kind: v.nullable(KindSchema),
  place: PlaceSchema,
  /** Where it acts, or from where on; null for everywhere. */
  token: v.nullable(token),
});
export type Entry = v.InferOutput<typeof EntrySchema>;

const AblationsSchema = v.object({
  name: text,
  entries: v.array(EntrySchema),
  canUndo: v.boolean(),
  canRedo: v.boolean(),
});
/** The one set that the whole workspace shares. */
export type Ablations = v.InferOutput<typeof AblationsSchema>;

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

const PointSchema = v.object({ x: number, y: number });
const ViewportSchema = v.object({
  /** The prediction that was looked at. */
  subject: text,
  zoom: v.pipe(number, v.minValue(0.01)),
  pan: PointSchema,
});

const ViewStateSchema = v.object({
  mode: v.optional(ModeSchema, 'next'),
  pinned: v.optional(PinSchema, null),
  view: v.optional(v.picklist(['graph', 'table', 'attention']), 'graph'),
  /** Smallest effect (nats) that is shown, and how many nodes. */
  threshold: v.optional(number, 0),
  top: v.optional(count, 30),
  selected: v.optional(v.array(text), []),
  kind: v.optional(KindSchema, { kind: 'mean' }),
  place: v.optional(PlaceSchema, 'all'),
  head: v.optional(v.object({ layer: count, head: count }), { layer: 0, head: 0 }),
  /** Where people moved the picture; null while it fits by itself. */
  viewport: v.optional(v.nullable(ViewportSchema), null),
});
/** What outlives a reload. */
export type ViewState = v.InferOutput<typeof ViewStateSchema>;

/** A message from the extension; a string says why it is none. */
export function readToPanel(data: unknown): ToPanel | string {
  return read(ToPanelSchema, data);
}

/** A message from the panel; a string says why it is none. */
export function readToHost(data: unknown): ToHost | string {
  return read(ToHostSchema, data);
}

/** What was kept of a panel; the defaults for what cannot be read. */
export function readState(data: unknown): ViewState {
  const state = v.safeParse(ViewStateSchema, data ?? {});
  return state.success ? state.output : v.parse(ViewStateSchema, {});
}

function read<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T | string {
  const result = v.safeParse(schema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  // What was received is quoted, line breaks and all.
  return `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`.replace(/\s+/g, ' ');
}
