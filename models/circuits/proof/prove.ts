/**
 * The proof of a circuit, on prompts on which nothing was chosen. It measures; what follows from the
 * numbers is the business of `criteria.ts`.
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
  /** Pairs to judge on. */
  readonly pairs: number;
  /** The proof stops when they have gone by, within whatever it measures then, and says so. */
  readonly seconds: number;
}

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
  /** The model, of which no pass begins when the time has gone by. */
  private readonly model: CircuitModel;

  constructor(
    model: CircuitModel,
    private readonly circuit: Circuit,
    source: PairSource,
    private readonly options: ProveOptions,
  ) {
    if (!isProvable(circuit)) throw renewal(circuit, 'the circuit');
    this.model = new CircuitModel(
      model.bundle,
      until(model.control, () => this.secondsLeft() <= 0),
    );
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
    const { circuit, prompts, options } = this;
    try {
      await this.measure();
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      this.stopped = true;
    }
    const { measurements, counts, curves, selective, stopped } = this;
    return {
      own: 'task' in circuit.pairs ? circuit.pairs.task : null,
      ...{ seed: options.seed, pairs: prompts.length / 2, target: this.settings.targetLoss },
      ...{ unseen: this.unseen(), measurements, counts, curves, selective },
      ...{ seconds: Math.round(this.seconds()), stopped },
    };
  }

  /** All steps, one after the other; what a step has not finished is not measured. */
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

  /** What the same search finds where there is nothing to find; a search of others cannot be repeated. */
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

  /** A control search as the circuit's was; one that was cut short is none. */
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
    if (!found) {
      this.stopped = true;
      return;
    }
    this.measurements.push(found.measurement);
    this.counts.push(found.size);
  }
}
