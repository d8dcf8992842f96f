/** Which nodes at which tokens a prediction may hang on, to first order. */
import { siteWidth } from '../transformer/config';
import { searchedSites, type NodeId } from '../transformer/nodes';
import type { Placed } from '../circuits/token/assemble';
import type { Engine } from './engine';
import { alters, changeOf, type Ablation } from './interventions';
import type { Prediction } from './slopes';
import type { WholePass } from './wholePass';

/** A node at a row of the window, and what ablating it may do. */
export interface Estimate extends Placed {
  readonly node: NodeId;
  readonly activation: number;
  /** Derivative × change of the activation (nats). */
  readonly estimate: number;
}

export interface Estimates {
  /** The largest, largest first. */
  readonly largest: readonly Estimate[];
  /** Nodes at tokens that the ablation changes and the prediction depends on. */
  readonly count: number;
}

/**
 * Estimates the effect of each node at each token of a prediction, and keeps the largest.
 * @param from first row whose nodes count
 */
export async function estimates(
  { config, means, model }: Engine,
  prediction: Prediction,
  pass: WholePass,
  ablation: Ablation,
  limit: number,
  from = 0,
): Promise<Estimates> {
  const slopes = await (await model.slopes()).run(prediction);
  const largest = new Largest(limit);
  let count = 0;
  for (const { layer, site, name } of searchedSites(config)) {
    const width = siteWidth(config, site);
    const [values, slope] = [pass.get(name)!, slopes.get(name)!];
    const changes = Array.from(means.get(name)!, (mean) => changeOf(ablation, mean));
    for (let at = from * width; at < prediction.tokens.length * width; at++) {
      const { keep, add } = changes[at % width];
      if (slope[at] === 0 || !alters(changes[at % width], values[at])) continue;
      count++;
      const estimate = slope[at] * (values[at] * (keep - 1) + add);
      if (!largest.takes(estimate)) continue;
      const node = { layer, site, index: at % width };
      largest.add({ node, row: Math.floor(at / width), activation: values[at], estimate });
    }
  }
  return { largest: largest.sorted(), count };
}

/** The estimates of largest magnitude among many. */
class Largest {
  private kept: Estimate[] = [];
  private floor = 0;

  constructor(private readonly limit: number) {}

  takes(estimate: number): boolean {
    return Math.abs(estimate) > this.floor;
  }

  add(estimate: Estimate): void {
    this.kept.push(estimate);
    if (this.kept.length < 4 * this.limit + 64) return;
    this.kept = this.sorted();
    this.floor = Math.abs(this.kept.at(-1)?.estimate ?? Infinity);
  }

  sorted(): Estimate[] {
    const order = this.kept.toSorted((a, b) => Math.abs(b.estimate) - Math.abs(a.estimate));
    return order.slice(0, this.limit);
  }
}
