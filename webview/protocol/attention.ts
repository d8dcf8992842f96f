/** What one head reads, and what makes a score of it. */
import * as v from 'valibot';
import { count, number, text, token } from './values';

export const AttentionSchema = v.object({
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

export const MatchSchema = v.object({
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
