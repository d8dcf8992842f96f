/** Results for every token of a text, window by window, so that memory does not grow with it. */
import { siteWidth } from '../transformer/config';
import { parseNode, siteName, type NodeId } from '../transformer/nodes';
import type { Encoding } from '../tokenizer/tokenizer';
import type { Control, Engine } from './engine';
import { compileInterventions, type Intervention } from './interventions';
import { LOGPROBS } from './model';
import type { TextTokens, TokenRange } from './textTokens';
import type { Window } from './windows';

export interface ScanRequest {
  readonly text: string;
  /** Tokens wanted; the whole text when absent. */
  readonly range?: TokenRange;
  readonly interventions: readonly Intervention[];
}

/** How well each token of a text is predicted. */
export interface Surprisal {
  /** Tokens of the range, [pos]. */
  readonly tokens: Encoding;
  /** Negative log-probability (nats) of each token, predicted from those before it, [pos]. */
  readonly surprisal: Float32Array;
  /** The same by the bigram table alone, [pos]; null when the model has no table. */
  readonly bigram: Float32Array | null;
}

export interface ActivationsRequest extends ScanRequest {
  /** Node names. */
  readonly nodes: readonly string[];
}

/** Some nodes along a text. */
export interface Activations {
  /** Tokens of the range, [pos]. */
  readonly tokens: Encoding;
  /** [node, pos] in the order of the names asked for. */
  readonly values: Float32Array;
}

/**
 * Surprisal of every token. The prediction of a token belongs to the token before it and comes from
 * the window that owns that one, so that it is the prediction that a trace shows there.
 */
export async function surprisal(
  engine: Engine,
  request: ScanRequest,
  control: Control,
): Promise<Surprisal> {
  const tokens = engine.tokensOf(request.text);
  const range = wantedRange(request, tokens);
  const { vocab } = engine.config;
  const result = new Float32Array(range.end - range.start);
  const readers = { start: range.start - 1, end: range.end - 1 };
  await eachWindow(engine, request, tokens, readers, control, [LOGPROBS], (own, results) => {
    const logprobs = results.get(LOGPROBS)!;
    for (let reader = own.start; reader < own.end; reader++) {
      const next = tokens.id(reader + 1);
      result[reader + 1 - range.start] = -logprobs[(reader - own.start) * vocab + next];
    }
  });
  const bigram = engine.bigram && bigramSurprisal(engine.bigram, vocab, tokens, range);
  return { tokens: tokens.slice(range), surprisal: result, bigram };
}

/** Activations of some nodes at every token, each from the window that owns the token. */
export async function activations(
  engine: Engine,
  request: ActivationsRequest,
  control: Control,
): Promise<Activations> {
  const { config } = engine;
  const nodes = request.nodes.map((name) => parseNode(name, config));
  const siteOf = ({ layer, site }: NodeId) => siteName(layer, site);
  const tokens = engine.tokensOf(request.text);
  const range = wantedRange(request, tokens);
  const length = range.end - range.start;
  const values = new Float32Array(nodes.length * length);
  const outputs = [...new Set(nodes.map(siteOf))];
  await eachWindow(engine, request, tokens, range, control, outputs, (own, results, window) => {
    nodes.forEach((node, i) => {
      const data = results.get(siteOf(node))!;
      const width = siteWidth(config, node.site);
      for (let p = own.start; p < own.end; p++) {
        values[i * length + p - range.start] = data[(p - window.start) * width + node.index];
      }
    });
  });
  return { tokens: tokens.slice(range), values };
}

function wantedRange({ range }: ScanRequest, tokens: TextTokens): TokenRange {
  const { start, end } = range ?? { start: 0, end: tokens.count };
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start) {
    throw new Error(`tokens ${start} to ${end} are no range; give whole numbers, start first`);
  }
  if (end > tokens.count) {
    throw new Error(`tokens up to ${end} are not in the text; it has ${tokens.count}`);
  }
  return { start, end };
}

/**
 * Runs the windows that own a range and hands each one's results to `use`, with the tokens that it
 * owns within the range; log-probabilities are read at just those.
 */
async function eachWindow(
  engine: Engine,
  { interventions }: ScanRequest,
  tokens: TextTokens,
  range: TokenRange,
  control: Control,
  outputs: readonly string[],
  use: (own: TokenRange, results: Map<string, Float32Array>, window: Window) => void,
): Promise<void> {
  const windows = tokens.windows(range);
  for (const [done, window] of windows.entries()) {
    await control.pause();
    const own = {
      start: Math.max(window.ownStart, range.start),
      end: Math.min(window.end, range.end),
    };
    const results = await engine.model.run({
      batch: 1,
      tokens: tokens.ids(window),
      read: Int32Array.from(
        { length: own.end - own.start },
        (_, i) => own.start - window.start + i,
      ),
      edits: compileInterventions(interventions, engine, window),
      outputs,
    });
    use(own, results, window);
    control.progress(done + 1, windows.length);
  }
}

/** Surprisal (nats) of each token of a range by the table's rows, normalised, [pos]. */
function bigramSurprisal(
  table: Float32Array,
  vocab: number,
  tokens: TextTokens,
  range: TokenRange,
): Float32Array {
  const logNorms = new Map<number, number>();
  const logNorm = (last: number) => {
    let norm = logNorms.get(last);
    if (norm === undefined) {
      const row = table.subarray(last * vocab, (last + 1) * vocab);
      const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
      norm = top + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
      logNorms.set(last, norm);
    }
    return norm;
  };
  return Float32Array.from({ length: range.end - range.start }, (_, i) => {
    const last = tokens.id(range.start + i - 1);
    return logNorm(last) - table[last * vocab + tokens.id(range.start + i)];
  });
}
