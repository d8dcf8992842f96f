/**
 * Is a circuit the only one? Runs the same search with many seeds and compares their cores, searches with the
 * same seeds without the nodes that all of them share, and peels off cores that share no node one after the
 * other.
 */
import type { PairSource } from '../tasks/source';
import { preparedSearch, type FindOptions } from './findCircuit';
import { KeptSearches, type NamedCore } from './keptSearches';
import type { CircuitModel } from './search/model';
import { NodeSet } from '../transformer/nodeSet';
import { isWhole } from './search/outcome';
import { search } from './search/search';

export interface UniqueOptions {
  readonly find: FindOptions;
  /** Number of searches, with consecutive seeds from that of the settings; all have the same prompts. */
  readonly seeds: number;
  /** Most circuits to find that share no node. */
  readonly peeled: number;
  /** File that each search is saved in as it ends, and that a run resumes from; null for none. */
  readonly keep: string | null;
}

/** Size of a core. */
export interface CoreSize {
  readonly nodes: number;
  readonly edges: number;
}

/** Results of many searches. */
export interface Unique {
  readonly name: string;
  readonly seeds: number;
  /** Cores of the seeds that found one. */
  readonly cores: readonly CoreSize[];
  /** Mean Jaccard index of the nodes of two cores; null for fewer than two cores. */
  readonly jaccard: number | null;
  /** Nodes that every core has. */
  readonly common: readonly string[];
  /** The cores found with these nodes forbidden, by as many seeds; none where no node is common. */
  readonly withoutCommon: readonly CoreSize[];
  /**
   * Cores found one after the other, each with the nodes of the earlier ones forbidden, by the first seed that
   * finds one.
   */
  readonly peeled: readonly CoreSize[];
  /** Whether as many cores were found as were asked for; false when no seed found a further one. */
  readonly peeledAll: boolean;
  /** A search was stopped by its time limit, so another core might exist. */
  readonly stopped: boolean;
}

/** Runs the searches; throws like pruning when the task has no circuit to find. */
export async function unique(
  model: CircuitModel,
  source: PairSource,
  { find, seeds, peeled: most, keep }: UniqueOptions,
): Promise<Unique> {
  const { config, name, hash } = model.bundle;
  const { settings } = find;
  const kept = KeptSearches.open(keep, { bundle: { name, hash }, pairs: source.identity, find });
  const { searched, prompts, goal } = await preparedSearch(model, source, find);
  let [stopped, done] = [false, 0];
  /** The core of a search, or null when it finds none. */
  const coreOf = async (what: string, seed: number, forbidden: readonly string[]) => {
    const control = {
      ...model.control,
      pause: () => model.control.pause(),
      progress: (_: string, part: number) => {
        // Of the peeling, that each core is found by the first seed.
        model.control.progress(what, Math.min(1, (done + part) / (2 * seeds + most)));
      },
    };
    const barred = NodeSet.named(config, forbidden);
    const outcome = await kept.outcome(seed, barred, async () => {
      const options = { settings: { ...settings, seed }, goal, forbidden: barred };
      const { found, effort } = await search(searched, prompts, options, control);
      const core =
        found && !isWhole(found, config, barred)
          ? { nodes: found.core.names(), edges: found.edges.length }
          : null;
      return { core, stopped: effort.stopped };
    });
    stopped ||= outcome.stopped;
    done++;
    return outcome.core;
  };
  const all = Array.from({ length: seeds }, (_, i) => settings.seed + i);
  /** The cores of all seeds that find one. */
  const coresOf = async (what: (seed: number) => string, forbidden: readonly string[]) => {
    const cores: NamedCore[] = [];
    for (const seed of all) {
      const one = await coreOf(what(seed), seed, forbidden);
      if (one) cores.push(one);
    }
    return cores;
  };
  /** The core of the first seed that finds one. */
  const anyCoreOf = async (what: string, forbidden: readonly string[]) => {
    for (const seed of all) {
      const one = await coreOf(what, seed, forbidden);
      if (one) return one;
    }
    return null;
  };
  const found = await coresOf((seed) => `seed ${seed}`, []);
  const names = found.map(({ nodes }) => new Set(nodes));
  const common = [...(names[0] ?? [])].filter((node) => names.every((own) => own.has(node)));
  const without =
    common.length > 0 ? await coresOf(() => 'without what all cores share', common) : [];
  const peeled: CoreSize[] = [];
  let gone: readonly string[] = [];
  let next = found.at(0) ?? null;
  while (next) {
    peeled.push(size(next));
    gone = [...gone, ...next.nodes];
    if (peeled.length >= most) break;
    next = await anyCoreOf(`circuit ${peeled.length + 1}`, gone);
  }
  const result = {
    ...{ name: source.name, seeds, cores: found.map(size), jaccard: meanJaccard(names), common },
    withoutCommon: without.map(size),
    ...{ peeled, peeledAll: next !== null, stopped },
  };
  kept.finish(result);
  return result;
}

const size = ({ nodes, edges }: NamedCore): CoreSize => ({
  nodes: nodes.length,
  edges,
});

/** Mean over pairs of sets of the size of their intersection by that of their union. */
export function meanJaccard(sets: readonly ReadonlySet<string>[]): number | null {
  let [sum, pairs] = [0, 0];
  for (const [i, one] of sets.entries()) {
    for (const other of sets.slice(i + 1)) {
      const both = [...one].filter((node) => other.has(node)).length;
      sum += both / (one.size + other.size - both);
      pairs++;
    }
  }
  return pairs > 0 ? sum / pairs : null;
}
