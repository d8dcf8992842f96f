/** The trace of one token: what the model predicts after it, and which nodes are active there. */
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { activationSites, allSites } from '../transformer/nodes';
import type { Encoding } from '../tokenizer/tokenizer';
import type { Engine, WholePass } from './engine';
import type { Intervention } from './interventions';
import { LOGPROBS } from '../transformer/graphs';
import type { Position, TokenRange } from './textTokens';
import { rowOf, wholePass } from './wholePass';

export interface TraceRequest {
  readonly text: string;
  readonly position: Position;
  readonly interventions: readonly Intervention[];
  /** Also return every activation of the window. */
  readonly whole: boolean;
}

/** The active nodes of one site at one position. */
export interface SiteActivations {
  /** Site name, e.g. `2.mlp.post_act`. */
  readonly site: string;
  /** Index of each node whose activation is not zero, ascending, [node]. */
  readonly indices: Int32Array;
  /** [node] */
  readonly values: Float32Array;
}

export interface Trace {
  /** Hash of the bundle. */
  readonly bundle: string;
  /** Index of the token that was traced; -1 is the end-of-text before the text. */
  readonly position: number;
  /** The window that was run. */
  readonly window: TokenRange;
  /** The window's tokens without the end-of-text, [pos]. */
  readonly tokens: Encoding;
  /** Log-probabilities (nats) of the token after the traced one, [vocab]. */
  readonly logprobs: Float32Array;
  /** The token that really follows; null at the end of the text. */
  readonly next: number | null;
  /**
   * Log-probability (nats) of the token that follows each position of the window, the end-of-text
   * included, [pos]; NaN after the text's last token.
   */
  readonly nextLogprobs: Float32Array;
  /** Active nodes at the token, after the interventions, in the order of computation. */
  readonly sites: readonly SiteActivations[];
  /** Every activation of the window, [pos, node] by site name, when asked for. */
  readonly whole: ReadonlyMap<string, Float32Array> | null;
}

/** Reads one position of the window that owns it. */
export async function trace(engine: Engine, request: TraceRequest): Promise<Trace> {
  const { config, info } = engine;
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const { start, end } = tokens.window(position);
  const length = end - start;
  const pass = await wholePass(engine, tokens, { start, end }, request.interventions);
  const row = position - start;
  const logprobs = pass.get(LOGPROBS)!;
  const { vocab } = config;
  const nextLogprobs = Float32Array.from({ length }, (_, i) =>
    start + i + 1 < tokens.count ? logprobs[i * vocab + tokens.id(start + i + 1)] : NaN,
  );
  return {
    bundle: info.hash,
    position,
    window: { start, end },
    tokens: tokens.slice({ start, end }),
    logprobs: rowOf(pass, LOGPROBS, row, vocab).slice(),
    next: position + 1 < tokens.count ? tokens.id(position + 1) : null,
    nextLogprobs,
    sites: activeNodes(config, pass, row),
    whole: request.whole
      ? new Map(allSites(config).map(({ name }) => [name, pass.get(name)!.slice()]))
      : null,
  };
}

/**
 * Entries of every site's row [node] that are not zero. The sites share two buffers: to pass one on to
 * another thread costs as much as to copy thousands of numbers.
 */
function activeNodes(config: TransformerConfig, pass: WholePass, row: number): SiteActivations[] {
  const rows = activationSites(config).map(({ name, site }) => {
    return { site: name, activations: rowOf(pass, name, row, siteWidth(config, site)) };
  });
  const count = rows.reduce((sum, { activations }) => sum + nonzeros(activations), 0);
  const all = { indices: new Int32Array(count), values: new Float32Array(count) };
  let end = 0;
  return rows.map(({ site, activations }) => {
    const start = end;
    activations.forEach((value, index) => {
      if (value === 0) return;
      all.indices[end] = index;
      all.values[end++] = value;
    });
    const [indices, values] = [all.indices.subarray(start, end), all.values.subarray(start, end)];
    return { site, indices, values };
  });
}

function nonzeros(values: Float32Array): number {
  return values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
}
