/**
 * The transformer with a few nodes open, each at one of two levels: `high` where its activation reaches a
 * threshold, else `low`. To fit the levels a soft step stands for it, which becomes steeper and steeper:
 * Gao et al. (arXiv 2511.13653), appendix on binarised features. All other nodes are closed.
 */
import { gradients } from '../graph/gradient';
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { answerDifference, calibratedLoss, DIFFERENCE, MASK_LOSS } from './maskGraph';
import { type MaskedModel } from './narrowing';

/** What is fitted of every node. */
export const FITTED = ['low', 'high', 'threshold'] as const;
export type Fitted = (typeof FITTED)[number];

/** Names of inputs and outputs of a site, [node] each; `slope`: of the soft step, in 1 / activation. */
export const levelInput = (what: Fitted | 'slope', site: string) => `${what}.${site}`;
export const levelGradient = (what: Fitted, site: string) => `gradient.${what}.${site}`;
export const watchedOutput = (site: string) => `node.${site}`;

/** Forward graph of the open nodes as they are, with the activations [batch, pos, node] of each site. */
export function watchedGraph(model: MaskedModel): Record<string, Value> {
  const watched: Record<string, Value> = {};
  const replace = (site: string, activations: Value) => {
    watched[watchedOutput(site)] = activations;
    return activations;
  };
  const difference = answerDifference(model, new Map(), 'batch', 'pos', { replace });
  return { ...watched, [DIFFERENCE]: ops.reshape(difference, ['batch']) };
}

/** Forward graph with two levels a node. Inputs as those of a mask graph but gates, and the levels. */
export function levelGraph(model: MaskedModel): Record<string, Value> {
  const replace = (site: string, activations: Value) => {
    const { low, high, threshold } = levelsOf(site, activations);
    return ops.where(ops.greaterEqual(activations, threshold), high, low);
  };
  const difference = answerDifference(model, new Map(), 'batch', 'pos', { replace });
  return { [DIFFERENCE]: ops.reshape(difference, ['batch']) };
}

/** The loss with soft steps and its gradient by the levels and thresholds, for fixed sizes. */
export function levelGradientGraph(
  model: MaskedModel,
  batch: number,
  pos: number,
): Record<string, Value> {
  const fitted = new Map<string, Value>();
  const replace = (site: string, activations: Value) => {
    const levels = levelsOf(site, activations);
    for (const what of FITTED) fitted.set(levelGradient(what, site), levels[what]);
    const slope = ops.input(levelInput('slope', site), levels.low.shape);
    const distance = ops.mul(ops.sub(activations, levels.threshold), slope);
    const share = ops.mul(ops.add(ops.erf(distance), 1), 0.5);
    return ops.add(levels.low, ops.mul(share, ops.sub(levels.high, levels.low)));
  };
  const way = { differentiable: true, replace };
  const difference = answerDifference(model, new Map(), batch, pos, way);
  const loss = calibratedLoss(difference, batch);
  const slopes = gradients(loss, [...fitted.values()]);
  return {
    [DIFFERENCE]: ops.reshape(difference, [batch]),
    [MASK_LOSS]: loss,
    ...Object.fromEntries([...fitted.keys()].map((name, i) => [name, slopes[i]])),
  };
}

function levelsOf(site: string, activations: Value): Readonly<Record<Fitted, Value>> {
  const input = (what: Fitted) => ops.input(levelInput(what, site), [activations.shape[2]]);
  return { low: input('low'), high: input('high'), threshold: input('threshold') };
}
