/**
 * The proof of a circuit, on prompts on which nothing was chosen. It measures; what follows from the
 * numbers is the business of `criteria.ts`.
 */
import { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import type { PairSource } from '../../tasks/source';
import { prunedEdges, type Circuit } from '../circuitFile';
import { searchPrompts } from '../findCircuit';
import type { CircuitModel } from '../model';
import { NodeSet } from '../nodeSet';
import { isProvable, renewal } from '../oldCircuit';
import { search, type SearchModel, type SearchPrompts } from '../search/search';
import { spreadPairs } from '../search/goal';
import { randomModel, randomNodes, shuffleLabels } from './controls';
import { growingSets, interchange, type SwappedSet } from './interchange';
import { Measurer, medianOf } from './measurer';
import { leaveOneOut, randomBackups, removals } from './necessary';
import { resampled } from './resample';
import { adversary, randomSubsets } from './robust';
import type { Count, Measurement, Proof } from './schema';
import { selectivity } from './selective';

export interface ProveOptions {
  readonly seed: number;
  /** Pairs to judge on. */
  readonly pairs: number;
  /** The proof stops when they have gone by, and says so. */
  readonly seconds: number;
}

/** Random sets that are kept or swapped, of which the median counts. */
const RANDOM_SETS = 5;
/** Pairs of the interchange. */
const SWAP_PAIRS = 16;
/** Shares of the core on the curve of faithfulness, and of all nodes on that of interchange. */
const CURVE = [0.25, 0.5, 0.75, 0.9, 1] as const;

/** Measures all that a verdict needs; `circuit` must be of the model. */
export async function prove(
  model: CircuitModel,
  circuit: Circuit,
  source: PairSource,
  options: ProveOptions,
): Promise<Proof> {
  return await new Proving(model, circuit, source, options).run();
}

type Search = NonNullable<Circuit['search']>;

/** What takes the place of a search's settings where others have searched: the target of our own. */
const OF_OTHERS = { seed: 1, pairs: { masks: 1, selection: 32 }, targetLoss: 0.15 } as const;

/** A part of a proof, and its share of the whole. */
interface Step {
  readonly what: string;
  readonly share: number;
  run(onPart: (done: number) => void): Promise<void>;
}

class Proving {
  private readonly began = performance.now();
  private readonly settings: Pick<Search['settings'], 'seed' | 'pairs' | 'targetLoss'>;
  private readonly own: SearchModel;
  private readonly searched: SearchPrompts;
  private readonly prompts: readonly Prompt[];
  private readonly measurements: Measurement[] = [];
  private readonly counts: Count[] = [];
  private readonly curves: Proof['curves'] = [];
  private selective: Proof['selective'] = [];
  private stopped = false;

  constructor(
    private readonly model: CircuitModel,
    private readonly circuit: Circuit,
    source: PairSource,
    private readonly options: ProveOptions,
  ) {
    if (!isProvable(circuit)) throw renewal(circuit, 'the circuit');
    const { config, weights } = model.bundle;
    this.settings = circuit.search?.settings ?? OF_OTHERS;
    this.own = { config, weights, means: model.frozen(circuit.ablation) };
    const { seed, pairs } = this.settings;
    this.searched = searchPrompts(model, source, seed, pairs);
    // A file's pairs are divided by the seed of the search; a task has new ones for every seed.
    const isFile = 'file' in source.identity;
    this.prompts = model.prompts(source, isFile ? seed : options.seed, options.pairs, 'proof');
  }

  async run(): Promise<Proof> {
    const { model, circuit, prompts, options } = this;
    const measurer = await Measurer.open(model, circuit, prompts, options.seed);
    try {
      let done = 0;
      for (const step of this.steps(measurer)) {
        if (this.expired()) break;
        const report = (part: number) => {
          model.control.progress(step.what, done + part * step.share);
        };
        report(0);
        await step.run(report);
        done += step.share;
      }
    } finally {
      await measurer.release();
    }
    const { measurements, counts, curves, selective, stopped } = this;
    return {
      own: 'task' in circuit.pairs ? circuit.pairs.task : null,
      ...{ seed: options.seed, pairs: prompts.length / 2, target: this.settings.targetLoss },
      ...{ unseen: this.unseen(), measurements, counts, curves, selective },
      ...{ seconds: Math.round(this.seconds()), stopped },
    };
  }

  private steps(measurer: Measurer): Step[] {
    const keep = (...found: Measurement[]) => {
      this.measurements.push(...found);
    };
    return [
      { what: 'the core alone', share: 0.04, run: () => this.sufficient(measurer) },
      {
        ...{ what: 'random parts of the rest', share: 0.2 },
        run: async (report) => {
          keep(...(await randomSubsets(measurer, report)));
        },
      },
      {
        ...{ what: 'an adversary', share: 0.08 },
        run: async (report) => {
          keep(await adversary(measurer, this.searched.selection, report));
        },
      },
      {
        ...{ what: 'the model without the circuit', share: 0.05 },
        run: async () => {
          keep(...(await removals(measurer)));
        },
      },
      {
        ...{ what: 'the core without each node', share: 0.06 },
        run: async (report) => {
          const { targetLoss } = this.settings;
          this.counts.push(await leaveOneOut(measurer, targetLoss, report));
        },
      },
      { what: 'interchange', share: 0.07, run: (report) => this.causal(measurer, report) },
      {
        ...{ what: 'all tasks without the circuit', share: 0.06 },
        run: async (report) => {
          this.selective = await selectivity(measurer, report);
        },
      },
      {
        ...{ what: 'backups of random nodes', share: 0.1 },
        run: async (report) => {
          this.counts.push(await randomBackups(measurer, this.searched.selection, report));
        },
      },
      ...(this.circuit.search ? this.controls(measurer, this.circuit.search) : []),
    ];
  }

  /** What the same search finds where there is nothing to find; a search of others cannot be repeated. */
  private controls(measurer: Measurer, own: Search): Step[] {
    return [
      {
        ...{ what: 'random labels', share: 0.17 },
        run: (report) => this.randomLabels(measurer, own, report),
      },
      {
        ...{ what: 'a random model', share: 0.17 },
        run: (report) => this.randomModel(measurer, own, report),
      },
    ];
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private expired(): boolean {
    if (this.seconds() > this.options.seconds) this.stopped = true;
    return this.stopped;
  }

  private unseen(): boolean {
    const key = ({ tokens }: Prompt) => tokens.join(' ');
    const seen = new Set([...this.searched.masks, ...this.searched.selection].map(key));
    return !this.prompts.some((prompt) => seen.has(key(prompt)));
  }

  /** The core alone by every rule and ablation, beside random nodes, and its parts. */
  private async sufficient(measurer: Measurer): Promise<void> {
    const { model, circuit, prompts, own, options } = this;
    const { all, core, circuit: both } = measurer;
    const nothing = new NodeSet(all.config, []);
    const set = (id: string, what: string, nodes: number) =>
      ({ id, what, nodes, ablation: 'mean' }) as const;
    const add = (of: Parameters<Measurer['measurement']>[0], differences: Float64Array) => {
      this.measurements.push(measurer.measurement(of, differences));
    };
    const whole = await measurer.differences(all);
    add({ ...set('whole', 'the whole model', all.count), ablation: 'none' }, whole);
    const alone = await model.circuitDifferences(prompts, core, own, prunedEdges(circuit));
    add(set('core', 'the core alone', core.count), alone);
    add({ ...set('core.free', 'the core alone, scale free', core.count), rule: 'free' }, alone);
    const zero = { ...own, means: model.frozen('zero') };
    const atZero = await model.circuitDifferences(prompts, core, zero, prunedEdges(circuit));
    add({ ...set('core.zero', 'the core, others at zero', core.count), ablation: 'zero' }, atZero);
    const few = spreadPairs(prompts, SWAP_PAIRS);
    const others = await resampled(model, core, few, options.seed);
    const of = { ...set('core.resample', 'the core, others from other prompts', core.count) };
    this.measurements.push(measurer.measurement({ ...of, ablation: 'resample' }, others, few));
    add(set('circuit', 'core and backups alone', both.count), await measurer.differences(both));
    add(set('empty', 'no node', 0), await measurer.differences(nothing));
    const random: Measurement[] = [];
    for (let i = 0; i < RANDOM_SETS; i++) {
      const nodes = randomNodes(core, new Rng('random nodes', options.seed, i));
      const what = 'as many random nodes alone, median';
      const found = await measurer.differences(nodes);
      random.push(measurer.measurement(set('random', what, nodes.count), found));
    }
    this.measurements.push({ ...medianOf(random), sets: RANDOM_SETS });
    await this.faithfulness(measurer);
  }

  /** How the gap grows with the core, its nodes added at random. */
  private async faithfulness(measurer: Measurer): Promise<void> {
    const rng = new Rng('faithfulness', this.options.seed);
    const points: Proof['curves'][0]['points'] = [];
    for (const nodes of growingSets(measurer.core, CURVE, rng)) {
      const found = await measurer.differences(nodes);
      const of = { id: '', what: '', nodes: nodes.count, ablation: 'mean' } as const;
      const { share, order } = measurer.measurement(of, found);
      points.push({ nodes: nodes.count, share, order });
    }
    this.curves.push({ id: 'faithfulness', what: 'random parts of the core alone', points });
  }

  /** Core, circuit, rest and random nodes swapped side by side, and the curve from few nodes to all. */
  private async causal(measurer: Measurer, report: (done: number) => void): Promise<void> {
    const { all, core, circuit } = measurer;
    const { seed } = this.options;
    const set = (id: string, what: string, nodes: NodeSet): SwappedSet => ({
      of: { id, what },
      nodes,
    });
    const random = Array.from({ length: RANDOM_SETS }, (_, i) =>
      set('swap.random', 'as many random nodes', randomNodes(circuit, new Rng('swap', seed, i))),
    );
    const grown = growingSets(circuit, CURVE.slice(0, -1), new Rng('swap', seed));
    const sets = [
      set('swap.core', 'the core', core),
      set('swap.circuit', 'core and backups', circuit),
      set('swap.rest', 'all nodes but core and backups', all.without(circuit)),
      ...random,
      ...grown.map((nodes) => set('', '', nodes)),
      set('', '', all),
    ];
    const few = spreadPairs(this.prompts, SWAP_PAIRS);
    const found = await interchange(this.model, sets, few, seed, report);
    const [own, both, rest, ...more] = found;
    const median = [...more.slice(0, RANDOM_SETS)].sort((a, b) => a.share - b.share);
    this.measurements.push(own, both, rest);
    this.measurements.push({ ...median[RANDOM_SETS >> 1], sets: RANDOM_SETS });
    const curve = more.slice(RANDOM_SETS);
    const points = [...curve.slice(0, -1), both, ...curve.slice(-1)].map(
      ({ nodes, share, order }) => ({ nodes, share, order }),
    );
    const what = 'random parts of core and backups swapped, then every node';
    this.curves.push({ id: 'interchange', what, points });
  }

  /** The same search where each pair's labels are right or wrong by chance. */
  private async randomLabels(
    measurer: Measurer,
    own: Search,
    report: (done: number) => void,
  ): Promise<void> {
    const rng = new Rng('random labels', this.options.seed);
    const shuffled = (prompts: readonly Prompt[]) => shuffleLabels(prompts, rng);
    const { masks, selection } = this.searched;
    const prompts = { masks: shuffled(masks), selection: shuffled(selection) };
    const what = 'what the search finds for random labels';
    const of = { id: 'control.labels', what };
    await this.control(measurer, own, of, this.own, prompts, shuffled(this.prompts), report);
  }

  /** The same search in a model of the same sparsity whose weights are in random places. */
  private async randomModel(
    measurer: Measurer,
    own: Search,
    report: (done: number) => void,
  ): Promise<void> {
    const { means, weights } = await randomModel(this.model, this.options.seed);
    if (this.circuit.ablation === 'zero') for (const mean of means.values()) mean.fill(0);
    const random = { config: this.own.config, means, weights };
    const of = { id: 'control.model', what: 'what the search finds in a random model' };
    await this.control(measurer, own, of, random, this.searched, this.prompts, report);
  }

  /** Searches as the circuit was searched; what is nearest to the goal counts where nothing reaches it. */
  private async control(
    measurer: Measurer,
    { settings: given, goal }: Search,
    of: { readonly id: string; readonly what: string },
    searched: SearchModel,
    prompts: SearchPrompts,
    judged: readonly Prompt[],
    report: (done: number) => void,
  ): Promise<void> {
    const { control } = this.model;
    const left = Math.max(0, this.options.seconds - this.seconds());
    const settings = { ...given, seconds: left };
    const result = await search(
      searched,
      prompts,
      { settings, goal },
      {
        threads: control.threads,
        pause: () => control.pause(),
        progress: (_what, share) => {
          report(share);
        },
      },
    );
    // A control that was cut short is no control.
    if (result.effort.stopped) {
      this.stopped = true;
      return;
    }
    const nodes = result.found?.core ?? result.nearest;
    if (!nodes) return;
    const differences = await this.model.differences(judged, nodes, searched);
    const ablation = 'mean' as const;
    this.measurements.push(
      measurer.measurement({ ...of, nodes: nodes.count, ablation }, differences, judged),
    );
  }
}
