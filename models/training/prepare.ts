/** From corpus folders to what a run trains on: token streams, kept on disk, and the bigram table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../input';
import { Rng } from '../random';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { Weights } from '../transformer/parameters';
import type { TrainingConfig } from './config';
import { BIGRAM_STEPS, bigramTable } from './corpus/bigram';
import { corpusIdentifiers } from './corpus/identifiers';
import { corpusFingerprint, packagesOf, readCorpus, readTrainingCorpus } from './corpus/readCorpus';
import {
  buildTokenStream,
  hasTokenStream,
  loadTokenStream,
  saveTokenStream,
} from './corpus/tokenStream';
import { idiomStream } from './data';
import type { TrainingData } from './start';

/** Tokens of idiom programs that the bigram table is counted on. */
const IDIOM_TOKENS = 2_000_000;
/** What is held out, and packages held out since there were more: left out of what old losses are of. */
const HELD_OUT = ['heldout', 'heldout-newer'] as const;
type Part = 'train' | (typeof HELD_OUT)[number];
const BIGRAM = 'bigram.table';

export interface PrepareOptions {
  readonly config: TrainingConfig;
  /**
   * Folders that each have the packages to train on in `train/` and those held out in `heldout/`; more
   * that are held out may lie in `heldout-newer/`.
   */
  readonly corpusDirs: readonly string[];
  readonly tokenizerFile: string;
  /** Weights that the run goes on from, whose counted table it keeps; null when it begins anew. */
  readonly from: Weights | null;
  /** Folder that keeps the token streams; used while tokenizer and corpus stay as they were. */
  readonly cacheDir: string;
  readonly onProgress?: (what: string) => void;
}

/** Training data, and the summary of the corpus for the model card. */
export interface Prepared {
  readonly data: TrainingData;
  readonly corpus: Partial<Record<Part, unknown>> & { packages: unknown };
  /** Tokens of `heldout-newer`; null where no folder has it. */
  readonly newerStream: Uint16Array | null;
}

/** Reads the corpus and the tokenizer; throws one line on what is missing. */
export function prepare(options: PrepareOptions): Prepared {
  const { config, tokenizerFile } = options;
  const tokenizer = Tokenizer.load(tokenizerFile);
  if (tokenizer.vocabSize !== config.model.vocab) {
    throw new Error(
      `${tokenizerFile} has ${tokenizer.vocabSize} tokens, but model.vocab is ${config.model.vocab}; make them equal`,
    );
  }
  const [train, heldOut] = (['train', 'heldout'] as const).map((part) =>
    stream(options, tokenizer, part),
  );
  const hasNewer = foldersOf(options, 'heldout-newer').length > 0;
  const newer = hasNewer ? stream(options, tokenizer, 'heldout-newer') : null;
  return {
    data: {
      trainStream: train.ids,
      heldOutStream: heldOut.ids,
      identifiers: corpusIdentifiers(train.ids, tokenizer),
      tokenizerJson: readJson(tokenizerFile),
      fixed: bigram(options, tokenizer, train.ids),
    },
    corpus: {
      packages: options.corpusDirs.flatMap(packagesOf),
      train: { tokens: train.ids.length, ...(train.summary as object) },
      heldout: { tokens: heldOut.ids.length, ...(heldOut.summary as object) },
      ...(newer && {
        'heldout-newer': { tokens: newer.ids.length, ...(newer.summary as object) },
      }),
    },
    newerStream: newer?.ids ?? null,
  };
}

/** Folders of a part; `heldout-newer` may be missing in some or all. */
function foldersOf({ corpusDirs }: PrepareOptions, part: Part): string[] {
  const dirs = corpusDirs.map((dir) => join(dir, part));
  return part === 'heldout-newer' ? dirs.filter((dir) => existsSync(dir)) : dirs;
}

function stream(options: PrepareOptions, tokenizer: Tokenizer, part: Part) {
  const { cacheDir, onProgress } = options;
  const file = join(cacheDir, `${part}.bin`);
  const dirs = foldersOf(options, part);
  const isTrain = part === 'train';
  // What is trained on depends on what is held out: near duplicates of that are left out.
  const heldOut = isTrain ? HELD_OUT.flatMap((held) => foldersOf(options, held)) : [];
  const corpus = corpusFingerprint([...dirs, ...heldOut]);
  if (hasTokenStream(file, tokenizer, corpus)) {
    const { ids, header } = loadTokenStream(file, tokenizer);
    return { ids, summary: header.source };
  }
  onProgress?.(`reading ${part}`);
  const { files, summary } = isTrain ? readTrainingCorpus(dirs, heldOut) : readCorpus(dirs);
  const ids = buildTokenStream(files, tokenizer, (done, total) => {
    if (done % 200 === 0 || done === total)
      onProgress?.(`tokens of ${part}: ${done}/${total} files`);
  });
  const { context } = options.config.model;
  if (ids.length <= context) {
    throw new Error(
      `${dirs.join(', ')}: ${ids.length} tokens in usable .py files, fewer than one window of ${context + 1}; add more text`,
    );
  }
  saveTokenStream(file, ids, tokenizer, summary, corpus);
  return { ids, summary };
}

/** The counted table: the earlier run's, or of the mix that is trained on; nothing when there is none. */
function bigram(options: PrepareOptions, tokenizer: Tokenizer, train: Uint16Array): Weights {
  const { config, from, onProgress } = options;
  if (config.model.bigram !== 'frozen') return new Map();
  const earlier = from?.get(BIGRAM);
  if (earlier) return new Map([[BIGRAM, earlier]]);
  onProgress?.('bigram table');
  const idioms = idiomStream(tokenizer, new Rng(config.seed, 'bigram'), IDIOM_TOKENS);
  const share = config.idiomShare;
  const streams = [
    { ids: train, weight: (1 - share) / train.length },
    { ids: idioms, weight: share / idioms.length },
  ];
  const steps = bigramTable(streams, config.model.vocab);
  return new Map([[BIGRAM, Float32Array.from(steps, (q) => -q / BIGRAM_STEPS)]]);
}
