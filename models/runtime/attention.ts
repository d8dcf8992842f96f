/** Attention patterns of a window, from what was traced. */
import { pattern, scoreOf, type Head } from '../circuits/token/attention';
import type { Engine } from '../inference/engine';
import { requireFinite } from '../engines/finite';
import type { Intervention } from '../inference/interventions';
import type { Position, TokenRange } from '../inference/textTokens';
import { wholePass } from '../inference/wholePass';

export interface AttentionRequest extends Head {
  readonly text: string;
  /** Token whose window is looked at. */
  readonly position: Position;
  readonly interventions: readonly Intervention[];
}

/** One head's attention over a window. */
export interface AttentionPattern {
  /** Hash of the bundle. */
  readonly bundle: string;
  readonly position: number;
  /** Tokens of the rows, and of the columns after the first. */
  readonly window: TokenRange;
  /** Shares [query, 1 + key]: column 0 is the sink's; a row sums to 1. */
  readonly pattern: Float32Array;
  /**
   * What makes the scores (nats) of each key up to the position for its query: products of each
   * channel [key, dHead], and what the distance takes off [key].
   */
  readonly products: Float32Array;
  readonly recency: Float32Array;
}

/**
 * The pattern of one head over the window that owns a token.
 * @throws when the model has no such head
 */
export async function attention(
  engine: Engine,
  request: AttentionRequest,
): Promise<AttentionPattern> {
  const { layer, head } = request;
  const { layers, heads, dHead } = engine.config;
  const exists = (value: number, count: number) =>
    Number.isInteger(value) && value >= 0 && value < count;
  if (!exists(layer, layers) || !exists(head, heads)) {
    throw new Error(
      `there is no head ${head} in layer ${layer}; give layers 0 to ${layers - 1}, heads 0 to ${heads - 1}`,
    );
  }
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const { start, end } = tokens.window(position);
  const sites = await wholePass(engine, tokens, { start, end }, request.interventions);
  const query = position - start;
  const products = new Float32Array((query + 1) * dHead);
  const recency = new Float32Array(query + 1);
  for (let key = 0; key <= query; key++) {
    const score = scoreOf(engine.edges, sites, { layer, head }, query, key);
    products.set(score.products, key * dHead);
    recency[key] = score.recency;
  }
  requireFinite('an attention score', products);
  return {
    ...{ bundle: engine.info.hash, position, window: { start, end } },
    ...{ pattern: pattern(engine.edges, sites, { layer, head }, end - start), products, recency },
  };
}
