/**
 * Learned masks: a parameter a gate, open where it is positive, trained through the derivative of a
 * sigmoid. Gao et al. (arXiv 2511.13653), section 2.3 and appendix. In place of a penalty found by a
 * search, the price of an open gate follows the loss: it rises while the task loss is below its aim
 * and falls while it is above. The loss is the strict one: a calibration whose scale is fitted falls to
 * 0 where labels carry no signal, and with it every gradient.
 */
import type { Rng } from '../../random';
import type { Prompt } from '../../tasks/prompts';
import { lossOf, soften } from './calibration';
import { Adam } from './adam';
import { Adversary, CHOICE } from './adversary';
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
   * Steps take turns: what is closed is at its mean, or a random part of it is open, another each time,
   * or what an adversary chooses. What is kept then holds beside the rest as well as alone. One slope
   * serves both sides, the masks to go down and the adversary to go up. No gate is let go of meanwhile.
   */
  readonly putBack: boolean;
  /** Task loss (nats) that the price steers to. */
  readonly aim: number;
  /** While more nodes or weights are open the price rises, whatever the loss. */
  readonly most?: number | undefined;
  readonly rng: Rng;
  /** True when no time is left: training then stops where it is. */
  readonly expired: () => boolean;
  readonly onStep: (step: MaskStep) => void;
}

/** What is known after a step. */
export interface MaskStep {
  readonly step: number;
  /** Running mean of the strict task loss, nats; the worst of those of the turns. */
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

const LOSS_MEMORY = 0.9;
/** Prompts whose latest differences the scale is fitted on. */
const RECENT = 96;
/** Loss (nats) below which little can be learned from a model. */
const LEAST_LOSS = 0.05;
/** Chunks over which the slopes are averaged that parameters start by. */
const SLOPE_CHUNKS = 6;
/** Gates at this parameter or below may be let go for good. */
const LOST = -0.4;
/** Done when that shrinks the set to this share. */
const SHRINK = 0.6;
const SHRINK_EVERY = 20;
const PRICES = { least: 3e-5, most: 0.03 };
/** Scores are means of the parameters over the last part of the steps. */
const SCORED = 0.25;

/** What is outside in a step. */
const TURNS = ['mean', 'random', 'adversary'] as const;
type Turn = (typeof TURNS)[number];

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
  private scores: Float64Array;
  private readonly adam: Adam;
  private scored = 0;
  private price: number;
  /** By turn: running losses, and the latest differences less the means of their batches. */
  private readonly losses = new Map<Turn, number>();
  private readonly recent = new Map<Turn, { difference: number; sign: number }[]>();
  private readonly chunks: Chunks;
  private readonly adversary: Adversary;

  constructor(private readonly options: MaskTrainingOptions<G>) {
    const { gates, settings, rng, prompts } = options;
    this.gates = gates;
    this.model = options.open(gates);
    this.parameters = new Float64Array(gates.count);
    this.scores = new Float64Array(gates.count);
    this.adam = new Adam(gates.count);
    this.price = settings.price;
    this.chunks = new Chunks(prompts, settings.chunkPairs, rng);
    this.adversary = new Adversary(gates.count);
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
    const { settings, rng, expired } = this.options;
    const { parameters } = this;
    const open = new Float32Array(this.gates.count).fill(1);
    const slopes = new Float64Array(open.length);
    for (let chunk = 0; chunk < SLOPE_CHUNKS && !expired(); chunk++) {
      const prompts = this.chunks.next();
      // The first pass only calibrates: a model that is very sure has no slopes.
      if (chunk === 0) {
        const [found] = await this.model.differences(prompts, [open]);
        this.remember('mean', prompts, found);
      }
      const { gradient } = await this.pass(open, 'mean', prompts);
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
    const kept = Float32Array.from(this.parameters, (parameter) => (parameter > 0 ? 1 : 0));
    const turn = putBack ? TURNS[step % TURNS.length] : 'mean';
    const setting = this.beside(kept, turn);
    const { loss, gradient } = await this.pass(setting, turn);
    if (putBack && turn !== 'random') this.adversary.learn(gradient);
    // What is open from outside stays so whatever its own gate does.
    const slopes = gradient.map((slope, gate) => (kept[gate] === setting[gate] ? slope : 0));
    const before = this.losses.get(turn);
    this.losses.set(
      turn,
      before === undefined ? loss : LOSS_MEMORY * before + (1 - LOSS_MEMORY) * loss,
    );
    const worst = Math.max(...this.losses.values());
    const open = kept.reduce((total, gate) => total + gate, 0);
    const { sizes } = this.gates;
    this.adjustPrice(
      worst,
      kept.reduce((total, gate, i) => total + gate * sizes[i], 0),
    );
    this.update(slopes, rateAt(settings, done));
    if (done >= 1 - SCORED) {
      this.scored++;
      for (let i = 0; i < this.scores.length; i++) this.scores[i] += this.parameters[i];
    }
    onStep({ step: step + 1, loss: worst, open, price: this.price });
  }

  /** Loss, with the shift that centres the pairs' differences, and gradient of a setting. */
  private async pass(
    setting: Float32Array,
    turn: Turn,
    prompts = this.chunks.next(),
  ): Promise<{ loss: number; gradient: Float32Array }> {
    const latest = this.recent.get(turn) ?? [];
    const { scale } = soften(
      latest.map(({ difference }) => difference),
      latest.map(({ sign }) => sign),
      LEAST_LOSS,
    );
    const calibration = { scale, shift: 'centred' } as const;
    const { gradient, differences } = await this.model.gradient(prompts, setting, calibration);
    const centred = this.remember(turn, prompts, differences);
    return { loss: lossOf(centred, signsOf(prompts)), gradient };
  }

  /** What is kept, with what is open of the rest at a turn. */
  private beside(kept: Float32Array, turn: Turn): Float32Array {
    if (turn === 'mean') return kept;
    if (turn === 'adversary') return this.adversary.open(kept, CHOICE);
    const { rng } = this.options;
    const share = rng.next();
    return kept.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
  }

  /** Keeps differences, less their mean, for the scale of later passes at such a turn. */
  private remember(turn: Turn, prompts: readonly Prompt[], differences: ArrayLike<number>) {
    const mean = Array.from(differences).reduce((sum, x) => sum + x, 0) / differences.length;
    const centred = Array.from(differences, (difference) => difference - mean);
    const own = this.recent.get(turn) ?? [];
    prompts.forEach(({ sign }, i) => own.push({ difference: centred[i], sign }));
    this.recent.set(turn, own.slice(-RECENT));
    return centred;
  }

  /** Raises the price while the loss is below its aim, or more is open than may be. */
  private adjustPrice(loss: number, open: number): void {
    const { aim, most, settings } = this.options;
    const within = (share: number) => Math.max(-1, Math.min(1, share));
    const rooms = [within((aim - loss) / aim), most ? within((open - most) / most) : -1];
    const price = this.price * Math.exp(settings.priceRate * Math.max(...rooms));
    // No price is too high for gates that may not be open.
    const cap = most === undefined ? PRICES.most : Infinity;
    this.price = Math.max(PRICES.least, Math.min(cap, price));
  }

  /** Moves every parameter down the slope of its gate, its price included. */
  private update(slopes: Float32Array, rate: number): void {
    const { temperature, weightDecay } = this.options.settings;
    const { parameters, price } = this;
    const { sizes } = this.gates;
    const gradient = parameters.map((parameter, gate) => {
      const sigmoid = 1 / (1 + Math.exp(-parameter / temperature));
      return ((slopes[gate] + price * sizes[gate]) * sigmoid * (1 - sigmoid)) / temperature;
    });
    this.adam.update(parameters, gradient, rate, weightDecay);
  }

  /** Lets go of gates that are far from opening, once that makes the model much cheaper. */
  private async shrink(): Promise<void> {
    const { parameters, gates } = this;
    const keep = Array.from(parameters.keys()).filter((gate) => parameters[gate] > LOST);
    if (keep.length === 0 || keep.length > SHRINK * parameters.length) return;
    this.gates = gates.filter((gate) => parameters[gate] > LOST);
    const pick = (values: Float64Array) => Float64Array.from(keep, (gate) => values[gate]);
    this.parameters = pick(this.parameters);
    this.adam.keep(keep);
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
