/** The tokenizer of a bundle: ordinary Python and idiom programs, mixed, then BPE. */
import { Rng } from '../../random';
import { trainBpe } from '../../tokenizer/trainBpe';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { generateProgram } from '../idioms/index';
import { readCorpus, type CorpusFile } from './readCorpus';

/** What a tokenizer is trained on. */
export interface TokenizerTraining {
  /** Folders of ordinary Python, as `readCorpus` takes them. */
  corpusDirs: readonly string[];
  /** Share of idiom programs in the text, by size, between 0 and 1. */
  idiomShare: number;
  seed: number;
  /** Number of tokens; 2048 unless told. */
  vocabSize?: number;
  /** Size of the whole text in UTF-16 code units; 30 million unless told, less if there is less. */
  sampleSize?: number;
}

/** Trains a tokenizer: itself, and the text of its file. The same arguments give the same text. */
export function trainTokenizer({
  corpusDirs,
  idiomShare,
  seed,
  vocabSize = 2048,
  sampleSize = 30_000_000,
}: TokenizerTraining): { readonly tokenizer: Tokenizer; readonly text: string } {
  if (!(idiomShare >= 0 && idiomShare < 1)) {
    throw new Error(
      `share of generated programs ${idiomShare}: expected 0 or more and less than 1`,
    );
  }
  const { files } = readCorpus(corpusDirs);
  const ordinary = sampleFiles(files, sampleSize * (1 - idiomShare), new Rng('sample', seed));
  const size = ordinary.reduce((sum, text) => sum + text.length, 0);
  const idioms = idiomPrograms((size * idiomShare) / (1 - idiomShare), new Rng('idioms', seed));
  const json = trainBpe([...ordinary, ...idioms], vocabSize);
  return { tokenizer: Tokenizer.fromJson(json), text: JSON.stringify(json, null, 2) + '\n' };
}

/** Texts of files in random order until they reach the size. */
function sampleFiles(files: readonly CorpusFile[], size: number, rng: Rng): string[] {
  const texts: string[] = [];
  let total = 0;
  for (const { text } of rng.shuffle(files)) {
    if (total >= size) break;
    texts.push(text);
    total += text.length;
  }
  return texts;
}

/** Idiom programs of a total size. */
function* idiomPrograms(size: number, rng: Rng): Generator<string> {
  for (let total = 0; total < size;) {
    const program = generateProgram(rng);
    total += program.length;
    yield program;
  }
}
