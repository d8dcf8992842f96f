/** Which nodes at which tokens a prediction may hang on, to first order. */
import { isHeadSite, siteWidth } from '../transformer/config';
import { searchedSites, siteName, type NodeId } from '../transformer/nodes';
import type { Placed } from '../circuits/token/traced';
import type { Engine, WholePass } from '../inference/engine';
import { alters, changeOf, type Ablation, type Change } from '../inference/interventions';
import type { Prediction } from '../inference/slopes';

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

/** What is done to a channel of a site at a row of the window; null for nothing. */
export type ChangeAt = (site: string) => (row: number, index: number) => Change | null;

/** An ablation, at every row alike. */
export function everyRow({ means }: Pick<Engine, 'means'>, ablation: Ablation): ChangeAt {
  const changes = new Map(
    [...means].map(([site, own]) => [site, Array.from(own, (mean) => changeOf(ablation, mean))]),
  );
  return (site) => {
    const own = changes.get(site)!;
    return (_, index) => own[index];
  };
}

/** Estimates the effect of each node at each token of a prediction, and keeps the largest. */
export async function estimates(
  { config, model }: Engine,
  prediction: Prediction,
  pass: WholePass,
  changeAt: ChangeAt,
  limit: number,
): Promise<Estimates> {
  return await slopesOf(model, prediction, (slopes) => {
    const largest = new Largest(limit);
    let count = 0;
    for (const { layer, site, name } of searchedSites(config)) {
      if (isHeadSite(site)) continue; // No weight joins it to another node of a graph.
      const width = siteWidth(config, site);
      const [values, slope] = [pass.get(name)!, slopes.get(name)!];
      const changeHere = changeAt(name);
      for (let at = 0; at < prediction.tokens.length * width; at++) {
        if (slope[at] === 0) continue;
        const change = changeHere(Math.floor(at / width), at % width);
        if (!change || !alters(change, values[at])) continue;
        const { keep, add } = change;
        count++;
        const estimate = slope[at] * (values[at] * (keep - 1) + add);
        if (!largest.takes(estimate)) continue;
        const node = { layer, site, index: at % width };
        largest.add({ node, row: Math.floor(at / width), activation: values[at], estimate });
      }
    }
    return { largest: largest.sorted(), count };
  });
}

/**
 * Nodes by the magnitude of what ablating them may do to a prediction, largest first.
 * @param from first row at which each is ablated; the last is that of the prediction
 */
export async function rankNodes(
  { config, means, model }: Engine,
  prediction: Prediction,
  pass: WholePass,
  ablation: Ablation,
  nodes: readonly NodeId[],
  from: number,
): Promise<NodeId[]> {
  return await slopesOf(model, prediction, (slopes) => {
    const estimateOf = ({ layer, site, index }: NodeId) => {
      const name = siteName(layer, site);
      const width = siteWidth(config, site);
      const [values, slope] = [pass.get(name)!, slopes.get(name)!];
      const { keep, add } = changeOf(ablation, means.get(name)![index]);
      let estimate = 0;
      for (let row = from; row < prediction.tokens.length; row++) {
        const at = row * width + index;
        estimate += slope[at] * (values[at] * (keep - 1) + add);
      }
      return Math.abs(estimate);
    };
    const estimated = nodes.map((node) => ({ node, estimate: estimateOf(node) }));
    return estimated.sort((a, b) => b.estimate - a.estimate).map(({ node }) => node);
  });
}

/** Slopes of the model as it runs, with single weights changed where some are. */
async function slopesOf<T>(
  model: Engine['model'],
  prediction: Prediction,
  take: (slopes: ReadonlyMap<string, Float32Array>) => T,
): Promise<T> {
  return await (await model.slopes(prediction.edges.length > 0)).run(prediction, take);
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
