/** What the nodes of a circuit do on pairs of prompts: activations of every site, side by side. */
import type { Sites } from '../../circuits/token/attention';
import type { Model } from '../../inference/model';
import type { Prompt } from '../../tasks/prompts';
import type { TransformerConfig } from '../../transformer/config';
import { allSites } from '../../transformer/nodes';

/** One prompt with every activation of the whole model, nothing ablated. */
export interface PromptReading {
  readonly prompt: Prompt;
  /** [pos, node] by site name. */
  readonly sites: Sites;
}

/** Both sides of a pair. */
export type PairReading = readonly [PromptReading, PromptReading];

const BATCH = 16;

/** Runs the prompts of pairs, sides a and b after one another. */
export async function readPairs(
  model: Pick<Model, 'run'>,
  config: TransformerConfig,
  prompts: readonly Prompt[],
  pause: (done: number) => Promise<void>,
): Promise<PairReading[]> {
  const readings: PromptReading[] = [];
  const outputs = allSites(config).map(({ name }) => name);
  for (let from = 0; from < prompts.length; from += BATCH) {
    const part = prompts.slice(from, from + BATCH);
    const length = Math.max(...part.map(({ tokens }) => tokens.length));
    const tokens = new Int32Array(part.length * length);
    // Padded at the end, where no earlier position sees it.
    part.forEach((prompt, row) => {
      tokens.set(prompt.tokens, row * length);
    });
    const read = Int32Array.of(0);
    const found = await model.run({ batch: part.length, tokens, read, edits: new Map(), outputs });
    part.forEach((prompt, row) => {
      const own = [...found].map(([name, data]) => {
        const size = data.length / part.length;
        const width = size / length;
        const start = row * size;
        return [name, data.slice(start, start + prompt.tokens.length * width)] as const;
      });
      readings.push({ prompt, sites: new Map(own) });
    });
    await pause(readings.length);
  }
  return Array.from({ length: readings.length / 2 }, (_, i): PairReading => {
    return [readings[2 * i], readings[2 * i + 1]];
  });
}

/** Where a node differs most between the sides of its pairs, and how. */
export interface Contrast {
  /** Mean activation there in the prompts of side a and of side b. */
  readonly a: number;
  readonly b: number;
  /** The commonest tokens there, ids of side a and side b, and in how many pairs. */
  readonly tokens: { readonly a: number; readonly b: number; readonly pairs: number };
  /** In how many pairs it is the last token. */
  readonly last: number;
}

/** Reads a node at the token of each pair where its sides differ most; where none does, at the last. */
export function contrastOf(
  pairs: readonly PairReading[],
  site: string,
  index: number,
  width: number,
): Contrast {
  let [a, b, last] = [0, 0, 0];
  const tokens = new Map<string, number>();
  for (const [left, right] of pairs) {
    const value = ({ sites }: PromptReading, row: number) => sites.get(site)![row * width + index];
    const length = Math.min(left.prompt.tokens.length, right.prompt.tokens.length);
    let best = length - 1;
    const gap = (row: number) => Math.abs(value(left, row) - value(right, row));
    for (let row = length - 1; row >= 0; row--) if (gap(row) > gap(best)) best = row;
    a += value(left, best) / pairs.length;
    b += value(right, best) / pairs.length;
    if (best === length - 1) last++;
    const key = `${left.prompt.tokens[best]} ${right.prompt.tokens[best]}`;
    tokens.set(key, (tokens.get(key) ?? 0) + 1);
  }
  const [[key, count]] = [...tokens].sort((one, other) => other[1] - one[1]);
  const [first, second] = key.split(' ').map(Number);
  return { a, b, tokens: { a: first, b: second, pairs: count }, last };
}
