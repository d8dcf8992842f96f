/**
 * Is a circuit the only one? The same search with many seeds, what their cores share, whether one is
 * found without what all share, and how many that share no node can be peeled off one after the other.
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
  /** Searches, whose seeds are that of the settings and the next ones; prompts are the same for all. */
  readonly seeds: number;
  /** Circuits that share no node are sought up to this number. */
  readonly peeled: number;
  /** File that keeps each search as it ends, and from which a run goes on; null for none. */
  readonly keep: string | null;
}

/** A core by its size. */
export interface CoreSize {
  readonly nodes: number;
  readonly edges: number;
}

/** What many searches came to. */
export interface Unique {
  readonly name: string;
  readonly seeds: number;
  /** Cores of the seeds that found one. */
  readonly cores: readonly CoreSize[];
  /** Nodes that two cores share, of those of either: mean over pairs of cores; null for fewer than two. */
  readonly jaccard: number | null;
  /** Nodes that every core has. */
  readonly common: readonly string[];
  /** The core that is found where they are forbidden; null where none is, or none are common. */
  readonly withoutCommon: CoreSize | null;
  /** Cores found one after the other, each with the nodes of those before forbidden. */
  readonly peeled: readonly CoreSize[];
  /** True where all that was asked for was found; false where the task broke before. */
  readonly peeledAll: boolean;
  /** A search was stopped by the clock, so that one more might have been found. */
  readonly stopped: boolean;
}

/** Searches again and again; throws as pruning does where there is nothing to find. */
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
  /** The core of a search, or null where it finds none. */
  const of = async (what: string, seed: number, forbidden: readonly string[]) => {
    const control = {
      ...model.control,
      pause: () => model.control.pause(),
      progress: (_: string, part: number) => {
        model.control.progress(what, (done + part) / (seeds + most + 1));
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
  const first = settings.seed;
  const found: NamedCore[] = [];
  for (let seed = first; seed < first + seeds; seed++) {
    const one = await of(`seed ${seed}`, seed, []);
    if (one) found.push(one);
  }
  const names = found.map(({ nodes }) => new Set(nodes));
  const common = [...(names[0] ?? [])].filter((node) => names.every((own) => own.has(node)));
  const without =
    common.length > 0 ? await of('without what all cores share', first, common) : null;
  const peeled: CoreSize[] = [];
  let gone: readonly string[] = [];
  let next = found.at(0) ?? null;
  while (next) {
    peeled.push(size(next));
    gone = [...gone, ...next.nodes];
    if (peeled.length >= most) break;
    next = await of(`circuit ${peeled.length + 1}`, first, gone);
  }
  const result = {
    ...{ name: source.name, seeds, cores: found.map(size), jaccard: meanJaccard(names), common },
    withoutCommon: without && size(without),
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
