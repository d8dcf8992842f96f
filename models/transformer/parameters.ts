/** Every array that a model is made of: name, shape, how it starts, and whether it is kept sparse. */
import { Rng } from '../random';
import { besideWidth, readWidth, type TransformerConfig } from './config';

/** Slopes that the heads start with: from 8 (the last few tokens) to 1/16 (the whole window). */
function recencyStart(heads: number): number[] {
  return Array.from({ length: heads }, (_, head) => 2 ** (3 - (7 * head) / Math.max(1, heads - 1)));
}

/** One trained (or counted) array. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of the normal start; 0 starts at `initial`, one number or one an entry. */
  readonly std: number;
  readonly initial: number | readonly number[];
  /** In the sparse set: projected to the L0 fraction after every step. */
  readonly sparse: boolean;
  /** Weight decay applies. */
  readonly decay: boolean;
  /**
   * Axis whose slices are neurons or attention channels, each of which keeps at least j nonzero
   * weights; null where no channel is protected.
   */
  readonly channelAxis: 0 | 1 | null;
  /** Changed by training. */
  readonly trained: boolean;
}

/** A model's numbers by parameter name, row-major in the shape of the spec. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** The parameters of a model in a fixed order; matrices are [input, output]. */
export function parameterSpecs(config: TransformerConfig): ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  const { dModel, dMlp, vocab } = config;
  const read = readWidth(config);
  const dAttn = config.heads * config.dHead;
  const matrix = (
    name: string,
    shape: readonly [number, number],
    std: number,
    channelAxis: 0 | 1 | null,
  ) => {
    const rest = { initial: 0, sparse: true, decay: true, trained: true };
    specs.push({ name, shape, std, channelAxis, ...rest });
  };
  const vector = (
    name: string,
    length: number,
    initial: ParameterSpec['initial'],
    sparse: boolean,
  ) => {
    const rest = { std: 0, decay: false, channelAxis: null, trained: true } as const;
    specs.push({ name, shape: [length], initial, sparse, ...rest });
  };
  const linear = (name: string, from: number, to: number, std: number, channelAxis: 0 | 1) => {
    matrix(`${name}.weight`, [from, to], std, channelAxis);
    if (config.biases) vector(`${name}.bias`, to, 0, true);
  };
  const gain = (name: string, width: number) => {
    if (config.norm === 'rms') vector(`${name}.norm.gain`, width, 1, false);
  };
  /** Of a read: its norm's gain, and that of the positions beside it. */
  const readGains = (name: string) => {
    gain(name, dModel);
    if (config.positionGains) vector(`${name}.positions.gain`, besideWidth(config), 1, false);
  };
  // Writes to the residual stream start smaller, so that depth does not blow it up (GPT-2).
  const writeScale = 1 / Math.sqrt(2 * config.layers);

  matrix('embed.weight', [vocab, dModel], 0.2, null);
  if (config.positions > 0) matrix('positions.weight', [config.context, config.positions], 1, null);
  for (let layer = 0; layer < config.layers; layer++) {
    const attn = `layers.${layer}.attn`;
    readGains(attn);
    for (const part of ['q', 'k', 'v']) linear(`${attn}.${part}`, read, dAttn, read ** -0.5, 1);
    if (config.sinks) vector(`${attn}.sink`, config.heads, 0, false);
    if (config.recency) vector(`${attn}.recency`, config.heads, recencyStart(config.heads), false);
    linear(`${attn}.out`, dAttn, dModel, dAttn ** -0.5 * writeScale, 0);
    const mlp = `layers.${layer}.mlp`;
    readGains(mlp);
    linear(`${mlp}.in`, read, dMlp, read ** -0.5, 1);
    linear(`${mlp}.out`, dMlp, dModel, dMlp ** -0.5 * writeScale, 0);
  }
  gain('final', dModel);
  if (!config.tiedEmbeddings) matrix('unembed.weight', [dModel, vocab], 0, null);
  if (config.bigram !== 'none') {
    const trained = config.bigram === 'trained';
    const rest = { std: 0, initial: 0, sparse: false, decay: false, channelAxis: null };
    specs.push({ name: 'bigram.table', shape: [vocab, vocab], trained, ...rest });
  }
  return specs;
}

/** Number of entries of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Fresh weights for a seed; a counted bigram table is filled in by the caller. */
export function initialWeights(config: TransformerConfig, seed: number): Map<string, Float32Array> {
  return freshWeights(parameterSpecs(config), seed);
}

/** Fresh numbers of any parameters. */
export function freshWeights(
  specs: readonly ParameterSpec[],
  seed: number,
): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const spec of specs) {
    const rng = new Rng(seed, 'init', spec.name);
    const data = new Float32Array(sizeOf(spec.shape));
    if (typeof spec.initial === 'number') data.fill(spec.initial);
    else data.set(spec.initial);
    if (spec.std > 0) for (let i = 0; i < data.length; i++) data[i] = spec.std * rng.normal();
    weights.set(spec.name, data);
  }
  return weights;
}
