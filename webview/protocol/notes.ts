/** What people made of the nodes: groups that are drawn as one, pins and notes. */
import * as v from 'valibot';
import { text } from './values';

export const NotesSchema = v.object({
  groups: v.array(
    v.object({
      name: text,
      /** Drawn as one node. */
      collapsed: v.boolean(),
      /** Empty without one. */
      note: text,
    }),
  ),
  nodes: v.array(
    v.object({
      /** Of the graph. */
      id: text,
      /** Name of its group, empty for none. */
      group: text,
      /** Shown however small its effect. */
      pinned: v.boolean(),
      note: text,
    }),
  ),
});
export type Notes = v.InferOutput<typeof NotesSchema>;

/** What becomes of a group. */
export const GroupChangeSchema = v.object({
  collapsed: v.optional(v.boolean()),
  note: v.optional(text),
  /** Another name. */
  name: v.optional(text),
});
