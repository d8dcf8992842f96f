/**
 * Learned masks: a parameter a unit, open where it is positive, trained through the derivative of a
 * sigmoid. Gao et al. (arXiv 2511.13653), section 2.3 and appendix. In place of a penalty found by a
 * search, the price of an open node follows the loss: it rises while the task loss is below the
 * target and falls while it is above.
 */
import type { Rng } from '../../random';
import type { Calibration, MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { calibrate, lossOf, soften, UNCALIBRATED } from '../calibration';
import type { NodeSet } from '../nodeSet';
import { pairUnits, type Units } from './units';

/** How masks are learned. */
export interface MaskSettings {
  readonly steps: number;
  /** Chunks of pairs whose gradients a step adds up, and pairs in each. */
  readonly chunks: number;
  readonly chunkPairs: number;
  readonly learningRate: number;
  /** Parameters start at `start` plus normal noise of this deviation. */
  readonly start: number;
  readonly noise: number;
  readonly weightDecay: number;
  /** Fraction of the steps over which the learning rate rises; then it falls linearly. */
  readonly warmUp: number;
  /** Width of the sigmoid whose derivative stands for that of the step. */
  readonly temperature: number;
  /** Price of an open unit (nats) at the start, and how fast its logarithm follows the loss. */
  readonly price: number;
  readonly priceRate: number;
}

export interface MaskTrainingOptions {
  readonly settings: MaskSettings;
  /** Makes the masked model of some nodes. */
  readonly open: (nodes: NodeSet) => MaskedModel;
  readonly nodes: NodeSet;
  readonly tied: boolean;
  /** Side a of pair i at 2i, side b at 2i + 1. */
  readonly prompts: readonly Prompt[];
  /** Pairs whose loss the price follows, in place of those that are taught. */
  readonly judge?: readonly Prompt[];
  /** Task loss (nats) or number of nodes that the price steers to. */
  readonly aim: { readonly loss: number } | { readonly nodes: number };
  readonly rng: Rng;
  /** Share of the time allowed that has gone by; the schedule ends at 1. */
  readonly elapsed: () => number;
  readonly onStep: (step: MaskStep) => void;
}

/** What is known after a step. */
export interface MaskStep {
  readonly step: number;
  /** Running mean of the calibrated task loss, nats. */
  readonly loss: number;
  /** Nodes open. */
  readonly open: number;
  readonly price: number;
}

/** Units that may matter, with a score each: the higher, the more the circuit wants it. */
export interface RankedUnits {
  readonly nodes: NodeSet;
  readonly units: Units;
  /** [unit] */
  readonly scores: Float64Array;
  /** Steps done. */
  readonly steps: number;
}

const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8;
/** Gradients are clipped to this root mean square over their running one. */
const CLIP = 3;
const LOSS_MEMORY = 0.9;
/** Prompts whose latest differences the calibration is fitted on. */
const RECENT = 256;
const CALIBRATE_EVERY = 4;
/** Units at this parameter or below may be let go for good. */
const LOST = -0.4;
/** Done when that shrinks the set to this share. */
const SHRINK = 0.6;
const SHRINK_EVERY = 20;
const PRICES = { least: 1e-6, most: 0.03 };
/** Scores are means of the parameters over the last part of the steps. */
const SCORED = 0.25;

/** Trains masks from all nodes open. */
export async function trainMasks(options: MaskTrainingOptions): Promise<RankedUnits> {
  const training = new MaskTraining(options);
  try {
    return await training.run();
  } finally {
    await training.release();
  }
}

class MaskTraining {
  private nodes: NodeSet;
  private units: Units;
  private model: MaskedModel;
  /** [unit] each. */
  private parameters: Float64Array;
  private first: Float64Array;
  private second: Float64Array;
  private scores: Float64Array;
  private scored = 0;
  private price: number;
  private loss: number | null = null;
  private calibration: Calibration = UNCALIBRATED;
  private readonly recent: { difference: number; sign: number }[] = [];
  private readonly taught: Chunks;
  private readonly judged: Chunks | null;

  constructor(private readonly options: MaskTrainingOptions) {
    const { nodes, tied, settings, rng } = options;
    this.nodes = nodes;
    this.units = pairUnits(nodes, tied);
    this.model = options.open(nodes);
    const zeros = () => new Float64Array(this.units.length);
    this.parameters = zeros().map(() => settings.start + settings.noise * rng.normal());
    [this.first, this.second, this.scores] = [zeros(), zeros(), zeros()];
    this.price = settings.price;
    const chunks = (pairs: readonly Prompt[]) => new Chunks(pairs, settings.chunkPairs, rng);
    this.taught = chunks(options.prompts);
    this.judged = options.judge ? chunks(options.judge) : null;
  }

  async run(): Promise<RankedUnits> {
    const { settings, elapsed } = this.options;
    let step = 0;
    for (; step < settings.steps; step++) {
      const done = Math.max(step / settings.steps, elapsed());
      if (done >= 1) break;
      await this.step(step, done);
      if ((step + 1) % SHRINK_EVERY === 0 && done < 1 - SCORED) await this.shrink();
    }
    const { nodes, units } = this;
    const scores = this.scored > 0 ? this.scores.map((sum) => sum / this.scored) : this.parameters;
    return { nodes, units, scores, steps: step };
  }

  release(): Promise<void> {
    return this.model.release();
  }

  private async step(step: number, done: number): Promise<void> {
    const { settings, onStep } = this.options;
    const gates = this.gates();
    const sum = new Float64Array(this.nodes.count);
    let loss = 0;
    for (let chunk = 0; chunk < settings.chunks; chunk++) {
      const prompts = this.taught.next();
      const found = await this.model.gradient(prompts, gates, this.calibration);
      loss += found.loss / settings.chunks;
      for (let i = 0; i < sum.length; i++) sum[i] += found.gradient[i] / settings.chunks;
      prompts.forEach(({ sign }, i) =>
        this.recent.push({ difference: found.differences[i], sign }),
      );
    }
    this.recent.splice(0, this.recent.length - RECENT);
    if (step % CALIBRATE_EVERY === 0) this.recalibrate();
    if (this.judged) loss = await this.lossOn(this.judged.next(), gates);
    this.loss = this.loss === null ? loss : LOSS_MEMORY * this.loss + (1 - LOSS_MEMORY) * loss;
    const open = gates.reduce((total, gate) => total + gate, 0);
    this.adjustPrice(this.loss, open);
    this.update(sum, step, rateAt(settings, done));
    if (done >= 1 - SCORED) {
      this.scored++;
      for (let i = 0; i < this.scores.length; i++) this.scores[i] += this.parameters[i];
    }
    onStep({ step: step + 1, loss: this.loss, open, price: this.price });
  }

  private gates(): Float32Array {
    const gates = new Float32Array(this.nodes.count);
    this.units.forEach((places, unit) => {
      if (this.parameters[unit] > 0) for (const place of places) gates[place] = 1;
    });
    return gates;
  }

  /** A model far surer than it must be would give no gradient, and lose all its nodes at once. */
  private recalibrate(): void {
    const signs = this.recent.map(({ sign }) => sign);
    const differences = this.recent.map(({ difference }) => difference);
    this.calibration = soften(differences, signs, calibrate(differences, signs));
  }

  /** Raises the price where there is room: loss below its aim, or nodes above theirs. */
  private adjustPrice(loss: number, open: number): void {
    const { aim, settings } = this.options;
    const room = 'loss' in aim ? (aim.loss - loss) / aim.loss : (open - aim.nodes) / aim.nodes;
    const bounded = Math.max(-1, Math.min(1, room));
    const price = this.price * Math.exp(settings.priceRate * bounded);
    this.price = Math.max(PRICES.least, Math.min(PRICES.most, price));
  }

  /** Adam with decoupled weight decay on every unit's parameter, which stays in [-1, 1]. */
  private update(slopes: Float64Array, step: number, rate: number): void {
    const { temperature, weightDecay } = this.options.settings;
    const { parameters, first, second, price } = this;
    const gradient = new Float64Array(parameters.length);
    let [own, running] = [0, 0];
    for (let unit = 0; unit < parameters.length; unit++) {
      const places = this.units[unit];
      let slope = price * places.length;
      for (const place of places) slope += slopes[place];
      const sigmoid = 1 / (1 + Math.exp(-parameters[unit] / temperature));
      gradient[unit] = (slope * sigmoid * (1 - sigmoid)) / temperature;
      own += gradient[unit] ** 2;
      running += second[unit];
    }
    const unbias = 1 - BETA2 ** Math.max(1, step);
    const clip = step < 5 ? 1 : Math.min(1, CLIP * Math.sqrt(running / unbias / own || 1));
    const [unbias1, unbias2] = [1 - BETA1 ** (step + 1), 1 - BETA2 ** (step + 1)];
    for (let unit = 0; unit < parameters.length; unit++) {
      const g = clip * gradient[unit];
      first[unit] = BETA1 * first[unit] + (1 - BETA1) * g;
      second[unit] = BETA2 * second[unit] + (1 - BETA2) * g * g;
      const move = first[unit] / unbias1 / (Math.sqrt(second[unit] / unbias2) + EPSILON);
      const next = parameters[unit] * (1 - rate * weightDecay) - rate * move;
      parameters[unit] = Math.max(-1, Math.min(1, next));
    }
  }

  /** Lets go of units that are far from opening, once that makes the model much cheaper. */
  private async shrink(): Promise<void> {
    const keep = Array.from(this.units.keys()).filter((unit) => this.parameters[unit] > LOST);
    if (keep.length === 0 || keep.length > SHRINK * this.units.length) return;
    const places = new Set(keep.flatMap((unit) => this.units[unit]));
    this.nodes = this.nodes.filter((place) => places.has(place));
    const pick = (values: Float64Array) => Float64Array.from(keep, (unit) => values[unit]);
    this.parameters = pick(this.parameters);
    this.first = pick(this.first);
    this.second = pick(this.second);
    this.scores = pick(this.scores);
    this.units = pairUnits(this.nodes, this.options.tied);
    await this.model.release();
    this.model = this.options.open(this.nodes);
  }

  private async lossOn(prompts: readonly Prompt[], gates: Float32Array): Promise<number> {
    const [differences] = await this.model.differences(prompts, [gates]);
    const signs = prompts.map(({ sign }) => sign);
    return lossOf(differences, signs, this.calibration);
  }
}

/** Deals pairs in chunks of about one length; every pair comes once before any comes again. */
class Chunks {
  private queue: (readonly Prompt[])[] = [];

  constructor(
    private readonly prompts: readonly Prompt[],
    private readonly pairs: number,
    private readonly rng: Rng,
  ) {}

  next(): readonly Prompt[] {
    if (this.queue.length === 0) this.queue = this.deal();
    return this.queue.pop()!;
  }

  private deal(): (readonly Prompt[])[] {
    const { prompts, rng } = this;
    const pairs = Array.from({ length: prompts.length / 2 }, (_, i) =>
      prompts.slice(2 * i, 2 * i + 2),
    );
    const length = (pair: readonly Prompt[]) =>
      Math.max(...pair.map(({ tokens }) => tokens.length));
    const sorted = rng.shuffle(pairs).sort((a, b) => length(a) - length(b));
    const size = Math.min(this.pairs, sorted.length);
    const chunks: Prompt[][] = [];
    // What is left over would need a graph of its own; it comes in another order next time.
    const skip = rng.int((sorted.length % size) + 1);
    for (let start = skip; start + size <= sorted.length; start += size) {
      chunks.push(sorted.slice(start, start + size).flat());
    }
    return rng.shuffle(chunks);
  }
}

/** Learning rate: a linear rise, then a linear fall to a tenth. */
function rateAt({ learningRate, warmUp }: MaskSettings, done: number): number {
  if (done < warmUp) return (learningRate * (done + 0.01)) / (warmUp + 0.01);
  return learningRate * (1 - (0.9 * (done - warmUp)) / (1 - warmUp));
}
