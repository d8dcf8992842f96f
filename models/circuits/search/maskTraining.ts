/**
 * Learned masks: one parameter per gate, open where it is positive, trained with the derivative of a sigmoid
 * as a straight-through estimate. Gao et al. (arXiv 2511.13653), section 2.3 and appendix. Instead of a fixed
 * penalty found by a sweep, the price of an open gate follows the loss: it rises while the task loss is below
 * its aim and falls while it is above. The loss is the strict one: with random labels a fitted scale would go
 * to 0, and every gradient with it.
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
  /** Pairs in the batch of a step. */
  readonly chunkPairs: number;
  readonly learningRate: number;
  /**
   * Parameters start at `start` for the gate with the smallest slope, up to `start + spread` for the steepest,
   * so that gates close one after the other, those that matter least first. Starting at the same value they
   * would all close at once, and no gradient would be left to tell which were needed.
   */
  readonly start: number;
  readonly spread: number;
  readonly noise: number;
  readonly weightDecay: number;
  /** Fraction of the steps over which the learning rate rises; then it falls linearly. */
  readonly warmUp: number;
  /** Width of the sigmoid whose derivative replaces that of the step function. */
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
   * Steps alternate: closed gates are all at their mean, or a new random part of them is restored, or those
   * that an adversary chooses, so that the kept gates work both alone and beside the rest. One gradient serves
   * both the masks, which descend, and the adversary, which ascends. Meanwhile no gate is dropped for good.
   */
  readonly putBack: boolean;
  /** Task loss (nats) that the price steers to. */
  readonly aim: number;
  /** While more nodes or weights than this are open, the price rises whatever the loss. */
  readonly most?: number | undefined;
  readonly rng: Rng;
  /** True when no time is left: training then stops where it is. */
  readonly expired: () => boolean;
  readonly onStep: (step: MaskStep) => void;
}

/** State after a step. */
export interface MaskStep {
  readonly step: number;
  /** Running mean of the strict task loss, nats; the largest over the alternating kinds of steps. */
  readonly loss: number;
  /** Gates open. */
  readonly open: number;
  readonly price: number;
}

/** Gates that may matter, each with a score; higher means more needed. */
export interface Ranked<G> {
  readonly gates: G;
  /** [gate] */
  readonly scores: Float64Array;
  /** Steps done; fewer than were asked for when the time ran out. */
  readonly steps: number;
}

const LOSS_MEMORY = 0.9;
/** Number of latest prompts whose differences the scale is fitted on. */
const RECENT = 96;
/** Below this loss (nats) differences are scaled down, since gradients vanish (`soften`). */
const LEAST_LOSS = 0.05;
/** Batches over which the initial slopes are averaged. */
const SLOPE_CHUNKS = 6;
/** Gates whose parameter is at most this may be dropped for good. */
const DROP_AT = -0.4;
/** They are dropped once at most this share of the gates would be left. */
const SHRINK = 0.6;
const SHRINK_EVERY = 20;
const PRICES = { least: 3e-5, most: 0.03 };
/** Scores are means of the parameters over the last part of the steps. */
const SCORED = 0.25;

/** How the closed gates are treated in a step. */
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
  /** By turn: running losses, and the latest differences, centred by batch. */
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

  /** Initialises parameters by the rank of the slopes with every gate open. */
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

  /** Loss and gradient of a setting, with the shift that centres the pairs' differences. */
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

  /** The kept gates, and those of the rest that are restored at a turn. */
  private beside(kept: Float32Array, turn: Turn): Float32Array {
    if (turn === 'mean') return kept;
    if (turn === 'adversary') return this.adversary.open(kept, CHOICE);
    const { rng } = this.options;
    const share = rng.next();
    return kept.map((gate) => (gate === 1 || rng.chance(share) ? 1 : 0));
  }

  /** Stores centred differences, from which the scale of later passes of the same turn is fitted. */
  private remember(turn: Turn, prompts: readonly Prompt[], differences: ArrayLike<number>) {
    const mean = Array.from(differences).reduce((sum, x) => sum + x, 0) / differences.length;
    const centred = Array.from(differences, (difference) => difference - mean);
    const own = this.recent.get(turn) ?? [];
    prompts.forEach(({ sign }, i) => own.push({ difference: centred[i], sign }));
    this.recent.set(turn, own.slice(-RECENT));
    return centred;
  }

  /** Raises the price while the loss is below its aim, or too many gates are open. */
  private adjustPrice(loss: number, open: number): void {
    const { aim, most, settings } = this.options;
    const within = (share: number) => Math.max(-1, Math.min(1, share));
    const rooms = [within((aim - loss) / aim), most ? within((open - most) / most) : -1];
    const price = this.price * Math.exp(settings.priceRate * Math.max(...rooms));
    // With a limit on open gates the price has no upper bound.
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

  /** Drops gates that are far from opening, once that makes the model much cheaper. */
  private async shrink(): Promise<void> {
    const { parameters, gates } = this;
    const keep = Array.from(parameters.keys()).filter((gate) => parameters[gate] > DROP_AT);
    if (keep.length === 0 || keep.length > SHRINK * parameters.length) return;
    this.gates = gates.filter((gate) => parameters[gate] > DROP_AT);
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
