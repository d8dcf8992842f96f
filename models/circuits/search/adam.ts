/** Adam with decoupled weight decay and clipped gradients, on parameters that stay in [-1, 1]. */
const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8;
/** Gradients are clipped to this multiple of their running root mean square. */
const CLIP = 3;
/** First steps, which are not clipped: the running mean is not reliable yet. */
const UNCLIPPED = 5;

export class Adam {
  /** Running means of gradients and of their squares, [parameter]. */
  private first: Float64Array;
  private second: Float64Array;
  private steps = 0;

  constructor(count: number) {
    this.first = new Float64Array(count);
    this.second = new Float64Array(count);
  }

  /** Keeps only the state of some parameters, in this order. */
  keep(places: readonly number[]): void {
    this.first = Float64Array.from(places, (place) => this.first[place]);
    this.second = Float64Array.from(places, (place) => this.second[place]);
  }

  /** One step down; both arrays are [parameter]. */
  update(parameters: Float64Array, gradient: Float64Array, rate: number, decay: number): void {
    const { first, second, steps } = this;
    let [own, running] = [0, 0];
    for (let i = 0; i < gradient.length; i++) {
      own += gradient[i] ** 2;
      running += second[i];
    }
    const unbias = 1 - BETA2 ** Math.max(1, steps);
    const clip = steps < UNCLIPPED ? 1 : Math.min(1, CLIP * Math.sqrt(running / unbias / own || 1));
    const [unbias1, unbias2] = [1 - BETA1 ** (steps + 1), 1 - BETA2 ** (steps + 1)];
    for (let i = 0; i < gradient.length; i++) {
      const g = clip * gradient[i];
      first[i] = BETA1 * first[i] + (1 - BETA1) * g;
      second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
      const move = first[i] / unbias1 / (Math.sqrt(second[i] / unbias2) + EPSILON);
      const next = parameters[i] * (1 - rate * decay) - rate * move;
      parameters[i] = Math.max(-1, Math.min(1, next));
    }
    this.steps++;
  }
}
