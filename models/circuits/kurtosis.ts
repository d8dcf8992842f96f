/**
 * Kurtosis of the residual stream: how much of it a few channels carry. It rises with weight sparsity
 * (Gao et al., arXiv 2511.13653).
 */
import type { Bundle } from '../bundles/bundle';
import type { Runtime } from '../runtime/runtime';
import { windowsOf } from '../inference/windows';
import { activationSites, siteName } from '../transformer/nodes';
import { SiteActivity } from './activity';

/** Fourth central moment over the squared variance; 3 for a normal distribution, NaN for a constant. */
export function kurtosis(values: ArrayLike<number>): number {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let [second, fourth] = [0, 0];
  for (let i = 0; i < n; i++) {
    const square = (values[i] - mean) ** 2;
    second += square / n;
    fourth += square ** 2 / n;
  }
  return fourth / second ** 2;
}

/** Sums over the tokens of texts, of the kurtosis over channels at each place of the residual stream. */
export class ResidualKurtosis {
  private readonly sums: Float64Array;
  /** Tokens counted at each place: a sparse embedding may be zero, which has no kurtosis. */
  private readonly counts: Float64Array;
  /** Nodes that are not zero at the same tokens. */
  readonly activity = new SiteActivity();

  /** @param bundle the one that the runtime runs */
  constructor(
    private readonly runtime: Runtime,
    private readonly bundle: Bundle,
  ) {
    const places = 2 * bundle.config.layers + 1;
    this.sums = new Float64Array(places);
    this.counts = new Float64Array(places);
  }

  /** Adds every token of a text. */
  async add(text: string): Promise<void> {
    const { context } = this.bundle.config;
    const { ids } = await this.runtime.tokens(text);
    for (const { end, ownStart } of windowsOf(ids.length, context, { start: 0, end: ids.length })) {
      const { window, whole } = await this.runtime.trace(text, { token: end - 1 }, { whole: true });
      for (let token = Math.max(0, ownStart); token < end; token++) {
        const row = token - window.start;
        this.addToken(ids[token], row, whole!);
        this.activity.add(this.activationsOf(whole!), row, window.end - window.start);
      }
    }
  }

  /** What AbsTopK and sparse weights leave zero: activations alone. */
  private activationsOf(whole: ReadonlyMap<string, Float32Array>) {
    return new Map(activationSites(this.bundle.config).map(({ name }) => [name, whole.get(name)!]));
  }

  /** Mean over the tokens after the embedding, then after each attention and each MLP. */
  get means(): { place: string; kurtosis: number }[] {
    const { layers } = this.bundle.config;
    const places = Array.from({ length: layers }, (_, layer) => [`${layer}.attn`, `${layer}.mlp`]);
    return ['embed', ...places.flat()].map((place, i) => ({
      place,
      kurtosis: this.sums[i] / this.counts[i],
    }));
  }

  /** The residual stream of a token is its embedding and what was written since: follows it. */
  private addToken(id: number, row: number, whole: ReadonlyMap<string, Float32Array>): void {
    const { dModel, layers } = this.bundle.config;
    const embed = this.bundle.weights.get('embed.weight')!;
    const residual = Float64Array.from(embed.subarray(id * dModel, (id + 1) * dModel));
    if (this.bundle.config.positionsAre === 'added') {
      const positions = this.bundle.weights.get('positions.weight')!;
      for (let c = 0; c < dModel; c++) residual[c] += positions[row * dModel + c];
    }
    this.count(0, residual);
    for (let place = 0; place < 2 * layers; place++) {
      const part = place % 2 === 0 ? 'attn' : 'mlp';
      const written = whole.get(siteName(place >> 1, `${part}.resid_delta`))!;
      for (let c = 0; c < dModel; c++) residual[c] += written[row * dModel + c];
      this.count(place + 1, residual);
    }
  }

  private count(place: number, residual: Float64Array): void {
    const value = kurtosis(residual);
    if (Number.isNaN(value)) return;
    this.sums[place] += value;
    this.counts[place]++;
  }
}
