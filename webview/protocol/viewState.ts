/** The part of the panel that people arranged. */
import * as v from 'valibot';
import { KindSchema, ModeSchema, PinSchema, PlaceSchema, count, number, text } from './values';

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
  /** Model that the selected nodes and the head are of. */
  model: v.optional(text, ''),
  view: v.optional(v.picklist(['graph', 'table', 'attention', 'lens', 'dense']), 'graph'),
  /** Smallest effect (nats) that is shown, and how many nodes. */
  threshold: v.optional(number, 0),
  top: v.optional(count, 30),
  /** Least share of the strongest edge of its kind that an edge needs to be shown. */
  strength: v.optional(v.pipe(number, v.minValue(0), v.maxValue(1)), 0.02),
  /** What stands beside or below the picture where there is room for one only. */
  tab: v.optional(v.picklist(['node', 'list']), 'node'),
  /** Which list that is. */
  list: v.optional(v.picklist(['ablations', 'groups']), 'ablations'),
  selected: v.optional(v.array(text), []),
  kind: v.optional(KindSchema, { kind: 'mean' }),
  /** As effects are measured, and as hovers ablate. */
  place: v.optional(PlaceSchema, 'at'),
  /** Null for the head that matters most. */
  head: v.optional(v.nullable(v.object({ layer: count, head: count })), null),
  /** Where people moved the picture; null while it fits by itself. */
  viewport: v.optional(v.nullable(ViewportSchema), null),
});
/** What outlives a reload. */
export type ViewState = v.InferOutput<typeof ViewStateSchema>;

/** What was kept of a panel; the defaults for what cannot be read. */
export function readState(data: unknown): ViewState {
  const state = v.safeParse(ViewStateSchema, data ?? {});
  return state.success ? state.output : v.parse(ViewStateSchema, {});
}
