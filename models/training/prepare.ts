/** From corpus folders to what a run trains on: token streams, kept on disk, and the bigram table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rng } from '../random';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { Weights } from '../transformer/parameters';
import type { TrainingConfig } from './config';
import { BIGRAM_STEPS, bigramTable } from './corpus/bigram';
import { corpusFingerprint, packagesOf, readCorpus } from './corpus/readCorpus';
import {
  buildTokenStream,
  hasTokenStream,
  loadTokenStream,
  saveTokenStream,
} from './corpus/tokenStream';
import { idiomStream } from './data';
import type { TrainingData } from './train';

/** Tokens of idiom programs that the bigram table is counted on. */
const IDIOM_TOKENS = 2_000_000;
const PARTS = ['train', 'heldout'] as const;
const BIGRAM = 'bigram.table';

export interface PrepareOptions {
  readonly config: TrainingConfig;
  /** Folders that each have the packages to train on in `train/` and those held out in `heldout/`. */
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
  readonly corpus: Record<(typeof PARTS)[number], unknown> & { packages: unknown };
}

/** Reads the corpus and the tokenizer; throws one line on what is missing. */
export function prepare(options: PrepareOptions): Prepared {
  const { config, tokenizerFile } = options;
  const tokenizer = Tokenizer.load(tokenizerFile);
  if (tokenizer.vocabSize !== config.model.vocab) {
    throw new Error(
      `${tokenizerFile}: ${tokenizer.vocabSize} tokens, but model.vocab is ${config.model.vocab}`,
    );
  }
  const [train, heldOut] = PARTS.map((part) => stream(options, tokenizer, part));
  return {
    data: {
      trainStream: train.ids,
      heldOutStream: heldOut.ids,
      tokenizerJson: JSON.parse(readFileSync(tokenizerFile, 'utf8')) as unknown,
      fixed: bigram(options, tokenizer, train.ids),
    },
    corpus: {
      packages: options.corpusDirs.flatMap(packagesOf),
      train: { tokens: train.ids.length, ...(train.summary as object) },
      heldout: { tokens: heldOut.ids.length, ...(heldOut.summary as object) },
    },
  };
}

function stream(options: PrepareOptions, tokenizer: Tokenizer, part: (typeof PARTS)[number]) {
  const { cacheDir, corpusDirs, onProgress } = options;
  const file = join(cacheDir, `${part}.bin`);
  const dirs = corpusDirs.map((dir) => join(dir, part));
  const corpus = corpusFingerprint(dirs);
  if (hasTokenStream(file, tokenizer, corpus)) {
    const { ids, header } = loadTokenStream(file, tokenizer);
    return { ids, summary: header.source };
  }
  const { files, summary } = readCorpus(dirs);
  const ids = buildTokenStream(files, tokenizer, (done, total) => {
    if (done % 200 === 0 || done === total)
      onProgress?.(`tokens of ${part}: ${done}/${total} files`);
  });
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
