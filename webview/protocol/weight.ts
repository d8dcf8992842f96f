/** What one weight does to the prediction. */
import * as v from 'valibot';
import { number } from './values';

export const WeightSchema = v.object({
  weight: number,
  /** Change of the target's log-probability (nats) without it, at the token and at every token. */
  here: number,
  everywhere: number,
});
export type Weight = v.InferOutput<typeof WeightSchema>;
