/** Results for every token of a text, window by window, so that memory does not grow with it. */
import { siteWidth } from '../transformer/config';
import { parseNode, siteName, type NodeId } from '../transformer/nodes';
import type { Encoding } from '../tokenizer/tokenizer';
import type { Control, Engine } from '../inference/engine';
import { compileEdges } from '../inference/edgeEdits';
import { compileInterventions, type Intervention } from '../inference/interventions';
import { LOGPROBS } from '../transformer/graphs';
import type { TextTokens, TokenRange } from '../inference/textTokens';
import { windowKey } from '../inference/windowCache';
import type { Window } from '../inference/windows';

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
  /** How many tokens are likelier than each, [pos]: 0 for one that is predicted. */
  readonly ranks: Uint16Array;
  /** Id of the token that is likeliest in each one's place, [pos]. */
  readonly likeliest: Uint16Array;
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
  /** Mean of each over the training data, [node]. */
  readonly means: Float32Array;
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
  const length = range.end - range.start;
  const result = new Float32Array(length);
  const [ranks, likeliest] = [new Uint16Array(length), new Uint16Array(length)];
  const readers = { start: range.start - 1, end: range.end - 1 };
  const scan: Scan = {
    key: 'surprisal',
    outputs: [LOGPROBS],
    pick: (own, results) => {
      const logprobs = results.get(LOGPROBS)!;
      const rows = Array.from({ length: own.end - own.start }, (_, i) =>
        place(logprobs.subarray(i * vocab, (i + 1) * vocab), tokens.id(own.start + i + 1)),
      );
      return Float32Array.from([0, 1, 2].flatMap((part) => rows.map((row) => row[part])));
    },
    use: (own, numbers) => {
      const [at, count] = [own.start + 1 - range.start, own.end - own.start];
      result.set(numbers.subarray(0, count), at);
      ranks.set(numbers.subarray(count, 2 * count), at);
      likeliest.set(numbers.subarray(2 * count), at);
    },
  };
  await scanWindows(engine, request, tokens, readers, control, scan);
  const bigram = engine.bigram && bigramSurprisal(engine.bigram, vocab, tokens, range);
  return { tokens: tokens.slice(range), surprisal: result, ranks, likeliest, bigram };
}

/** A token among log-probabilities [vocab]: its surprisal (nats), its rank, and the likeliest token. */
function place(logprobs: Float32Array, id: number): [number, number, number] {
  let [rank, likeliest] = [0, 0];
  for (let other = 0; other < logprobs.length; other++) {
    if (logprobs[other] > logprobs[id]) rank++;
    if (logprobs[other] > logprobs[likeliest]) likeliest = other;
  }
  return [-logprobs[id], rank, likeliest];
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
  const scan: Scan = {
    key: request.nodes.join(),
    outputs: [...new Set(nodes.map(siteOf))],
    pick: (own, results, window) => {
      const rows = nodes.map((node) => {
        const data = results.get(siteOf(node))!;
        const width = siteWidth(config, node.site);
        const at = (i: number) => (own.start - window.start + i) * width + node.index;
        return Array.from({ length: own.end - own.start }, (_, i) => data[at(i)]);
      });
      return Float32Array.from(rows.flat());
    },
    use: (own, numbers) => {
      const count = own.end - own.start;
      nodes.forEach((_, i) => {
        const row = numbers.subarray(i * count, (i + 1) * count);
        values.set(row, i * length + own.start - range.start);
      });
    },
  };
  await scanWindows(engine, request, tokens, range, control, scan);
  const means = Float32Array.from(nodes, (node) => engine.means.get(siteOf(node))![node.index]);
  return { tokens: tokens.slice(range), values, means };
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

/** What is wanted of every window. */
interface Scan {
  /** Tells the scan's numbers from those of other scans. */
  readonly key: string;
  readonly outputs: readonly string[];
  /** The numbers to keep of a window's results, for the tokens that it owns within the range. */
  pick(own: TokenRange, results: Map<string, Float32Array>, window: Window): Float32Array;
  use(own: TokenRange, numbers: Float32Array): void;
}

/**
 * Runs the windows that own a range, but for those whose numbers are still known. A window reads
 * log-probabilities at just the tokens that it owns within the range.
 */
async function scanWindows(
  engine: Engine,
  { interventions }: ScanRequest,
  tokens: TextTokens,
  range: TokenRange,
  control: Control,
  { key, outputs, pick, use }: Scan,
): Promise<void> {
  const windows = tokens.windows(range);
  for (const [done, window] of windows.entries()) {
    await control.pause();
    const { start, end } = window;
    const own = { start: Math.max(window.ownStart, range.start), end: Math.min(end, range.end) };
    const read = Int32Array.from({ length: own.end - own.start }, (_, i) => own.start - start + i);
    const run = async () => {
      const edits = compileInterventions(interventions, engine, window);
      const edges = compileEdges(interventions, engine, window);
      const pass = { batch: 1, tokens: tokens.ids(window), read, edits, edges, outputs };
      return pick(own, await engine.model.run(pass), window);
    };
    // The token after the window counts too: it is the one that the last prediction is about.
    const seen = tokens.ids({ start, end: Math.min(end + 1, tokens.count) });
    use(own, await engine.windows.get(key + windowKey(interventions, start, seen, read), run));
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
