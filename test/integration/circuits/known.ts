/** The known circuit in the shipped vocabulary, with pairs of prompts that it decides. */
import { Machines } from '../../../models/sparse/machines';
import { readFileSync } from 'node:fs';
import type { Bundle, BundleParts } from '../../../models/bundles/bundle';
import { CircuitModel, type Control } from '../../../models/circuits/search/model';
import { Rng } from '../../../models/random';
import { pairOf, type TaskPair } from '../../../models/tasks/task';
import type { PairPart, PairSource } from '../../../models/tasks/source';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { knownConfig, knownMeans, knownWeights } from '../../support/knownCircuit';

const TOKENIZER = new URL('../../../models/bundles/python-sparse/tokenizer.json', import.meta.url);
/** Text of the tokenizer's file. */
const tokenizerText = readFileSync(TOKENIZER, 'utf8');
const tokenizerJson: unknown = JSON.parse(tokenizerText);
const tokenizer = Tokenizer.fromJson(tokenizerJson);
const only = (text: string) => {
  const id = tokenizer.idOf(text);
  if (id === undefined) throw new Error(`'${text}' is not one token`);
  return id;
};

/** Runs without waiting for anybody. */
const quietly: Control = {
  machines: new Machines(1),
  progress: () => undefined,
  pause: () => Promise.resolve(),
  check: () => undefined,
};

/** Words of each part: no two parts share one. */
const NAMES: Record<PairPart, string[]> = {
  all: ['left', 'right', 'top', 'bottom', 'row', 'column', 'label', 'title'],
  masks: ['name', 'size', 'value', 'total', 'index', 'count', 'key', 'path'],
  selection: ['text', 'line', 'first', 'last', 'node', 'level', 'data', 'width'],
  proof: ['item', 'result', 'start', 'end', 'color', 'user', 'time', 'length'],
};

/** Pairs of the known circuit, by seed and part. */
export function knownTaskPairs(seed: number, count: number, part: PairPart): TaskPair[] {
  const rng = new Rng('known', seed, part);
  return Array.from({ length: Math.min(count, 500) }, () => {
    const words = () =>
      Array.from({ length: 1 + rng.int(3) }, () => rng.pick(NAMES[part])).join(', ');
    const [before, after] = [words(), words()];
    const prompt = (cause: string) => `x = [${before}, ${cause}, ${after}`;
    return pairOf([prompt('1'), ']'], [prompt('2'), ',']);
  });
}

/** `x = [value, 1` asks for `]`, `x = [value, 2` for `,`, at varying places. */
export const knownPairs: PairSource = {
  name: 'known',
  identity: { task: 'known' },
  description: null,
  pairs: (seed, count, part) =>
    knownTaskPairs(seed, count, part).map((pair, i) => ({ pair, where: `pair ${i + 1}` })),
};

const config = knownConfig(tokenizer.vocabSize);
export const knownBundle: Bundle = {
  ...{ dir: '', name: 'known', hash: 'c'.repeat(64), config, tokenizerJson, card: {} },
  weights: knownWeights(config, {
    causes: [only(' 1'), only(' 2')],
    answers: [only(']'), only(',')],
  }),
  means: knownMeans(config),
  examples: null,
  labels: null,
  bridges: null,
};

/** The same as `writeBundle` takes it. */
export const knownParts: BundleParts = {
  ...{ name: 'known', config, weights: knownBundle.weights, means: knownBundle.means },
  tokenizerJson: tokenizerText,
  card: { summary: 'A known circuit.' },
};

export const knownModel = new CircuitModel(knownBundle, quietly);
