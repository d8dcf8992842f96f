/** Prunes a bundle for a task and puts what was found into the form of a circuit file. */
import type { PairsIdentity, PairSource } from '../tasks/source';
import { edgesForFile, type Circuit } from './circuitFile';
import type { AblationKind, CircuitModel } from './model';
import type { PruneSettings } from './prune/outcome';
import { prune } from './prune/prune';

export interface FindOptions {
  readonly settings: PruneSettings;
  readonly ablation: AblationKind;
  /** Pairs to prune on. */
  readonly trainPairs: number;
}

/**
 * The smallest circuit found for the pairs of a source.
 * @throws UnsolvedError when the model does not solve the task
 */
export async function findCircuit(
  model: CircuitModel,
  source: PairSource,
  { settings, ablation, trainPairs }: FindOptions,
): Promise<Circuit> {
  const { name, hash, config, weights } = model.bundle;
  // A file's pairs to judge on must fit too, and now is the time to say so.
  if ('file' in source.identity) model.prompts(source, settings.seed, Infinity, 'all');
  const prompts = model.prompts(source, settings.seed, trainPairs, 'train');
  const pruned = { config, weights, means: model.frozen(ablation) };
  const { nodes, edges, calibration, loss, effort } = await prune(
    pruned,
    prompts,
    settings,
    model.control,
  );
  return {
    format: 1,
    bundle: { name, hash },
    pairs: source.identity,
    ablation,
    options: { ...settings, trainPairs: prompts.length / 2 },
    effort: { ...effort, seconds: Math.round(effort.seconds) },
    command: commandOf(name, source.identity, { settings, ablation, trainPairs }, effort.runs),
    calibration,
    loss,
    nodes: nodes.names(),
    ...edgesForFile(edges, settings.pruneEdges),
  };
}

/** The command that makes the file again, on a machine that is fast enough for its searches. */
function commandOf(
  bundle: string,
  identity: PairsIdentity,
  { settings, ablation, trainPairs }: FindOptions,
  runs: number,
): string {
  const { targetLoss, margin, seed, seconds, steps, tied, pruneEdges } = settings;
  const pairs = 'task' in identity ? identity.task : `--file ${identity.file}`;
  const numbers = { 'target-loss': targetLoss, margin, seed, seconds, runs, steps };
  return [
    `circuitscope prune ${pairs} --bundle ${bundle} --pairs ${trainPairs}`,
    ...Object.entries(numbers).map(([option, value]) => `--${option} ${value}`),
    ...(ablation === 'mean' ? [] : [`--ablation ${ablation}`]),
    ...(tied ? ['--tied-qk'] : []),
    ...(pruneEdges ? ['--prune-edges'] : []),
    '--out FILE',
  ].join(' ');
}
