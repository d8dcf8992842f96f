/** Another project's model as a bundle of ours: read, checked, its nodes' means measured, written. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { availableParallelism } from 'node:os';
import { checkPlace, writeBundle } from '../bundles/bundle';
import { Sessions } from '../engines/sessions';
import { Machines } from '../sparse/machines';
import { Tokenizer } from '../tokenizer/tokenizer';
import { readCorpus } from '../training/corpus/readCorpus';
import { buildTokenStream } from '../training/corpus/tokenStream';
import type { WindowSource } from '../training/data';
import { nodeMeans } from '../training/means';
import type { TransformerConfig } from '../transformer/config';
import { ImportError } from './error';
import { checkMemory } from './memory';
import { findNear, ModelFolder } from './modelFolder';
import type { Control } from './openaiWeights';
import { readTokenizer, TOKENIZER_FILES } from './tokenizerFiles';

/** Folder that a release keeps the tokenizer in. */
const TOKENIZER_FOLDER = 'tinypython';
/** Tokens that means are taken over, and fewer where the model is slow. */
const MEAN_TOKENS = 100_000;
const LEAST_TOKENS = 16_000;
/** Multiplications that the means may take: tokens times numbers of the model. */
const MEANS_WORK = 2 ** 43;
const SEED = 1;

export interface ImportOptions {
  /** Folder of the model as it was downloaded. */
  readonly folder: string;
  /** Folder of the new bundle. */
  readonly out: string;
  /** Folders of Python files that means are taken over; generated programs when there is none. */
  readonly corpus: readonly string[];
  /** Folder of `vocab.bpe` and `encoder.json`; looked for near the model when null. */
  readonly tokenizer: string | null;
  /** Date of the import, ISO 8601, for the card. */
  readonly date: string;
}

/** What was written. */
export interface Imported {
  readonly name: string;
  readonly dir: string;
  readonly config: TransformerConfig;
  /** Numbers of the model, zeros too, and those that are not zero. */
  readonly numbers: number;
}

/**
 * Imports a model; nothing is written until all of it is there.
 * @throws one line when the files are not those of a model that can be run, or memory will not do
 */
export async function importModel(options: ImportOptions, control: Control): Promise<Imported> {
  const { out } = options;
  const model = ModelFolder.open(options.folder);
  const { name, numbers } = model;
  checkPlace(out, name);
  checkMemory(name, model.size);
  const tokenizerJson = readTokenizer(tokenizerFolder(options));
  const tokenizer = Tokenizer.fromJson(tokenizerJson);
  if (tokenizer.vocabSize !== model.config.vocab_size) {
    throw new ImportError(
      `the tokenizer has ${tokenizer.vocabSize} tokens, but ${name} has ${model.config.vocab_size}; give the tokenizer that the model was trained with`,
    );
  }
  const text = meansText(options, tokenizer);
  const files = [];
  for (const file of [model.configFile, model.weightsFile]) {
    files.push({ name: basename(file), ...(await fingerprint(file, control)) });
  }
  const { config, weights } = await model.read(control);
  const tokens = Math.min(MEAN_TOKENS, Math.max(LEAST_TOKENS, MEANS_WORK / numbers));
  const windows = Math.ceil(tokens / config.context);
  const source: WindowSource = { ...text.source, context: config.context };
  const pause = async (done: number, total: number) => {
    control.progress('windows run for the means of nodes', done, total);
    await control.pause();
  };
  // A large model would not fit densely.
  const machines = new Machines(availableParallelism());
  const sessions = Sessions.fitting(weights, machines);
  const means = await nodeMeans(config, weights, source, windows, pause, sessions).finally(() =>
    machines.release(),
  );
  await control.pause();
  writeBundle(out, {
    ...{ name, config, weights, means },
    tokenizerJson: JSON.stringify(tokenizerJson),
    card: {
      summary: `${name}, a model of OpenAI's circuit_sparsity project, imported from its files. Circuitscope did not train it.`,
      license: 'apache-2.0',
      language: ['code'],
      source: { project: 'openai/circuit_sparsity', imported: options.date },
      files,
      meansOver: `${windows} windows of ${config.context} tokens of ${text.what}`,
      notes: notes(model.config.block_size, config),
    },
  });
  return { name, dir: out, config, numbers };
}

/** What a reader of the card should know beside the files. */
function notes(rows: number, config: TransformerConfig): string[] {
  const context =
    rows > config.context
      ? [`The files have ${rows} positions; the model was trained on ${config.context}.`]
      : [];
  return [
    ...context,
    'A text begins with the end-of-text token, which their samples do not have.',
    'The bias of the logits, where there is one, is in every row of the bigram table.',
  ];
}

function tokenizerFolder({ folder, tokenizer }: ImportOptions): string {
  const found = tokenizer ?? findNear(folder, TOKENIZER_FILES, TOKENIZER_FOLDER);
  if (found !== null) return found;
  throw new ImportError(
    `no ${TOKENIZER_FILES.join(' and ')} in ${folder}, in ${TOKENIZER_FOLDER}/ or above; download them from tinypython/ of the release and give their folder with --tokenizer`,
  );
}

/** The text that means are taken over, and what to call it. */
function meansText({ corpus }: ImportOptions, tokenizer: Tokenizer) {
  const rest = { tokenizer, seed: SEED };
  if (corpus.length === 0) {
    const source = { ...rest, stream: new Uint16Array(), idiomShare: 1 };
    return { source, what: 'generated beginner programs' };
  }
  const { files, summary } = readCorpus(corpus);
  const stream = buildTokenStream(files, tokenizer);
  const what = `${summary.files} Python files of ${corpus.map((dir) => basename(dir)).join(', ')}`;
  return { source: { ...rest, stream, idiomShare: 0 }, what };
}

/** Size and SHA-256 of a file, which may be large. */
async function fingerprint(file: string, control: Control) {
  const { size } = statSync(file);
  const hash = createHash('sha256');
  let done = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 22 })) {
    hash.update(piece as Buffer);
    done += (piece as Buffer).length;
    control.progress(`MB of ${basename(dirname(file))} checked`, mega(done), mega(size));
    await control.pause();
  }
  return { bytes: size, sha256: hash.digest('hex') };
}

const mega = (bytes: number) => Math.ceil(bytes / 1e6);
