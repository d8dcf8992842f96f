/** Measures the core alone by every calibration and ablation, beside random nodes and no nodes. */
import { Rng } from '../../random';
import { prunedEdges } from '../file/circuitFile';
import { NodeSet } from '../../transformer/nodeSet';
import { spreadPairs } from '../search/goal';
import { randomNodes } from './controls';
import { medianOf, type Measurer } from './measurer';
import { resampled } from './resample';
import type { Measurement } from '../file/schema';

/** Random sets, of which the median counts. */
const RANDOM_SETS = 5;
/** Pairs of resample ablation, whose every prompt is a pass of its own. */
const RESAMPLED_PAIRS = 12;

export async function sufficient(measurer: Measurer): Promise<Measurement[]> {
  const { all, bundle, circuit, core, degrees, file, prompts, seed } = measurer;
  const found: Measurement[] = [];
  const set = (id: string, what: string, nodes: number) =>
    ({ id, what, nodes, ablation: file.ablation }) as const;
  const add = (of: Parameters<Measurer['measurement']>[0], differences: Float64Array) => {
    found.push(measurer.measurement(of, differences));
  };
  const edges = prunedEdges(file);
  const means = bundle.frozen(file.ablation);
  const whole = await measurer.differences(all);
  add({ ...set('whole', 'the whole model', all.count), ablation: 'none' }, whole);
  const alone = await bundle.circuitDifferences(prompts, core, { means }, edges);
  add(set('core', 'the core alone', core.count), alone);
  add({ ...set('core.free', 'the core alone, scale free', core.count), rule: 'free' }, alone);
  if (edges) {
    const every = await measurer.differences(core);
    add(set('core.nodes', 'the core alone with every edge between its nodes', core.count), every);
  }
  const zero = { means: bundle.frozen('zero') };
  const atZero = await bundle.circuitDifferences(prompts, core, zero, edges);
  add({ ...set('core.zero', 'the core, others at zero', core.count), ablation: 'zero' }, atZero);
  const few = spreadPairs(prompts, RESAMPLED_PAIRS);
  const others = await resampled(bundle, core, few, seed);
  const of = set('core.resample', 'the core, others from other prompts', core.count);
  found.push(measurer.measurement({ ...of, ablation: 'resample' }, others, few));
  const both = await measurer.differences(circuit);
  add(set('circuit', 'core and backups alone', circuit.count), both);
  add(set('empty', 'no node', 0), await measurer.differences(new NodeSet(all.config, [])));
  const random: Measurement[] = [];
  for (let i = 0; i < RANDOM_SETS; i++) {
    const nodes = randomNodes(core, new Rng('random nodes', seed, i), degrees);
    const what = 'as many random nodes alone, median';
    const differences = await measurer.differences(nodes);
    random.push(measurer.measurement(set('random', what, nodes.count), differences));
  }
  return [...found, { ...medianOf(random), sets: RANDOM_SETS }];
}
