/**
 * The arrays of OpenAI's circuit-sparsity models as ours. Theirs are [output, input] with queries,
 * keys and values in one; ours [input, output]. Each array is read once and kept sparse.
 */
import { sparsest, type SparseArray } from '../graph/sparse';
import { besideWidth, readWidth, type TransformerConfig } from '../transformer/config';
import { StoredWeights } from '../transformer/storedWeights';
import type { Checkpoint } from './checkpoint';
import { ImportError } from './error';
import { configOf, type OpenAiConfig } from './openaiConfig';

/** How a long import reports and yields. */
export interface Control {
  /** What is done, and how many of how many parts of it. */
  progress(what: string, done: number, total: number): void;
  /** Lets others in; throws when the import was cancelled. */
  pause(): Promise<void>;
}

/** Attribute of the module that the weights may be in, in copies for other libraries. */
const PREFIX = 'circuit_model.';
/** Causal masks, saved by an older attention; not biases. */
const MASK = /^transformer\.h\.\d+\.attn\.bias$/;
const LOGIT_BIAS = 'final_logits_bias';

/** A model as it was read. */
export interface ReadModel {
  readonly config: TransformerConfig;
  readonly weights: StoredWeights;
}

/**
 * Reads all arrays.
 * @throws ImportError when one is missing, has another shape, or is not of the model
 */
export async function readOpenAiWeights(
  theirs: OpenAiConfig,
  file: string,
  checkpoint: Checkpoint,
  control: Control,
): Promise<ReadModel> {
  const config = configOf(theirs, file);
  const source = new Source(checkpoint, shapesOf(theirs, config));
  const reading = new Reading(config, source);
  const parts = reading.parts();
  for (const [done, part] of parts.entries()) {
    control.progress('arrays read', done, parts.length);
    await control.pause();
    part();
  }
  control.progress('arrays read', parts.length, parts.length);
  return reading.result();
}

/** Numbers of the whole file, and of its largest array, for a first look at its size. */
export function numbersOf(
  theirs: OpenAiConfig,
  file: string,
): { readonly numbers: number; readonly largest: number } {
  const shapes = [...shapesOf(theirs, configOf(theirs, file)).values()];
  const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
  return { numbers: sizes.reduce((a, b) => a + b, 0), largest: Math.max(...sizes) };
}

/** Shape of every array that a file must have. */
function shapesOf(theirs: OpenAiConfig, config: TransformerConfig): Map<string, number[]> {
  const { dModel, dMlp, vocab, layers, heads } = config;
  const [read, beside] = [readWidth(config), besideWidth(config)];
  const n = heads * config.dHead;
  const shapes = new Map<string, number[]>([
    ['transformer.wte.weight', [vocab, dModel]],
    ['transformer.wpe.weight', [theirs.block_size, config.positions]],
    ['transformer.ln_f.weight', [dModel]],
    ['lm_head.weight', [vocab, dModel]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const h = `transformer.h.${layer}`;
    const linear = (name: string, to: number, from: number) => {
      shapes.set(`${h}.${name}.weight`, [to, from]);
      if (config.biases) shapes.set(`${h}.${name}.bias`, [to]);
    };
    for (const norm of ['ln_1', 'ln_2']) shapes.set(`${h}.${norm}.weight`, [dModel]);
    if (beside > 0) {
      for (const norm of ['ln_p1', 'ln_p2']) shapes.set(`${h}.${norm}.weight`, [beside]);
    }
    linear('attn.c_attn', 3 * n, read);
    linear('attn.c_proj', dModel, n);
    linear('mlp.c_fc', dMlp, read);
    linear('mlp.c_proj', dModel, dMlp);
    if (config.sinks) shapes.set(`${h}.attn.attn_imp.sink_logit`, [heads]);
  }
  if (config.bigram !== 'none') shapes.set('bigram_table', [vocab, vocab]);
  return shapes;
}

/** The file's arrays by their plain names, checked against those that it must have. */
class Source {
  private readonly names = new Map<string, string>();

  constructor(
    private readonly checkpoint: Checkpoint,
    expected: ReadonlyMap<string, readonly number[]>,
  ) {
    const { path, shapes } = checkpoint;
    for (const [name, shape] of shapes) {
      const plain = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
      if (MASK.test(plain) && shape.length === 4) continue;
      const wanted =
        plain === LOGIT_BIAS ? [expected.get('lm_head.weight')![0]] : expected.get(plain);
      if (!wanted)
        throw new ImportError(
          `${path} has '${name}', which is not part of the model that its configuration describes`,
        );
      if (String(wanted) !== String(shape)) {
        throw new ImportError(
          `${path}: '${name}' has shape [${shape}] instead of [${wanted}] of its configuration`,
        );
      }
      if (this.names.has(plain)) throw new ImportError(`${path} has '${plain}' twice`);
      this.names.set(plain, name);
    }
    for (const name of expected.keys()) {
      if (!this.names.has(name)) {
        throw new ImportError(`${path} lacks '${name}', which its configuration requires`);
      }
    }
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  /** @throws ImportError when a number is not finite */
  read(name: string): Float32Array {
    const data = this.checkpoint.floats(this.names.get(name)!);
    const stray = data.findIndex((value) => !Number.isFinite(value));
    if (stray < 0) return data;
    throw new ImportError(
      `${this.checkpoint.path}: '${name}' has ${data[stray]} at entry ${stray}`,
    );
  }
}

class Reading {
  private readonly arrays = new Map<string, Float32Array | SparseArray>();
  private config: TransformerConfig;

  constructor(
    config: TransformerConfig,
    private readonly source: Source,
  ) {
    this.config = config;
  }

  result(): ReadModel {
    return { config: this.config, weights: new StoredWeights(this.arrays) };
  }

  /** What is to be read, one large array each. */
  parts(): (() => void)[] {
    const { layers, tiedEmbeddings, vocab, dModel } = this.config;
    const embeddings = [
      () => this.keep('embed.weight', this.source.read('transformer.wte.weight')),
      () => this.positions(),
    ];
    const blocks = Array.from({ length: layers }, (_, layer) => this.block(layer)).flat();
    const unembed = () => {
      const data = this.source.read('lm_head.weight');
      if (!tiedEmbeddings) this.keep('unembed.weight', transposed(data, vocab, dModel));
    };
    const final = () => this.keep('final.norm.gain', this.source.read('transformer.ln_f.weight'));
    return [...embeddings, ...blocks, final, unembed, () => this.bigram()];
  }

  private keep(name: string, data: Float32Array): void {
    this.arrays.set(name, sparsest(data));
  }

  private block(layer: number): (() => void)[] {
    const { heads, dHead, dModel, dMlp, biases, sinks } = this.config;
    const [read, beside, n] = [readWidth(this.config), besideWidth(this.config), heads * dHead];
    const [from, to] = [`transformer.h.${layer}`, `layers.${layer}`];
    const linear = (theirs: string, ours: string, out: number, into: number) => {
      const data = this.source.read(`${from}.${theirs}.weight`);
      this.keep(`${to}.${ours}.weight`, transposed(data, out, into));
      if (biases) this.keep(`${to}.${ours}.bias`, this.source.read(`${from}.${theirs}.bias`));
    };
    const gains = () => {
      for (const [part, number] of [
        ['attn', 1],
        ['mlp', 2],
      ] as const) {
        this.keep(`${to}.${part}.norm.gain`, this.source.read(`${from}.ln_${number}.weight`));
        if (beside === 0) continue;
        const gain = this.source.read(`${from}.ln_p${number}.weight`);
        this.keep(`${to}.${part}.positions.gain`, gain);
      }
      if (sinks) {
        this.keep(`${to}.attn.sink`, this.source.read(`${from}.attn.attn_imp.sink_logit`));
      }
    };
    const joined = () => {
      const data = this.source.read(`${from}.attn.c_attn.weight`);
      const bias = biases ? this.source.read(`${from}.attn.c_attn.bias`) : null;
      for (const [i, part] of ['q', 'k', 'v'].entries()) {
        const rows = data.subarray(i * n * read, (i + 1) * n * read);
        this.keep(`${to}.attn.${part}.weight`, transposed(rows, n, read));
        if (bias) this.keep(`${to}.attn.${part}.bias`, bias.slice(i * n, (i + 1) * n));
      }
    };
    return [
      gains,
      joined,
      () => linear('attn.c_proj', 'attn.out', dModel, n),
      () => linear('mlp.c_fc', 'mlp.in', dMlp, read),
      () => linear('mlp.c_proj', 'mlp.out', dModel, dMlp),
    ];
  }

  /**
   * The table cut to our context. Positions beside a read have a norm of their own, which is the same
   * at every read but for its gain: the rows are kept normed. An added table of zeros is left out.
   */
  private positions(): void {
    const { context, positions, normEpsilon } = this.config;
    const table = this.source.read('transformer.wpe.weight').slice(0, context * positions);
    if (this.config.positionsAre === 'added') {
      if (table.some((value) => value !== 0)) return this.keep('positions.weight', table);
      this.config = { ...this.config, positions: 0 };
      delete this.config.positionsAre;
      return;
    }
    for (let row = 0; row < context; row++) {
      const values = table.subarray(row * positions, (row + 1) * positions);
      const square = values.reduce((sum, value) => sum + value * value, 0) / positions;
      const scale = 1 / Math.sqrt(square + normEpsilon!);
      values.forEach((value, i) => (values[i] = value * scale));
    }
    this.keep('positions.weight', table);
  }

  /** The table, with the bias of the logits in each of its rows. */
  private bigram(): void {
    const { vocab, bigram } = this.config;
    const bias = this.source.has(LOGIT_BIAS) ? this.source.read(LOGIT_BIAS) : null;
    const biased = bias?.some((value) => value !== 0) ?? false;
    if (bigram === 'none') {
      if (!biased) return;
      throw new ImportError(
        'the model has a bias of the logits but no bigram table, which this version cannot run',
      );
    }
    const table = this.source.read('bigram_table');
    if (biased) for (let i = 0; i < table.length; i++) table[i] += bias![i % vocab];
    // Stored whole, as our own tables are.
    this.arrays.set('bigram.table', table);
  }
}

/** The transpose [columns, rows] of a matrix [rows, columns]. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column];
      if (value !== 0) out[column * rows + row] = value;
    }
  }
  return out;
}
