/**
 * Learned masks: a parameter a gate, open where it is positive, trained through the derivative of a
 * sigmoid. Gao et al. (arXiv 2511.13653), section 2.3 and appendix. In place of a penalty found by a
 * search, the price of an open gate follows the loss: it rises while the task loss is below its aim
 * and falls while it is above. The loss is the strict one: a calibration whose scale is fitted falls to
 * 0 where labels carry no signal, and with it every gradient.
 */
import type { Rng } from '../../random';
import type { Calibration } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import { lossOf, soften, UNCALIBRATED } from '../calibration';
import { Chunks } from './chunks';
import type { GatedModel, GateSet, OpenGates } from './gates';

/** How masks are learned. */
export interface MaskSettings {
  readonly steps: number;
  /** Pairs whose gradients a step takes. */
  readonly chunkPairs: number;
  readonly learningRate: number;
  /**
   * Parameters start at `start` for the gate of the least slope, and `spread` above for that of the
   * steepest: gates close one after the other, those that matter least first. Started alike they close
   * all at once, and no gradient is left that says which were needed.
   */
  readonly start: number;
  readonly spread: number;
  readonly noise: number;
  readonly weightDecay: number;
  /** Fraction of the steps over which the learning rate rises; then it falls linearly. */
  readonly warmUp: number;
  /** Width of the sigmoid whose derivative stands for that of the step. */
  readonly temperature: number;
  /** Price of an open node or weight (nats) at the start, and how fast its logarithm follows the loss. */
  readonly price: number;
  readonly priceRate: number;
}

export interface MaskTrainingOptions<G> {
  readonly settings: MaskSettings;
  readonly open: OpenGates<G>;
  /** All of them open at the start. */
  readonly gates: G;
  /** Side a of pair i at 2i, side b at 2i + 1. */
  readonly prompts: readonly Prompt[];
  /**
   * In every step a random part of the closed gates, another each time, is opened for as many pairs
   * more: what is kept then holds beside the rest as well as alone. No gate is let go of meanwhile.
   */
  readonly putBack: boolean;
  /** Task loss (nats) that the price steers to. */
  readonly aim: number;
  readonly rng: Rng;
  /** True when no time is left: training then stops where it is. */
  readonly expired: () => boolean;
  readonly onStep: (step: MaskStep) => void;
}

/** What is known after a step. */
export interface MaskStep {
  readonly step: number;
  /** Running mean of the strict task loss, nats. */
  readonly loss: number;
  /** Gates open. */
  readonly open: number;
  readonly price: number;
}

/** Gates that may matter, with a score each: the higher, the more the circuit wants it. */
export interface Ranked<G> {
  readonly gates: G;
  /** [gate] */
  readonly scores: Float64Array;
  /** Steps done; fewer than were asked for when the time ran out. */
  readonly steps: number;
}

const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8;
/** Gradients are clipped to this root mean square over their running one. */
const CLIP = 3;
const LOSS_MEMORY = 0.9;
/** Prompts whose latest differences the calibration is fitted on. */
const RECENT = 192;
/** Loss (nats) below which little can be learned from a model. */
const LEAST_LOSS = 0.05;
/** Chunks over which the slopes are averaged that parameters start by. */
const SLOPE_CHUNKS = 6;
/** Gates at this parameter or below may be let go for good. */
const LOST = -0.4;
/** Done when that shrinks the set to this share. */
const SHRINK = 0.6;
const SHRINK_EVERY = 20;
const PRICES = { least: 1e-7, most: 0.1 };
/** Scores are means of the parameters over the last part of the steps. */
const SCORED = 0.25;

/** Trains masks from all gates open. */
export async function trainMasks<G extends GateSet<G>>(
  options: MaskTrainingOptions<G>,
): Promise<Ranked<G>> {
  const training = new MaskTraining(options);
  try {
    return await training.run();
  } finally {
    await training.release();
  }
}

class MaskTraining<G extends GateSet<G>> {
  private gates: G;
  private model: GatedModel;
  /** [gate] each. */
  private parameters: Float64Array;
  private first: Float64Array;
  private second: Float64Array;
  private scores: Float64Array;
  private scored = 0;
  private price: number;
  private loss: number | null = null;
  private calibration: Calibration = UNCALIBRATED;
  private readonly recent: { difference: number; sign: number }[] = [];
  private readonly chunks: Chunks;

  constructor(private readonly options: MaskTrainingOptions<G>) {
    const { gates, settings, rng, prompts } = options;
    this.gates = gates;
    this.model = options.open(gates);
    const zeros = () => new Float64Array(gates.count);
    [this.parameters, this.first, this.second] = [zeros(), zeros(), zeros()];
    this.scores = zeros();
    this.price = settings.price;
    this.chunks = new Chunks(prompts, settings.chunkPairs, rng);
  }

  async run(): Promise<Ranked<G>> {
    const { settings, expired, putBack } = this.options;
    await this.start();
    let step = 0;
    for (; step < settings.steps && !expired(); step++) {
      const done = step / settings.steps;
      await this.step(step, done);
      if (!putBack && (step + 1) % SHRINK_EVERY === 0 && done < 1 - SCORED) await this.shrink();
    }
    const { gates } = this;
    const scores = this.scored > 0 ? this.scores.map((sum) => sum / this.scored) : this.parameters;
    return { gates, scores, steps: step };
  }

  release(): Promise<void> {
    return this.model.release();
  }

  /** Parameters by the rank of the slopes with everything open. */
  private async start(): Promise<void> {
    const { settings, rng } = this.options;
    const { parameters } = this;
    const open = new Float32Array(this.gates.count).fill(1);
    const slopes = new Float64Array(open.length);
    for (let chunk = 0; chunk < SLOPE_CHUNKS; chunk++) {
      const prompts = this.chunks.next();
      // The first pass only calibrates: a model that is very sure has no slopes.
      if (chunk === 0) {
        const [found] = await this.model.differences(prompts, [open]);
        this.recalibrate(prompts, found);
      }
      const { gradient, differences } = await this.model.gradient(prompts, open, this.calibration);
      this.recalibrate(prompts, differences);
      for (let i = 0; i < slopes.length; i++) slopes[i] -= gradient[i];
    }
    const order = Array.from(slopes.keys()).sort((a, b) => slopes[a] - slopes[b]);
    order.forEach((gate, rank) => {
      const place = settings.start + (settings.spread * rank) / order.length;
      parameters[gate] = place + settings.noise * rng.normal();
    });
  }

  private async step(step: number, done: number): Promise<void> {
    const { settings, onStep, putBack } = this.options;
    const setting = Float32Array.from(this.parameters, (parameter) => (parameter > 0 ? 1 : 0));
    const own = await this.pass(setting);
    let { loss, gradient } = own;
    if (putBack) {
      const other = await this.pass(this.withSome(setting));
      loss = (loss + other.loss) / 2;
      gradient = gradient.map((slope, gate) => (slope + other.gradient[gate]) / 2);
    }
    this.loss = this.loss === null ? loss : LOSS_MEMORY * this.loss + (1 - LOSS_MEMORY) * loss;
    const open = setting.reduce((total, gate) => total + gate, 0);
    this.adjustPrice(this.loss);
    this.update(gradient, step, rateAt(settings, done));
    if (done >= 1 - SCORED) {
      this.scored++;
      for (let i = 0; i < this.scores.length; i++) this.scores[i] += this.parameters[i];
    }
    onStep({ step: step + 1, loss: this.loss, open, price: this.price });
  }

  /** Strict loss and gradient of a setting on the next pairs. */
  private async pass(setting: Float32Array): Promise<{ loss: number; gradient: Float32Array }> {
    const prompts = this.chunks.next();
    const { calibration } = this;
    const { gradient, differences } = await this.model.gradient(prompts, setting, calibration);
    this.recalibrate(prompts, differences);
    const strict = { scale: 1, shift: this.calibration.shift / this.calibration.scale };
    return { loss: lossOf(differences, signsOf(prompts), strict), gradient };
  }

  /** The setting with a random part of what it closes open. */
  private withSome(setting: Float32Array): Float32Array {
    const { rng } = this.options;
    const share = rng.next();
    return setting.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
  }

  private recalibrate(prompts: readonly Prompt[], differences: ArrayLike<number>): void {
    prompts.forEach(({ sign }, i) => this.recent.push({ difference: differences[i], sign }));
    this.recent.splice(0, this.recent.length - RECENT);
    const signs = this.recent.map(({ sign }) => sign);
    const latest = this.recent.map(({ difference }) => difference);
    this.calibration = soften(latest, signs, LEAST_LOSS);
  }

  /** Raises the price while the loss is below its aim. */
  private adjustPrice(loss: number): void {
    const { aim, settings } = this.options;
    const room = Math.max(-1, Math.min(1, (aim - loss) / aim));
    const price = this.price * Math.exp(settings.priceRate * room);
    this.price = Math.max(PRICES.least, Math.min(PRICES.most, price));
  }

  /** Adam with decoupled weight decay on every parameter, which stays in [-1, 1]. */
  private update(slopes: Float32Array, step: number, rate: number): void {
    const { temperature, weightDecay } = this.options.settings;
    const { parameters, first, second, price } = this;
    const { sizes } = this.gates;
    const gradient = new Float64Array(parameters.length);
    let [own, running] = [0, 0];
    for (let gate = 0; gate < parameters.length; gate++) {
      const sigmoid = 1 / (1 + Math.exp(-parameters[gate] / temperature));
      const slope = slopes[gate] + price * sizes[gate];
      gradient[gate] = (slope * sigmoid * (1 - sigmoid)) / temperature;
      own += gradient[gate] ** 2;
      running += second[gate];
    }
    const unbias = 1 - BETA2 ** Math.max(1, step);
    const clip = step < 5 ? 1 : Math.min(1, CLIP * Math.sqrt(running / unbias / own || 1));
    const [unbias1, unbias2] = [1 - BETA1 ** (step + 1), 1 - BETA2 ** (step + 1)];
    for (let gate = 0; gate < parameters.length; gate++) {
      const g = clip * gradient[gate];
      first[gate] = BETA1 * first[gate] + (1 - BETA1) * g;
      second[gate] = BETA2 * second[gate] + (1 - BETA2) * g * g;
      const move = first[gate] / unbias1 / (Math.sqrt(second[gate] / unbias2) + EPSILON);
      const next = parameters[gate] * (1 - rate * weightDecay) - rate * move;
      parameters[gate] = Math.max(-1, Math.min(1, next));
    }
  }

  /** Lets go of gates that are far from opening, once that makes the model much cheaper. */
  private async shrink(): Promise<void> {
    const { parameters, gates } = this;
    const keep = Array.from(parameters.keys()).filter((gate) => parameters[gate] > LOST);
    if (keep.length === 0 || keep.length > SHRINK * parameters.length) return;
    this.gates = gates.filter((gate) => parameters[gate] > LOST);
    const pick = (values: Float64Array) => Float64Array.from(keep, (gate) => values[gate]);
    this.parameters = pick(this.parameters);
    this.first = pick(this.first);
    this.second = pick(this.second);
    this.scores = pick(this.scores);
    await this.model.release();
    this.model = this.options.open(this.gates);
  }
}

function signsOf(prompts: readonly Prompt[]): number[] {
  return prompts.map(({ sign }) => sign);
}

/** Learning rate: a linear rise, then a linear fall to a tenth. */
function rateAt({ learningRate, warmUp }: MaskSettings, done: number): number {
  if (done < warmUp) return (learningRate * (done + 0.01)) / (warmUp + 0.01);
  return learningRate * (1 - (0.9 * (done - warmUp)) / (1 - warmUp));
}
