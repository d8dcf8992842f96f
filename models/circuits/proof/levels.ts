/**
 * Binarised activations: every node of a core takes one of two levels. They start at the best split of its
 * activations on some prompts; then levels and thresholds are trained together, with a sigmoid that becomes
 * steep. After Gao et al.
 * (arXiv 2511.13653), appendix on binarised features.
 */
import { Rng } from '../../random';
import type { LevelModel, Levels } from '../../inference/levelModel';
import type { Prompt } from '../../tasks/prompts';
import { FITTED, type Fitted } from '../../transformer/levelGraph';
import { lossOf, strictly } from '../search/calibration';
import type { NodeSet } from '../../transformer/nodeSet';
import { Adam } from '../search/adam';
import { Chunks } from '../search/chunks';
import { randomNodes } from './controls';
import type { Measurer } from './measurer';
import type { Measurement } from '../file/schema';

const STEPS = 100;
/** Pairs whose gradient a step takes. */
const CHUNK_PAIRS = 8;
/** Prompts on whose activations the split is made. */
const SPLIT_PROMPTS = 64;
const RATE = 0.02;
/** Slope of the sigmoid, in units of the spread of a node's activations, at the start and at the end. */
const SLOPES = [1, 30] as const;
/** Least spread of a node, so that the slope of a constant node is finite. */
const LEAST_SPREAD = 1e-6;

/** A node's two levels, the threshold between them, and the standard deviation of its activations. */
export interface Split {
  readonly low: number;
  readonly high: number;
  readonly threshold: number;
  readonly spread: number;
}

/** The split of some numbers into two parts with the least squared error about their means (Otsu). */
export function bestSplit(values: ArrayLike<number>): Split {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const sum = sorted.reduce((total, value) => total + value, 0);
  const mean = sum / n;
  const spread = Math.sqrt(sorted.reduce((total, value) => total + (value - mean) ** 2, 0) / n);
  let best = { low: mean, high: mean, threshold: sorted[0], gain: 0 };
  let below = 0;
  for (let i = 1; i < n; i++) {
    below += sorted[i - 1];
    if (sorted[i] === sorted[i - 1]) continue;
    const [low, high] = [below / i, (sum - below) / (n - i)];
    const gain = i * (n - i) * (high - low) ** 2;
    if (gain > best.gain) best = { low, high, threshold: (sorted[i - 1] + sorted[i]) / 2, gain };
  }
  const { low, high, threshold } = best;
  return { low, high, threshold, spread: Math.max(spread, LEAST_SPREAD) };
}

/** Levels of every node, and the spread of its activations [node]. */
interface Start {
  readonly levels: Levels;
  readonly spread: Float64Array;
}

async function splitAll(model: LevelModel, prompts: readonly Prompt[]): Promise<Start> {
  const splits = (await model.activations(prompts)).map(bestSplit);
  const all = (what: keyof Split) => Float64Array.from(splits, (split) => split[what]);
  const levels = { low: all('low'), high: all('high'), threshold: all('threshold') };
  return { levels, spread: all('spread') };
}

/** Levels after training, on prompts of which side a of pair i is at 2i and side b at 2i + 1. */
async function train(
  model: LevelModel,
  { levels: start, spread }: Start,
  prompts: readonly Prompt[],
  rng: Rng,
  onStep: (done: number) => void,
): Promise<Levels> {
  const { count } = model.nodes;
  const chunks = new Chunks(prompts, CHUNK_PAIRS, rng);
  // In units of the spread, for all three kinds of numbers one after the other.
  const moved = new Float64Array(FITTED.length * count);
  const adam = new Adam(moved.length);
  const levels = (): Levels => {
    const of = (what: Fitted) =>
      start[what].map((value, i) => value + spread[i] * moved[FITTED.indexOf(what) * count + i]);
    return { low: of('low'), high: of('high'), threshold: of('threshold') };
  };
  for (let step = 0; step < STEPS; step++) {
    const steep = SLOPES[0] * (SLOPES[1] / SLOPES[0]) ** (step / STEPS);
    const slope = spread.map((width) => steep / width);
    const found = await model.gradient(chunks.next(), levels(), slope);
    const gradient = new Float64Array(moved.length);
    FITTED.forEach((what, kind) => {
      found[what].forEach((value, i) => (gradient[kind * count + i] = value * spread[i]));
    });
    adam.update(moved, gradient, RATE * (1 - step / STEPS), 0);
    onStep((step + 1) / STEPS);
  }
  return levels();
}

/** Prompts that levels are fitted on, and prompts that decide whether training helped. */
interface Fitting {
  readonly masks: readonly Prompt[];
  readonly selection: readonly Prompt[];
}

/**
 * The core with every node at one of two levels, fitted on the prompts of the search. As a control the same
 * for as many random nodes, since three fitted numbers per node could learn the task by themselves.
 */
export async function twoLevels(
  measurer: Measurer,
  fitting: Fitting,
  onStep: (done: number) => void,
): Promise<Measurement[]> {
  const { core, degrees, seed } = measurer;
  const random = randomNodes(core, new Rng('levels of random nodes', seed), degrees);
  const own = await levelsOf(measurer, core, 'the core alone', fitting, (done) => {
    onStep(done / 2);
  });
  const others = await levelsOf(measurer, random, 'as many random nodes alone', fitting, (done) => {
    onStep(0.5 + done / 2);
  });
  return [
    { ...own.split, id: 'levels.split' },
    { ...own.trained, id: 'levels' },
    { ...others.trained, id: 'levels.random' },
  ];
}

/** Measures nodes at the levels of the split, and at the trained ones if these do better on the selection. */
async function levelsOf(
  measurer: Measurer,
  nodes: NodeSet,
  which: string,
  { masks, selection }: Fitting,
  onStep: (done: number) => void,
): Promise<Record<'split' | 'trained', Measurement>> {
  const { file, prompts, seed } = measurer;
  const model = measurer.openLevels(nodes, [...masks, ...selection, ...prompts]);
  try {
    const start = await splitAll(model, masks.slice(0, SPLIT_PROMPTS));
    const trained = await train(model, start, masks, new Rng('two levels', seed), onStep);
    const lossWith = async (levels: Levels) => {
      const signs = selection.map(({ sign }) => sign);
      const differences = await model.differences(selection, levels);
      return lossOf(differences, signs, strictly(differences, signs));
    };
    const better = (await lossWith(trained)) < (await lossWith(start.levels));
    const measured = async (how: string, levels: Levels) => {
      const of = { id: 'levels', what: `${which}, each at two levels${how}`, nodes: nodes.count };
      const differences = await model.differences(prompts, levels);
      return measurer.measurement({ ...of, ablation: file.ablation }, differences);
    };
    return {
      split: await measured('', start.levels),
      trained: await measured(' that were trained', better ? trained : start.levels),
    };
  } finally {
    await model.release();
  }
}
