/**
 * What the panel asks of the extension: one table that ties each request to its answer. Every request
 * has a number, and ends in an answer of its type, in an error, or in word that nobody needs it any more.
 * What a request does not know is refused, so that nothing is taken and then ignored.
 */
import * as v from 'valibot';
import { IsolationSchema } from './ablations';
import { AttentionSchema, MatchSchema } from './attention';
import { CardSchema } from './card';
import { LensSchema } from './lens';
import { WeightSchema } from './weight';
import { GroupChangeSchema } from './notes';
import { BridgeNodesSchema, SteeringControlsSchema, SteeringSchema } from './steering';
import {
  KindSchema,
  ModeSchema,
  PlaceSchema,
  VertexSchema,
  WaySchema,
  count,
  nodeName,
  text,
  token,
  vertices,
} from './values';

export const FORMATS = ['svg', 'png', 'html', 'circuit', 'interventions', 'markdown'] as const;
const FormatSchema = v.picklist(FORMATS);
export type Format = v.InferOutput<typeof FormatSchema>;

const nothing = v.strictObject({});
const done = v.null();
const HeadSchema = v.strictObject({ layer: count, head: count });

/** A request about the subject that is shown: void when that is another by the time it arrives. */
function about<A, T>(asks: v.GenericSchema<unknown, A>, tells: v.GenericSchema<unknown, T>) {
  return { asks, tells, about: true } as const;
}

/** A request that means the same whatever is shown. */
function always<A>(asks: v.GenericSchema<unknown, A>) {
  return { asks, tells: done as v.GenericSchema<unknown, null>, about: false } as const;
}

export const REQUESTS = {
  mode: always(v.strictObject({ mode: ModeSchema })),
  pin: always(v.strictObject({ on: v.boolean() })),
  /** How effects are to be measured. */
  measure: always(v.strictObject({ kind: KindSchema })),
  /** Token ids that are asked about; null for what the file has, and for no contrast. */
  target: about(v.strictObject({ id: v.nullable(count), contrast: v.nullable(count) }), done),
  /** Compares with a text that has another line up to the prediction; null for none. */
  compare: about(v.strictObject({ line: v.nullable(text) }), done),
  /** Compares with the text up to the token that the cursor is on. */
  compareCursor: about(nothing, done),
  /** Colors the editor by a node, or stops it. */
  color: always(v.strictObject({ node: v.nullable(nodeName) })),
  switch: always(v.strictObject({ index: count, on: v.boolean() })),
  remove: always(v.strictObject({ index: count })),
  clear: always(nothing),
  undo: always(nothing),
  redo: always(nothing),
  /** Leads on where there is nothing to show, or something failed. */
  way: always(v.strictObject({ way: WaySchema })),
  /** Another prompt of the circuit that is drawn; null for the file. */
  prompt: always(v.strictObject({ index: v.nullable(count) })),
  /** What to do with the circuit that is drawn. */
  drawn: always(
    v.strictObject({ act: v.picklist(['close', 'explain', 'necessary', 'sufficient', 'verify']) }),
  ),
  card: about(VertexSchema, CardSchema),
  /** Labels a node; an empty text takes its label away. */
  label: about(v.strictObject({ node: nodeName, text }), done),
  /** Puts nodes into a group, which may be new; an empty name takes them out of theirs. */
  group: about(v.strictObject({ vertices, name: text }), done),
  /** Changes a group; null gives it up, and its nodes stand alone again. */
  arrange: about(v.strictObject({ group: text, change: v.nullable(GroupChangeSchema) }), done),
  /** Pins nodes, or writes a note on them; an empty note takes it away. */
  mark: about(
    v.strictObject({ vertices, pinned: v.optional(v.boolean()), note: v.optional(text) }),
    done,
  ),
  /** Moves the editor to a token. */
  reveal: about(v.strictObject({ token: count }), done),
  /** Null keeps the nodes as they are in the model. */
  ablate: about(
    v.strictObject({ vertices, kind: v.nullable(KindSchema), place: PlaceSchema }),
    done,
  ),
  /** Puts what nodes do in the other text into this one, each at its token. */
  patch: about(v.strictObject({ vertices }), done),
  /** The weight through which one node reads another, at the token of the reader. */
  ablateWeight: about(
    v.strictObject({
      ...{ from: nodeName, to: nodeName, token },
      ...{ kind: v.nullable(KindSchema), place: PlaceSchema },
    }),
    done,
  ),
  isolate: about(
    v.strictObject({ vertices, kind: KindSchema, place: PlaceSchema }),
    IsolationSchema,
  ),
  attention: about(HeadSchema, AttentionSchema),
  /** What the residual stream after each layer would predict. */
  lens: about(nothing, LensSchema),
  /** Steers the dense model by a node, as the node is after another line up to the token. */
  steer: about(v.strictObject({ node: nodeName, line: text }), SteeringSchema),
  /** What random nodes and the dense model's own channels do in the node's place. */
  steerControls: about(v.strictObject({ node: nodeName, line: text }), SteeringControlsSchema),
  bridgeNodes: about(
    v.strictObject({
      ...{ line: text, measure: v.pipe(count, v.minValue(1), v.maxValue(2000)) },
      /** Nodes whose label names it; null for all. */
      concept: v.nullable(text),
    }),
    BridgeNodesSchema,
  ),
  /** Concepts that labels of the model's nodes name; none without labels. */
  concepts: about(nothing, v.array(text)),
  /** What the weight between two nodes does, taken out at a token and at every one. */
  weight: about(v.strictObject({ from: nodeName, to: nodeName, token }), WeightSchema),
  match: about(v.strictObject({ ...HeadSchema.entries, key: token }), MatchSchema),
  /** Content is text, for a PNG in base64; the extension has it itself for circuit and interventions. */
  export: about(
    v.strictObject({ format: FormatSchema, content: v.pipe(v.string(), v.maxLength(50_000_000)) }),
    done,
  ),
};

type Table = typeof REQUESTS;
/** Names of the requests. */
export type What = keyof Table;
/** Whether a request only reads something of the subject: of another nobody needs its answer. */
export function reads(what: What): boolean {
  const { about: isAbout, tells }: { about: boolean; tells: unknown } = REQUESTS[what];
  return isAbout && tells !== done;
}
/** What a request says, and what its answer says. */
export type Asks<W extends What> = v.InferOutput<Table[W]['asks']>;
export type Tells<W extends What> = v.InferOutput<Table[W]['tells']>;

/** A request; `seq` is the subject that the page shows. */
export type Ask = {
  [W in What]: {
    readonly type: 'ask';
    readonly id: number;
    readonly seq: number;
    readonly what: W;
    readonly asks: Asks<W>;
  };
}[What];

/** The end of a request. */
export type Answer =
  | {
      [W in What]: {
        readonly type: 'answer';
        readonly id: number;
        readonly what: W;
        readonly tells: Tells<W>;
      };
    }[What]
  /** One line that says what happened and what to do. */
  | { readonly type: 'failed'; readonly id: number; readonly what: What; readonly text: string }
  /** Another subject is shown, or a newer request of its kind came: nobody waits for the answer. */
  | { readonly type: 'void'; readonly id: number; readonly what: What };

const whats = Object.keys(REQUESTS) as [What, ...What[]];
const WhatSchema = v.picklist(whats);
export const AskSchema = v.object({
  type: v.literal('ask'),
  id: count,
  seq: count,
  what: WhatSchema,
  asks: v.unknown(),
});
export const AnswerSchemas = [
  v.object({ type: v.literal('answer'), id: count, what: WhatSchema, tells: v.unknown() }),
  v.object({ type: v.literal('failed'), id: count, what: WhatSchema, text }),
  v.object({ type: v.literal('void'), id: count, what: WhatSchema }),
] as const;
