/**
 * The two controls of a proof: the search that found the circuit, on random labels and in a random model,
 * where there is nothing to find. Both are limited to the size of its core, since among thousands of nodes
 * some fit any labels, even in a random model.
 */
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import type { Control } from '../search/model';
import { search, type SearchModel, type SearchOptions, type SearchPrompts } from '../search/search';
import { ModelEdges } from '../../weights/edges';
import { randomModel, shuffleLabels } from './controls';
import type { Measurer } from './measurer';
import type { Count, Measurement } from '../file/schema';

export interface ControlSearch {
  readonly measurer: Measurer;
  /** The model, and the prompts that the circuit was searched on. */
  readonly own: SearchModel;
  readonly searched: SearchPrompts;
  readonly options: SearchOptions;
  readonly onPart: (done: number) => void;
}

/** Result of a control. */
export interface Controlled {
  readonly measurement: Measurement;
  /** Its number of nodes beside that of the core. */
  readonly size: Count;
}

/** Why there is none: the time ran out, or the search came to no set of nodes that is no more than the core. */
export type Uncontrolled = 'stopped' | 'nothing';

/**
 * The same search with random labels: can it fit what means nothing? Its nodes are measured on the very prompts
 * and labels that they were chosen on. On others any set is at chance, whatever the search does.
 */
export async function searchRandomLabels(
  options: ControlSearch,
): Promise<Controlled | Uncontrolled> {
  const { measurer, own, searched } = options;
  const rng = new Rng('random labels', measurer.seed);
  const masks = shuffleLabels(searched.masks, rng);
  const selection = shuffleLabels(searched.selection, rng);
  const what =
    'the best nodes for random labels that are no more than the core, on what they were chosen on';
  return control('control.labels', what, own, { masks, selection }, selection, options);
}

/** The same search in a model of the same sparsity whose weights are in random places. */
export async function searchRandomModel(
  options: ControlSearch,
): Promise<Controlled | Uncontrolled> {
  const { measurer, own, searched } = options;
  const { means, weights } = await randomModel(measurer.bundle, measurer.seed);
  if (measurer.file.ablation === 'zero') for (const mean of means.values()) mean.fill(0);
  const random = { config: own.config, means, weights };
  const what = 'the best nodes of a random model that are no more than the core';
  return control('control.model', what, random, searched, measurer.prompts, options);
}

async function control(
  id: string,
  what: string,
  model: SearchModel,
  searched: SearchPrompts,
  judged: readonly Prompt[],
  { measurer, options, onPart }: ControlSearch,
): Promise<Controlled | Uncontrolled> {
  const outer = measurer.bundle.control;
  const inner: Control = {
    machines: outer.machines,
    check: () => {
      outer.check();
    },
    pause: () => outer.pause(),
    progress: (_what, share) => {
      onPart(share);
    },
  };
  const size = measurer.core.count;
  const { found, within, effort } = await search(model, searched, { ...options, size }, inner);
  const small = found && found.core.count <= size ? found : null;
  const nodes = small?.core ?? within;
  // An unfinished search is no control.
  if (effort.stopped) return 'stopped';
  if (!nodes) return 'nothing';
  const differences = await measurer.bundle.differences(judged, nodes, model);
  const edges = small
    ? small.edges.length
    : new ModelEdges(model).weightsBetween(nodes.names()).length;
  const of = { id, what, nodes: nodes.count, ablation: measurer.file.ablation } as const;
  const reach = found ? `${found.core.count} keep the goal` : 'no number keeps the goal';
  const said = `${what}: nodes, with ${edges} edges between them; ${reach}`;
  return {
    measurement: { ...measurer.measurement(of, differences, judged), edges },
    size: { id, what: said, count: nodes.count, of: size },
  };
}
