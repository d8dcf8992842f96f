/** Prunes a bundle for a task and writes the result in the form of a circuit file. */
import type { Prompt } from '../tasks/prompts';
import type { PairsIdentity, PairSource } from '../tasks/source';
import { accuracyOf, lossOf, strictLoss, strictly } from './search/calibration';
import { edgesForFile, joinedBy, type Circuit } from './file/circuitFile';
import { answersOf, type AblationKind, type CircuitModel } from './search/model';
import { NodeSet } from '../transformer/nodeSet';
import { nodeName } from '../transformer/nodes';
import { breakRest, type Broken } from './search/breakRest';
import { fittingTasks } from './search/fittingTasks';
import { cautiousLoss } from './search/goal';
import {
  isWhole,
  UnsolvedError,
  type Effort,
  type Found,
  type SearchResult,
  type SearchSettings,
} from './search/outcome';
import { searchPrompts, type PairCounts } from './search/prompts';
import { search, type SearchModel, type SearchPrompts } from './search/search';

export interface FindOptions {
  readonly settings: SearchSettings;
  readonly ablation: AblationKind;
  /** Pairs to train masks on, and to select nodes on. */
  readonly pairs: PairCounts;
  /** An earlier circuit whose core is taken; its edges, backups and cut are searched again. */
  readonly nodesOf?: NodesOf | undefined;
}

/** The core of an earlier search. */
export interface NodesOf {
  readonly core: readonly string[];
  readonly search: NonNullable<Circuit['search']>;
  /** Searches for edges; the one that keeps the fewest counts. */
  readonly runs: number;
}

/** Pairs of each other task, which the cut should not affect. */
const OTHERS_PAIRS = 4;
/** Accuracy below which a task counts as not solved. */
const SOLVED = 0.9;

/**
 * Model, prompts and goal of a search.
 * @throws UnsolvedError when the model does not solve the task, or the task needs no circuit
 */
export async function preparedSearch(
  model: CircuitModel,
  source: PairSource,
  options: FindOptions,
): Promise<{
  readonly searched: SearchModel;
  readonly prompts: SearchPrompts;
  readonly full: number;
  readonly goal: number;
}> {
  const { settings, ablation, pairs } = options;
  const { config, weights } = model.bundle;
  const prompts = searchPrompts(model, source, settings.seed, pairs);
  const searched = { config, weights, means: model.frozen(ablation) };
  return { searched, prompts, ...(await checkSolved(model, prompts, options)) };
}

/**
 * The smallest core found for the pairs of a source, with its backups.
 * @throws UnsolvedError when the model does not solve the task, or nothing is found
 */
export async function findCircuit(
  model: CircuitModel,
  source: PairSource,
  options: FindOptions,
): Promise<Circuit> {
  const began = performance.now();
  const { settings, ablation, pairs, nodesOf } = options;
  const { name, hash, config } = model.bundle;
  // The pairs of a file that the proof will use must fit the model too: better to fail now.
  if ('file' in source.identity) model.prompts(source, settings.seed, Infinity, 'all');
  const { searched, prompts, full, goal } = await preparedSearch(model, source, options);
  const taken = nodesOf && {
    core: NodeSet.named(config, nodesOf.core),
    complete: nodesOf.search.effort.complete,
    runs: nodesOf.runs,
  };
  const wanted = { settings, goal, began, taken };
  const result = await search(searched, prompts, wanted, model.control);
  const { found, effort } = result;
  if (!found || isWhole(found, config)) throw new UnsolvedError(notFound(result, settings));
  const { core } = found;
  const secondsSince = () => (performance.now() - began) / 1000;
  let stopped = effort.stopped;
  const expired = () => {
    if (secondsSince() <= settings.seconds) return false;
    return (stopped = true);
  };
  // Backups are not searched for when no time is left.
  const none = { backups: new NodeSet(config, []), cut: core, done: false };
  const needed = { found, searched, prompts: prompts.selection, seed: settings.seed, expired };
  const broken = expired() ? none : await breakRestOf(model, source, needed);
  const signs = prompts.selection.map(({ sign }) => sign);
  const edges = found.edges.length < found.allEdges ? found.edges : null;
  const differences = await model.circuitDifferences(prompts.selection, core, searched, edges);
  const { shift } = strictly(differences, signs);
  const own = { ...effort, seconds: Math.round(secondsSince()), stopped };
  return {
    format: 3,
    bundle: { name, hash },
    pairs: source.identity,
    ablation,
    search: {
      settings: {
        ...settings,
        pairs: { ...pairs },
        ...(nodesOf && { edgeRuns: nodesOf.runs }),
      },
      effort: { ...totalEffort(own, nodesOf?.search.effort), complete: found.complete },
      command: nodesOf
        ? commandWithNodesOf(name, nodesOf, settings)
        : commandOf(name, source.identity, options),
      ...{ goal, shift, backupsDone: broken.done },
      loss: { full, core: lossOf(differences, signs, { scale: 1, shift }) },
    },
    core: core.names(),
    backups: broken.backups.names(),
    cut: broken.cut.names(),
    ...edgesForFile(found.edges, found.allEdges),
    ...{ proof: null, repeats: [] },
  };
}

/** Effort of a search of weights and of the search that found their nodes. */
function totalEffort(own: Effort, before: Effort | undefined): Effort {
  if (!before) return own;
  return {
    runs: before.runs,
    steps: before.steps + own.steps,
    tokens: before.tokens + own.tokens,
    seconds: before.seconds + own.seconds,
    stopped: before.stopped || own.stopped,
  };
}

/** Backups and cut of a core that was found. */
async function breakRestOf(
  model: CircuitModel,
  source: PairSource,
  {
    found: { core, edges },
    searched,
    prompts,
    seed,
    expired,
  }: {
    readonly found: Found;
    readonly searched: SearchModel;
    readonly prompts: readonly Prompt[];
    readonly seed: number;
    readonly expired: () => boolean;
  },
): Promise<Broken> {
  const { control } = model;
  const own = 'task' in source.identity ? source.identity.task : null;
  const parts = { seed, pairs: OTHERS_PAIRS, part: 'selection' } as const;
  const others = fittingTasks(model, parts)
    .filter(({ name }) => name !== own)
    .map((other) => other.prompts);
  const answers = answersOf([...prompts, ...others.flat()]);
  const joined = joinedBy(edges);
  return await breakRest(core, {
    ...{ expired, prompts, others, all: NodeSet.all(core.config) },
    constants: core.filter((place) => !joined.has(nodeName(core.nodes[place]))),
    open: (nodes) => model.masked(nodes, answers, searched),
    onRound: (loss, count) => {
      control.progress(`backups: loss ${loss.toFixed(3)} without ${count}`, 0.99);
    },
    onOpened: (count) => {
      control.progress(`cut: ${count} nodes`, 0.99);
    },
  });
}

function notFound(
  { found, reached, goal, effort }: SearchResult,
  { seconds, steps }: SearchSettings,
): string {
  if (effort.stopped) {
    return `no circuit was found within ${seconds} s, after ${effort.steps} of ${steps} steps; give more --seconds`;
  }
  if (found) {
    return `no circuit smaller than the whole model reaches a loss of ${goal.toFixed(3)} with a margin for chance; give more --steps or --runs, or a larger --target-loss`;
  }
  return `no circuit reaches a loss of ${goal.toFixed(3)} with a margin for chance, the best has ${reached.toFixed(3)}; give more --steps or --runs, or a larger --target-loss`;
}

/** Loss of the whole model, and the goal that follows from it; throws when no circuit can be found. */
async function checkSolved(
  model: CircuitModel,
  { selection }: SearchPrompts,
  { settings, ablation }: FindOptions,
): Promise<{ full: number; goal: number }> {
  model.control.progress('whole model', 0);
  const { config } = model.bundle;
  const frozen = { means: model.frozen(ablation) };
  const signs = selection.map(({ sign }) => sign);
  const differences = await model.differences(selection, NodeSet.all(config), frozen);
  const accuracy = accuracyOf(differences, signs);
  if (accuracy < SOLVED) {
    throw new UnsolvedError(
      `the model does not solve the task: the right answer leads on ${Math.round(100 * accuracy)} % of the prompts, and pruning needs ${100 * SOLVED} %; choose another task or model`,
    );
  }
  const { targetLoss, margin } = settings;
  const reachable = strictLoss(differences, signs);
  if (reachable > targetLoss) {
    throw new UnsolvedError(
      `the whole model has a loss of ${reachable.toFixed(3)}, above the target of ${targetLoss}; give prompts that differ more clearly, or a larger --target-loss`,
    );
  }
  // A circuit need not be better than the model.
  const goal = Math.max(margin * targetLoss, cautiousLoss(differences, signs));
  const none = await model.differences(selection, new NodeSet(config, []), frozen);
  if (cautiousLoss(none, signs) <= goal) {
    throw new UnsolvedError(
      'the task needs no circuit: with every node ablated the last token alone decides it; give pairs whose prompts end with the same token',
    );
  }
  return { full: lossOf(differences, signs), goal };
}

/** A name as a shell takes it for one word. */
function shellWord(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** The commands that reproduce the file: that of the first search, then `prune --nodes-of`. */
function commandWithNodesOf(
  bundle: string,
  { search, runs }: NodesOf,
  { edgeMargin, seconds }: SearchSettings,
): string {
  const [first] = search.command.split(' && ');
  // Commands of earlier versions do not say the margin of the weights, whose default has changed since.
  const margin = first.includes(' --edge-margin ')
    ? ''
    : `--edge-margin ${search.settings.edgeMargin} `;
  return [
    first.replace(/--out \S+$/, `${margin}--out WHOLE`),
    `circuitscope prune --nodes-of WHOLE --bundle ${shellWord(bundle)} --edge-margin ${edgeMargin} --seconds ${seconds} --runs ${runs} --out FILE`,
  ].join(' && ');
}

/** The command that reproduces the file. */
function commandOf(
  bundle: string,
  identity: PairsIdentity,
  { settings, ablation, pairs }: FindOptions,
): string {
  const { targetLoss, margin, edgeMargin, seed, seconds, runs, steps, tied, pruneEdges } = settings;
  const source = 'task' in identity ? identity.task : `--file ${shellWord(identity.file)}`;
  const numbers = {
    ...{ pairs: pairs.masks, 'selection-pairs': pairs.selection },
    ...{ 'target-loss': targetLoss, margin, 'edge-margin': edgeMargin },
    ...{ seed, seconds, runs, steps },
  };
  return [
    `circuitscope prune ${source} --bundle ${shellWord(bundle)}`,
    ...Object.entries(numbers).map(([option, value]) => `--${option} ${value}`),
    ...(ablation === 'mean' ? [] : [`--ablation ${ablation}`]),
    ...(tied ? ['--tied-qk'] : []),
    ...(pruneEdges ? [] : ['--whole-nodes']),
    '--out FILE',
  ].join(' ');
}
