/**
 * Interchange intervention: the whole model runs on one prompt of a pair with the activations of some nodes
 * taken from the other prompt. If these nodes carry the cause, the answer changes to that of the other.
 */
import { Rng } from '../../random';
import { neutralEdit, type SiteEdit } from '../../inference/interventions';
import { Model } from '../../inference/model';
import { Sessions } from '../../engines/sessions';
import type { Prompt } from '../../tasks/prompts';
import { LOGPROBS } from '../../transformer/graphs';
import { allSites } from '../../transformer/nodes';
import { accuracyOf, lossOf, pairOrder, strictly } from '../search/calibration';
import type { CircuitModel } from '../search/model';
import type { NodeSet } from '../../transformer/nodeSet';
import type { Measured } from './measurer';
import type { Measurement } from '../file/schema';

/** A set whose activations are swapped, and the name of its measurement. */
export interface SwappedSet {
  readonly of: Omit<Measured, 'nodes' | 'ablation'>;
  readonly nodes: NodeSet;
}

type Activations = ReadonlyMap<string, Float32Array>;

/**
 * Swaps each set's activations between the sides of every pair. Positions correspond counted from the
 * end; where one prompt is longer, its first ones stay as they are.
 * @returns for each set a measurement against the other side's answer: its accuracy is the share of
 * prompts that follow, its share how far the logit difference moves, 1 being all the way
 */
export async function interchange(
  bundle: CircuitModel,
  sets: readonly SwappedSet[],
  prompts: readonly Prompt[],
  seed: number,
  onPair: (done: number) => void,
): Promise<Measurement[]> {
  const { config, weights } = bundle.bundle;
  const model = await Model.load(
    config,
    weights,
    Sessions.fitting(weights, bundle.control.machines),
  );
  const names = allSites(config).map(({ name }) => name);
  const own = new Float64Array(prompts.length);
  const swapped = sets.map(() => new Float64Array(prompts.length));
  try {
    for (let pair = 0; pair < prompts.length; pair += 2) {
      const sides = [prompts[pair], prompts[pair + 1]];
      const sites: Activations[] = [];
      for (const [i, side] of sides.entries()) {
        await bundle.control.pause();
        const found = await run(model, side, new Map(), names);
        own[pair + i] = found.difference;
        sites.push(found.sites);
      }
      for (const [set, { nodes }] of sets.entries()) {
        for (const [i, side] of sides.entries()) {
          await bundle.control.pause();
          const other = { length: sides[1 - i].tokens.length, sites: sites[1 - i] };
          const edits = editsFrom(nodes, side.tokens.length, other);
          swapped[set][pair + i] = (await run(model, side, edits, [])).difference;
        }
      }
      onPair((pair + 2) / prompts.length);
    }
  } finally {
    await model.release();
  }
  const asked = prompts.map(({ sign }) => -sign);
  return sets.map(({ of, nodes }, set) => {
    const found = swapped[set];
    const { scale, shift } = strictly(found, asked);
    const calibration = { rule: 'strict', scale, shift } as const;
    let [moved, whole] = [0, 0];
    for (let i = 0; i < prompts.length; i++) {
      moved += prompts[i].sign * (own[i] - found[i]);
      whole += prompts[i].sign * (own[i] - own[i ^ 1]);
    }
    const { id, what, sets: count } = of;
    return {
      ...{ id, what, nodes: nodes.count, ablation: 'swap', calibration },
      loss: lossOf(found, asked, calibration),
      accuracy: accuracyOf(found, asked),
      order: 1 - pairOrder(found),
      share: moved / whole,
      ...{ pairs: prompts.length / 2, seed },
      ...(count !== undefined && { sets: count }),
    };
  });
}

/** A pass: activations of some sites [pos, node], and the first answer's logit less the second's. */
export async function run(
  model: Model,
  { tokens, first, second }: Prompt,
  edits: Map<string, SiteEdit>,
  names: readonly string[],
) {
  const found = await model.run({
    ...{ batch: 1, tokens, edits },
    read: Int32Array.of(tokens.length - 1),
    outputs: [...names, LOGPROBS],
  });
  const logprobs = found.get(LOGPROBS)!;
  return { sites: found, difference: logprobs[first] - logprobs[second] };
}

/** Edits that put another text's activations of some nodes at the positions from the end. */
export function editsFrom(
  nodes: NodeSet,
  length: number,
  other: { readonly length: number; readonly sites: Activations },
): Map<string, SiteEdit> {
  const common = Math.min(length, other.length);
  return new Map(
    nodes.sites.map(({ site, indices }) => {
      const values = other.sites.get(site)!;
      const width = values.length / other.length;
      const edit = neutralEdit(1, length, width);
      for (let back = 1; back <= common; back++) {
        for (const node of indices) {
          const at = (length - back) * width + node;
          edit.keep[at] = 0;
          edit.add[at] = values[(other.length - back) * width + node];
        }
      }
      return [site, edit];
    }),
  );
}

/** Random halves, quarters and so on of a set, each within the one before, from few nodes to all. */
export function growingSets(nodes: NodeSet, shares: readonly number[], rng: Rng): NodeSet[] {
  const ranks = new Int32Array(nodes.count);
  rng.shuffle([...ranks.keys()]).forEach((place, rank) => (ranks[place] = rank));
  return shares.map((share) => nodes.filter((place) => ranks[place] < share * nodes.count));
}
