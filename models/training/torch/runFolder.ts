/**
 * A run for the PyTorch engine as a folder that needs nothing else: the emitted model, `train.py`,
 * packed token streams, settings, tokenizer, what the run starts with, and the windows that the
 * finished model is measured on.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../../bundles/bundle';
import { replaceFiles } from '../../files';
import { Rng } from '../../random';
import type { TrainingConfig } from '../config';
import { idiomStream } from '../data';
import type { Prepared } from '../prepare';
import { trainingSource, type GivenModel } from '../start';
import { modelSource, pairSource } from './modelSource';
import { packTokens } from './pack';
import { START_FILE, startFile, type BridgedStart } from './startFile';
import { WINDOWS_FILE, windowsFile } from './windowsFile';

/** Version of the folder; `train.py` and `--finish` refuse another. */
export const RUN_FORMAT = 1;
export const RUN_FILE = 'run.json';
/** Files of Python that are copied as they are. */
const PROGRAMS = ['train.py', 'update.py', 'data.py'];

export interface RunFolderOptions {
  readonly config: TrainingConfig;
  readonly prepared: Prepared;
  /** The bundle whose training goes on; null for a new model. */
  readonly from: Bundle | null;
  readonly bridged?: BridgedStart;
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
  const dense = options.bridged?.dense;
  if (existsSync(out)) throw new Error(`${out} exists already; choose another --out`);
  const { context } = config.model;
  for (const part of ['trainStream', 'heldOutStream'] as const) {
    const { length } = prepared.data[part];
    if (length > context) continue;
    throw new Error(
      `the corpus has ${length} tokens, fewer than one window of ${context + 1}; add more text`,
    );
  }
  const files = new Map<string, string | Uint8Array>();
  const streams: Record<string, { file: string; tokens: number; bytes: number }> = {};
  for (const [name, ids] of streamsOf(options)) {
    onProgress?.(`packing ${ids.length} ${name} tokens`);
    const bytes = await packTokens(ids, config.model.vocab);
    streams[name] = { file: `${name}.xz`, tokens: ids.length, bytes: bytes.length };
    files.set(`${name}.xz`, bytes);
  }
  const { fixed } = prepared.data;
  const start = startFile({ ...options, fixed });
  files.set(START_FILE, start.file);
  files.set(WINDOWS_FILE, windowsFile(config, prepared));
  files.set('model.py', sourceOf(config, dense));
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
    dense: dense ? { name: dense.name, hash: dense.hash, config: dense.config } : null,
    from: options.from && { hash: options.from.hash, card: options.from.card },
  };
  files.set(RUN_FILE, JSON.stringify(run, null, 2) + '\n');
  replaceFiles(out, files);
  const bytes = [...files.values()].reduce((sum, data) => sum + Buffer.byteLength(data), 0);
  return { out, streams, bytes };
}

function sourceOf({ model, bridge }: TrainingConfig, dense: GivenModel | undefined): string {
  if (!bridge || !dense) return modelSource(model);
  return pairSource({ sparse: model, dense: dense.config, encoderKept: bridge.encoderKept });
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
