/**
 * The proof of a circuit, on prompts that it was not pruned on: is it sufficient, is it necessary,
 * and does the same search find nothing where there is nothing?
 */
import { Rng } from '../../random';
import type { Calibration } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import type { PairSource } from '../../tasks/source';
import type { Weights } from '../../transformer/parameters';
import { calibrate, lossOf } from '../calibration';
import { edgeCount, type Circuit } from '../circuitFile';
import { ModelEdges } from '../edges';
import type { CircuitModel } from '../model';
import { NodeSet } from '../nodeSet';
import { circuitWeights } from '../prune/dropEdges';
import { centreSettings, gentleSettings } from '../prune/settings';
import { pruneTo, randomModel, randomNodes, shuffleLabels, type FrozenModel } from './controls';
import { interchange } from './interchange';
import { judge, type Losses, type Verdict } from './verdict';

export interface VerifyOptions {
  readonly seed: number;
  /** Pairs to judge on. */
  readonly pairs: number;
  /** Random node sets, of which the median counts. */
  readonly randomSets: number;
  /** Seconds allowed for mask training in the two controls that prune, together. */
  readonly seconds: number;
}

/** What a proof says. */
export interface Proof extends Verdict {
  readonly nodes: number;
  readonly edges: number;
  /** Task loss that the circuit has to keep, nats. */
  readonly target: number;
  readonly loss: Losses;
  /** Loss with every node closed, calibrated afresh. */
  readonly empty: number;
  /** Share of prompts whose answer follows the circuit's activations into the other prompt. */
  readonly interchange: number;
  readonly pairs: number;
  /** False where a single pair had to serve for pruning and judging. */
  readonly unseen: boolean;
}

/** Measures everything that the verdict needs; `circuit` must be of the model. */
export async function verify(
  model: CircuitModel,
  circuit: Circuit,
  source: PairSource,
  options: VerifyOptions,
): Promise<Proof> {
  return new Verification(model, circuit, source, options).run();
}

/** Pairs that the controls are pruned on, at most: the fewer, the easier random labels are fitted. */
const CONTROL_PAIRS = 64;

class Verification {
  private readonly nodes: NodeSet;
  private readonly own: FrozenModel;
  /** All that the circuit was pruned on, and those of them that controls are pruned on. */
  private readonly seen: Prompt[];
  private readonly train: Prompt[];
  private readonly test: Prompt[];

  constructor(
    private readonly model: CircuitModel,
    private readonly circuit: Circuit,
    source: PairSource,
    private readonly options: VerifyOptions,
  ) {
    const { config, weights } = model.bundle;
    this.nodes = NodeSet.named(config, circuit.nodes);
    this.own = { weights, means: model.frozen(circuit.ablation) };
    const { seed, trainPairs } = circuit.options;
    this.seen = model.prompts(source, seed, trainPairs, 'train');
    this.train = this.seen.slice(0, 2 * CONTROL_PAIRS);
    this.test = model.prompts(source, options.seed, options.pairs, 'test');
  }

  async run(): Promise<Proof> {
    const { nodes, circuit, model, test } = this;
    const { targetLoss: target } = circuit.options;
    const { empty, ...own } = await this.ownLosses();
    const shuffled = await this.shuffledLabels();
    const random = await this.randomModel();
    const swapped = await interchange(model.bundle, nodes, test, this.part('interchange', 0.9, 1));
    const loss: Losses = { ...own, shuffled_labels: shuffled, random_model: random };
    return {
      nodes: nodes.count,
      edges: edgeCount(circuit),
      ...{ target, loss, empty, interchange: swapped },
      pairs: test.length / 2,
      unseen: this.unseen(),
      ...judge(loss, target, { interchange: swapped, empty }),
    };
  }

  private unseen(): boolean {
    const key = ({ tokens }: Prompt) => tokens.join(' ');
    const seen = new Set(this.seen.map(key));
    return !this.test.some((prompt) => seen.has(key(prompt)));
  }

  /** Losses of the model itself, with the circuit, without it, and with random nodes. */
  private async ownLosses() {
    const { nodes, circuit, own, test, options, model } = this;
    const { progress } = model.control;
    const all = NodeSet.all(model.bundle.config);
    progress('whole model', 0);
    const full = this.lossOf(test, await model.differences(test, all, own));
    progress('circuit', 0.02);
    const alone = { ...own, weights: this.weights() };
    const differences = await model.differences(test, nodes, alone);
    const kept = this.lossOf(test, differences, circuit.calibration);
    progress('circuit removed', 0.04);
    const rest = all.without(nodes);
    const removed = this.lossOf(test, await model.differences(test, rest, own));
    const random: number[] = [];
    for (let set = 0; set < options.randomSets; set++) {
      progress('random nodes', 0.06 + (0.04 * set) / options.randomSets);
      const rng = new Rng('random nodes', options.seed, set);
      random.push(await this.calibrated(randomNodes(nodes, rng), own));
    }
    const empty = await this.calibrated(new NodeSet(model.bundle.config, []), own);
    return { full, circuit: kept, removed, random: median(random), empty };
  }

  /** Weights without the edges that edge pruning dropped. */
  private weights(): Weights {
    const { circuit, nodes, model } = this;
    if (!circuit.options.pruneEdges) return this.own.weights;
    return circuitWeights(this.own.weights, nodes, circuit.edges, new ModelEdges(model.bundle));
  }

  /** Loss on the test prompts with scale and shift fitted on the others. */
  private async calibrated(open: NodeSet, frozen: FrozenModel): Promise<number> {
    const { train, test, model } = this;
    const fitted = await model.differences(train, open, frozen);
    const calibration = calibrate(
      fitted,
      train.map(({ sign }) => sign),
    );
    return this.lossOf(test, await model.differences(test, open, frozen), calibration);
  }

  /** What random labels can be fitted to: the loss on the very prompts pruned on. */
  private async shuffledLabels(): Promise<number> {
    const { train, own, options } = this;
    const shuffled = shuffleLabels(train, new Rng('shuffled labels', options.seed));
    const nodes = await pruneTo(
      this.model,
      own,
      shuffled,
      this.effort('shuffled labels', 0.1, 0.5),
    );
    const differences = await this.model.differences(shuffled, nodes, own);
    const signs = shuffled.map(({ sign }) => sign);
    return lossOf(differences, signs, calibrate(differences, signs));
  }

  /** What the task's own labels let the search find in a random model, on test prompts. */
  private async randomModel(): Promise<number> {
    const { train, model, circuit, options } = this;
    const random = await randomModel(model, options.seed);
    if (circuit.ablation === 'zero') for (const mean of random.means.values()) mean.fill(0);
    const nodes = await pruneTo(model, random, train, this.effort('random model', 0.5, 0.9));
    return this.calibrated(nodes, random);
  }

  private effort(what: string, from: number, to: number) {
    const { circuit, options } = this;
    const { runs, steps, gentle = false } = circuit.effort;
    const settings = gentle
      ? gentleSettings(circuit.options.steps)
      : centreSettings(Math.max(1, Math.round(steps / runs)));
    const { progress } = this.part(what, from, to);
    return {
      ...{ count: circuit.nodes.length, settings },
      tied: circuit.options.tied,
      seed: options.seed,
      seconds: options.seconds / 2,
      onProgress: progress,
    };
  }

  /** Progress of one part of the whole. */
  private part(what: string, from: number, to: number) {
    const { control } = this.model;
    return {
      threads: control.threads,
      pause: () => control.pause(),
      progress: (detail: string, share: number) => {
        control.progress(detail === what ? what : `${what}: ${detail}`, from + share * (to - from));
      },
    };
  }

  private lossOf(prompts: Prompt[], differences: Float64Array, calibration?: Calibration): number {
    return lossOf(
      differences,
      prompts.map(({ sign }) => sign),
      calibration,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
