/**
 * The proof of a circuit, on prompts that no search has used. It only measures; `criteria.ts` derives the
 * verdict from the numbers.
 */
import type { Prompt } from '../../tasks/prompts';
import type { PairSource } from '../../tasks/source';
import type { Circuit } from '../file/circuitFile';
import { searchPrompts } from '../search/prompts';
import { CircuitModel } from '../search/model';
import { isProvable, renewal } from '../file/oldCircuit';
import type { SearchModel, SearchPrompts } from '../search/search';
import { attribution } from './attribution';
import { causal } from './causal';
import { searchRandomLabels, searchRandomModel } from './controlSearch';
import { OutOfTime, until } from './deadline';
import { faithfulness } from './faithfulness';
import { twoLevels } from './levels';
import { Measurer } from './measurer';
import { leaveOneOut, randomBackups, removals } from './necessary';
import { attack, randomSubsets } from './robust';
import type { Count, Measurement, Proof } from '../file/schema';
import { selectivity } from './selective';
import { sufficient } from './sufficient';

export interface ProveOptions {
  readonly seed: number;
  /** Pairs to measure on. */
  readonly pairs: number;
  /** Time limit: the proof then stops in the middle of a step and records that it did. */
  readonly seconds: number;
}

/**
 * Makes all measurements that a verdict needs; `circuit` must be of the model.
 * @param onPart called after every step with what has been measured so far
 */
export async function prove(
  model: CircuitModel,
  circuit: Circuit,
  source: PairSource,
  options: ProveOptions,
  onPart: (part: Proof) => void = () => undefined,
): Promise<Proof> {
  return await new Proving(model, circuit, source, options, onPart).run();
}

type Search = NonNullable<Circuit['search']>;

/** Settings for published circuits, which no search here found: our own target. */
const PUBLISHED_SETTINGS = {
  seed: 1,
  pairs: { masks: 1, selection: 32 },
  targetLoss: 0.15,
} as const;

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
  /** The model, whose passes throw once the time is over. */
  private readonly model: CircuitModel;

  constructor(
    model: CircuitModel,
    private readonly circuit: Circuit,
    source: PairSource,
    private readonly options: ProveOptions,
    private readonly onPart: (part: Proof) => void,
  ) {
    if (!isProvable(circuit)) throw renewal(circuit, 'the circuit');
    this.model = new CircuitModel(
      model.bundle,
      until(model.control, () => this.secondsLeft() <= 0),
    );
    const { config, weights } = model.bundle;
    this.settings = circuit.search?.settings ?? PUBLISHED_SETTINGS;
    this.own = { config, weights, means: model.frozen(circuit.ablation) };
    const { seed, pairs } = this.settings;
    this.searched = searchPrompts(model, source, seed, pairs);
    // The pairs of a file are divided by the seed of the search; a task has new pairs for every seed.
    const isFile = 'file' in source.identity;
    this.prompts = model.prompts(source, isFile ? seed : options.seed, options.pairs, 'proof');
  }

  async run(): Promise<Proof> {
    try {
      await this.measure();
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      this.stopped = true;
    }
    return this.measured();
  }

  /** What has been measured so far. */
  private measured(): Proof {
    const { circuit, prompts, options, selective, stopped } = this;
    return {
      own: 'task' in circuit.pairs ? circuit.pairs.task : null,
      ...{ seed: options.seed, pairs: prompts.length / 2, target: this.settings.targetLoss },
      ...{ unseen: this.unseen(), measurements: [...this.measurements], counts: [...this.counts] },
      ...{ curves: [...this.curves], selective },
      ...{ seconds: Math.round(this.seconds()), stopped },
    };
  }

  /** Runs all steps in turn; a step that does not finish leaves no measurement. */
  private async measure(): Promise<void> {
    const { model, circuit, prompts, options } = this;
    const measurer = await Measurer.open(model, circuit, prompts, options.seed);
    try {
      let done = 0;
      for (const step of this.steps(measurer)) {
        const report = (part: number) => {
          model.control.progress(step.what, done + part * step.share);
        };
        report(0);
        await step.run(report);
        done += step.share;
        this.onPart(this.measured());
      }
    } finally {
      await measurer.release();
    }
  }

  private steps(measurer: Measurer): Step[] {
    const { measurements, counts, curves } = this;
    const { selection } = this.searched;
    const step = (what: string, part: number, run: Step['run']): Step => ({
      what,
      share: part,
      run,
    });
    return [
      step('the core alone', 0.05, async () => {
        measurements.push(...(await sufficient(measurer)));
        const found = await faithfulness(measurer);
        curves.push(found.curve);
        counts.push(...found.counts);
      }),
      step('random parts of the rest', 0.13, async (report) => {
        measurements.push(...(await randomSubsets(measurer, report)));
      }),
      step('an adversary', 0.1, async (report) => {
        const found = await attack(measurer, selection, report);
        measurements.push(...found.measurements);
        curves.push(found.curve);
      }),
      step('the model without the circuit', 0.05, async () => {
        measurements.push(...(await removals(measurer)));
      }),
      step('the core without each node', 0.05, async (report) => {
        counts.push(await leaveOneOut(measurer, this.settings.targetLoss, report));
      }),
      step('interchange', 0.06, async (report) => {
        const found = await causal(measurer, report);
        measurements.push(...found.measurements);
        curves.push(found.curve);
      }),
      step('all tasks without the circuit', 0.06, async (report) => {
        this.selective = await selectivity(measurer, report);
      }),
      step('attribution', 0.04, async () => {
        counts.push(await attribution(measurer, selection, this.settings.targetLoss));
      }),
      step('two levels a node', 0.04, async (report) => {
        measurements.push(...(await twoLevels(measurer, this.searched, report)));
      }),
      step('backups of random nodes', 0.1, async (report) => {
        counts.push(
          await randomBackups(measurer, selection, () => {
            report(0.5);
          }),
        );
      }),
      ...(this.circuit.search ? this.controls(measurer, this.circuit.search) : []),
    ];
  }

  /** The control searches; there are none for a published circuit, whose search cannot be repeated. */
  private controls(measurer: Measurer, own: Search): Step[] {
    const step = (what: string, run: typeof searchRandomLabels): Step => ({
      ...{ what, share: 0.16 },
      run: (report) => this.control(measurer, own, run, report),
    });
    return [step('random labels', searchRandomLabels), step('a random model', searchRandomModel)];
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private secondsLeft(): number {
    return this.options.seconds - this.seconds();
  }

  private unseen(): boolean {
    const key = ({ tokens }: Prompt) => tokens.join(' ');
    const seen = new Set([...this.searched.masks, ...this.searched.selection].map(key));
    return !this.prompts.some((prompt) => seen.has(key(prompt)));
  }

  /**
   * Runs a control search with the circuit's settings. One that ran out of time, or came to no nodes, leaves no
   * measurement.
   */
  private async control(
    measurer: Measurer,
    { settings, goal }: Search,
    run: typeof searchRandomLabels,
    onPart: (done: number) => void,
  ): Promise<void> {
    const seconds = Math.max(0, this.secondsLeft());
    const found = await run({
      ...{ measurer, onPart, own: this.own, searched: this.searched },
      options: { settings: { ...settings, seconds }, goal },
    });
    if (found === 'stopped') this.stopped = true;
    if (found === 'stopped' || found === 'nothing') return;
    this.measurements.push(found.measurement);
    this.counts.push(found.size);
  }
}
