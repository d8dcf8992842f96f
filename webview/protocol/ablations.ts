/** The ablations of the workspace, and what nodes are worth alone and when they are missing. */
import * as v from 'valibot';
import { KindSchema, PlaceSchema, count, number, text, token } from './values';

const OutcomeSchema = v.object({ share: number, logprob: number });
export const IsolationSchema = v.object({
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
  /** The node that reads them, where only what it reads is changed: one weight; null for all. */
  into: v.nullable(text),
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

export const AblationsSchema = v.object({
  name: text,
  entries: v.array(EntrySchema),
  canUndo: v.boolean(),
  canRedo: v.boolean(),
});
/** The one set that the whole workspace shares. */
export type Ablations = v.InferOutput<typeof AblationsSchema>;
