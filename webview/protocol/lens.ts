/** The logit lens: what the residual stream after each layer would predict. */
import * as v from 'valibot';
import { AblationCountSchema, count, number, text } from './values';

export const LensSchema = v.object({
  /** The token whose rank is told. */
  target: text,
  /** Whether the bigram table is part of every row, as it is of the prediction. */
  bigram: v.boolean(),
  inForce: AblationCountSchema,
  rows: v.array(
    v.object({
      /** Layers that have written to the stream: 0 for the embedding alone. */
      layers: count,
      /** The likeliest token, and its probability. */
      top: text,
      topShare: number,
      /** Probability of the target, and its rank, 1 for the likeliest. */
      share: number,
      rank: count,
    }),
  ),
});
export type Lens = v.InferOutput<typeof LensSchema>;
