/** `circuitscope tokenizer`: trains a tokenizer on a corpus. */
import { writeFileAtomic } from '../files';
import { isTokenizerFile } from '../tokenizer/tokenizer';
import { trainTokenizer } from '../training/corpus/trainTokenizer';
import { checkOutFile, keepResult } from './outFile';
import { parseOptions, print, printJson, UsageError, wholeNumber, type Command } from './command';

const options = {
  corpus: { type: 'string', multiple: true },
  out: { type: 'string' },
  vocab: { type: 'string', default: '2048' },
  idioms: { type: 'string', default: '0.35' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

const TOKENIZER = { a: 'a tokenizer.json', is: isTokenizerFile };
/** Every byte and the end-of-text have a token. */
const LEAST_VOCAB = 257;
/** Ids are stored in 16 bits. */
const MOST_VOCAB = 65536;

export const tokenizer: Command = {
  summary: 'train a tokenizer on Python files',
  help: `circuitscope tokenizer --corpus DIR… --out FILE [options]

Trains a byte-level BPE tokenizer on ordinary Python and generated beginner programs and writes its
tokenizer.json. The same files and options give the same tokenizer.

  --corpus DIR…   folders of .py files
  --out FILE      tokenizer.json to write
  --vocab N       number of tokens, 2048 by default
  --idioms SHARE  share of generated programs in the text, 0.35 by default
  --seed S        seed of the sample and the programs, 1 by default
  --json          print JSON`,

  run(args) {
    const { values, positionals } = parseOptions('tokenizer', args, options);
    const { corpus, out, json } = values;
    if (!corpus || out === undefined) {
      throw new UsageError('usage: circuitscope tokenizer --corpus DIR --out FILE');
    }
    const vocabSize = wholeNumber('--vocab', values.vocab, LEAST_VOCAB, MOST_VOCAB);
    const idiomShare = Number(values.idioms);
    if (!(idiomShare >= 0 && idiomShare < 1)) {
      throw new UsageError(
        `--idioms ${values.idioms}: expected a share, 0 or more and less than 1`,
      );
    }
    const seed = wholeNumber('--seed', values.seed, 0);
    checkOutFile(out, TOKENIZER);
    const corpusDirs = [...corpus, ...positionals];
    const { tokenizer: made, text } = trainTokenizer({ corpusDirs, idiomShare, seed, vocabSize });
    keepResult(out, text, () => {
      writeFileAtomic(out, text);
    });
    const report = { out, tokens: made.vocabSize, hash: made.hash };
    if (json) printJson(report);
    else print(`${out}: ${made.vocabSize} tokens, ${made.hash.slice(0, 12)}`);
    return Promise.resolve();
  },
};
