/**
 * A run for the PyTorch engine as a folder that needs nothing else: the emitted model, `train.py`,
 * packed token streams, settings, tokenizer, what the run starts with, and the windows that the
 * finished model is measured on.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../../bundles/bundle';
import { encodeSafetensors, type Tensor } from '../../bundles/safetensors';
import { replaceFiles } from '../../files';
import { Rng } from '../../random';
import { parameterSpecs, sizeOf, type ParameterSpec } from '../../transformer/parameters';
import type { TrainingConfig } from '../config';
import { BIGRAM_STEPS } from '../corpus/bigram';
import { HELD_OUT_SEED, idiomStream, makeBatch, type Batch, type WindowSource } from '../data';
import type { Prepared } from '../prepare';
import { trainingSource } from '../train';
import { freshScale, widened } from '../widen';
import { measuringWindows } from '../windows';
import { modelSource } from './modelSource';
import { packTokens } from './pack';

/** Version of the folder; `train.py` and `--finish` refuse another. */
export const RUN_FORMAT = 1;
export const RUN_FILE = 'run.json';
export const START_FILE = 'start.safetensors';
export const WINDOWS_FILE = 'windows.safetensors';
/** Files of Python that are copied as they are. */
const PROGRAMS = ['train.py', 'update.py', 'data.py'];

export interface RunFolderOptions {
  readonly config: TrainingConfig;
  readonly prepared: Prepared;
  /** The bundle whose training goes on; null for a new model. */
  readonly from: Bundle | null;
  /** Most tokens of each stream. */
  readonly tokens: { readonly ordinary: number; readonly generated: number };
  /** Folder of the programs in Python. */
  readonly programs: string;
  /** The command that makes the run, for the card. */
  readonly command: string;
  readonly out: string;
  readonly onProgress?: (what: string) => void;
}

/** Sizes of a run's folder. */
export interface RunFolderReport {
  readonly out: string;
  readonly streams: Record<string, { readonly tokens: number; readonly bytes: number }>;
  readonly bytes: number;
}

/** Writes the folder, whole or not at all; throws one line when there is one already or text is lacking. */
export async function writeRunFolder(options: RunFolderOptions): Promise<RunFolderReport> {
  const { config, prepared, out, onProgress } = options;
  if (existsSync(out)) throw new Error(`${out} exists; choose another --out`);
  const { context } = config.model;
  for (const part of ['trainStream', 'heldOutStream'] as const) {
    const { length } = prepared.data[part];
    if (length > context) continue;
    throw new Error(`corpus: ${length} tokens do not fill one window of ${context + 1}`);
  }
  const files = new Map<string, string | Uint8Array>();
  const streams: Record<string, { file: string; tokens: number; bytes: number }> = {};
  for (const [name, ids] of streamsOf(options)) {
    onProgress?.(`packing ${ids.length} ${name} tokens`);
    const bytes = await packTokens(ids, config.model.vocab);
    streams[name] = { file: `${name}.xz`, tokens: ids.length, bytes: bytes.length };
    files.set(`${name}.xz`, bytes);
  }
  const start = startOf(options);
  files.set(START_FILE, start.file);
  files.set(WINDOWS_FILE, windowsFile(config, prepared));
  files.set('model.py', modelSource(config.model));
  files.set('tokenizer.json', JSON.stringify(prepared.data.tokenizerJson));
  for (const name of PROGRAMS) files.set(name, readFileSync(join(options.programs, name)));
  const hash = createHash('sha256').update(JSON.stringify([config, start.parameters]));
  for (const data of files.values()) hash.update(data);
  const run = {
    ...{
      format: RUN_FORMAT,
      id: hash.digest('hex'),
      config,
      parameters: start.parameters,
      streams,
    },
    ...{ corpus: prepared.corpus, command: options.command },
    from: options.from && { hash: options.from.hash, card: options.from.card },
  };
  files.set(RUN_FILE, JSON.stringify(run, null, 2) + '\n');
  replaceFiles(out, files);
  const bytes = [...files.values()].reduce((sum, data) => sum + Buffer.byteLength(data), 0);
  return { out, streams, bytes };
}

/** Ordinary Python, thinned by whole documents where there is too much, and generated programs. */
function streamsOf({ config, prepared, tokens }: RunFolderOptions): [string, Uint16Array][] {
  const { tokenizer, wide } = trainingSource(config, prepared.data);
  const ordinary = thinned(
    prepared.data.trainStream,
    tokenizer.endOfText,
    Math.max(tokens.ordinary, config.model.context + 1),
    config.seed,
  );
  if (config.idiomShare === 0) return [['ordinary', ordinary]];
  const count = Math.max(tokens.generated, config.model.context + 1);
  const generated = idiomStream(tokenizer, new Rng(config.seed, 'packed'), count, wide);
  return [
    ['ordinary', ordinary],
    ['generated', generated],
  ];
}

/** Documents of a stream chosen at random, in their order, until there are `most` tokens. */
export function thinned(
  stream: Uint16Array,
  endOfText: number,
  most: number,
  seed: number,
): Uint16Array {
  if (stream.length <= most) return stream;
  const starts: number[] = [];
  for (let i = 0; i < stream.length - 1; i++) if (stream[i] === endOfText) starts.push(i);
  const ends = [...starts.slice(1), stream.length - 1];
  const chosen: number[] = [];
  let left = most - 1;
  for (const document of new Rng(seed, 'documents').shuffle([...starts.keys()])) {
    const length = ends[document] - starts[document];
    if (length > left) continue;
    chosen.push(document);
    left -= length;
  }
  const out = new Uint16Array(most - left);
  let at = 0;
  for (const document of chosen.sort((a, b) => a - b)) {
    out.set(stream.subarray(starts[document], ends[document]), at);
    at += ends[document] - starts[document];
  }
  out[at] = endOfText;
  return out;
}

/** A parameter as `train.py` begins with it. */
interface Beginning extends ParameterSpec {
  /** Rows and columns that an earlier model gives; zero there but for what the start file has. */
  readonly given: readonly [number, number] | null;
}

/**
 * What the run starts with: only what an earlier model gives is stored, and the bigram table; the
 * rest is drawn by `train.py`, since it would be far larger than all else.
 */
function startOf({ config, prepared, from }: RunFolderOptions) {
  const weights = from && widened(from.weights, from.config, config.model, config.seed);
  const narrow =
    from && new Map(parameterSpecs(from.config).map((spec) => [spec.name, spec.shape]));
  const tensors = new Map<string, Tensor>();
  const parameters = parameterSpecs(config.model).map((spec): Beginning => {
    const { name, shape, trained } = spec;
    if (!trained) {
      const data = Uint8Array.from(prepared.data.fixed.get(name)!, (x) => -x * BIGRAM_STEPS);
      tensors.set(name, { shape, data });
      return { ...spec, given: null };
    }
    if (!weights || !narrow) return { ...spec, given: null };
    const columns = shape[shape.length - 1];
    const given = shape.length === 1 ? ([1, columns] as const) : pairOf(narrow.get(name)!);
    store(tensors, name, blockOf(weights.get(name)!, columns, given));
    return { ...spec, std: spec.std * (isWhole(shape, given) ? 1 : freshScale(name)), given };
  });
  return { parameters, file: encodeSafetensors({ tensors, metadata: {} }) };
}

const pairOf = ([rows, columns]: readonly number[]): readonly [number, number] => [rows, columns];
const isWhole = (shape: readonly number[], [rows, columns]: readonly [number, number]) =>
  sizeOf(shape) === rows * columns;

/** Zeros but for the first rows and columns. */
function blockOf(data: Float32Array, columns: number, given: readonly [number, number]) {
  return data.map((x, i) => (i < given[0] * columns && i % columns < given[1] ? x : 0));
}

/** The nonzero entries as indices and values. */
function store(tensors: Map<string, Tensor>, name: string, data: Float32Array): void {
  const indices = Int32Array.from(data.keys()).filter((i) => data[i] !== 0);
  const values = Float32Array.from(indices, (i) => data[i]);
  tensors.set(`${name}.indices`, { shape: [indices.length], data: indices });
  tensors.set(`${name}.values`, { shape: [values.length], data: values });
}

/** Windows of 16-bit tokens by name, [window, pos]; where a loss is taken, one token longer. */
function windowsFile(config: TrainingConfig, { data, newerStream }: Prepared): Uint8Array {
  const { context } = config.model;
  const train = trainingSource(config, data);
  const held: WindowSource = {
    ...{ tokenizer: train.tokenizer, context, idiomShare: 0 },
    ...{ stream: data.heldOutStream, seed: HELD_OUT_SEED },
  };
  // Those of our own trainer, which takes them by rounds of a batch.
  const rounds = Math.max(1, Math.ceil(config.evalWindows / config.batch));
  const during = (idiomShare: number) =>
    Array.from({ length: rounds }, (_, round) =>
      makeBatch({ ...held, idiomShare }, 'held-out', round, 0, config.batch),
    );
  const card = measuringWindows(train, data.heldOutStream, newerStream);
  const longer = (batches: readonly Batch[]) => {
    const rows = batches.flatMap(({ tokens, targets }) =>
      Array.from({ length: tokens.length / context }, (_, row) => {
        const [first, end] = [row * context, (row + 1) * context];
        return [...tokens.subarray(first, end), targets[end - 1]];
      }),
    );
    return { shape: [rows.length, context + 1], data: Uint16Array.from(rows.flat()) };
  };
  const plain = (tokens: Int32Array) => ({
    shape: [tokens.length / context, context],
    data: Uint16Array.from(tokens),
  });
  const tensors = new Map<string, Tensor>([
    ['heldOut.ordinary', longer(during(0))],
    ['heldOut.idioms', longer(during(1))],
    ['card.ordinary', longer([card.ordinary])],
    ['card.idioms', longer([card.idioms])],
    ...(card.newer ? [['card.newer', longer([card.newer])] as const] : []),
    ['card.means', plain(card.means)],
    ['card.examples', plain(card.examples)],
  ]);
  return encodeSafetensors({ tensors, metadata: {} });
}
