/** What several messages speak of: numbers, texts, and where in a text something is done. */
import * as v from 'valibot';

export const number = v.pipe(v.number(), v.finite());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Token index in its document; -1 is the start of the text. */
export const token = v.pipe(v.number(), v.integer(), v.minValue(-1));
export const text = v.pipe(v.string(), v.maxLength(2000));
/** Whether the model has such a node only the extension knows; it asks before it does anything. */
export const nodeName = v.pipe(v.string(), v.regex(/^[\w.]{1,60}$/, 'is no node name'));

export const KindSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('mean') }),
  v.strictObject({ kind: v.literal('zero') }),
  v.strictObject({ kind: v.literal('value'), value: number }),
  v.strictObject({ kind: v.literal('scale'), scale: number }),
]);
/** What an ablation makes of an activation. */
export type Kind = v.InferOutput<typeof KindSchema>;

/** How many ablations are in force in a document, and of how many nodes. */
export const AblationCountSchema = v.object({ ablations: count, nodes: count });

/** Everywhere, at the node's own token, or from that on. */
export const PlaceSchema = v.picklist(['all', 'at', 'from']);
export type Place = v.InferOutput<typeof PlaceSchema>;

/** A node of the model at one token. */
export const VertexSchema = v.object({ node: nodeName, token });
export type Vertex = v.InferOutput<typeof VertexSchema>;
export const vertices = v.pipe(v.array(VertexSchema), v.minLength(1), v.maxLength(10_000));

/** What comes after the token under the cursor, or why that token itself. */
export const ModeSchema = v.picklist(['next', 'why']);
export type Mode = v.InferOutput<typeof ModeSchema>;

/** What leads on where there is nothing to show: the walkthrough, another model, or the same once more. */
export const WaySchema = v.picklist(['walkthrough', 'model', 'again']);
export type Way = v.InferOutput<typeof WaySchema>;

/** Where the panel is pinned to, as the extension anchors it; the page only keeps it. */
export const PinSchema = v.nullable(v.record(text, v.union([text, number, v.boolean()])));
export type Pin = v.InferOutput<typeof PinSchema>;
