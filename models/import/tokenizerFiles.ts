/** A tokenizer in GPT-2's file forms, `vocab.bpe` and `encoder.json`, as one of ours. */
import { join } from 'node:path';
import { decodeUnicode } from '../encodings';
import { readInput, readJson } from '../input';
import { parseTokenizerJson, type TokenizerJson } from '../tokenizer/tokenizerJson';
import { ImportError } from './error';

export const TOKENIZER_FILES = ['vocab.bpe', 'encoder.json'] as const;
const END_OF_TEXT = '<|endoftext|>';

/** How the text falls into pieces: OpenAI's pattern for these models. */
const REGEX = [
  String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`,
  String.raw`\p{N}{1,3}`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
  String.raw`\s*[\r\n]+`,
  String.raw`\s+(?!\S)`,
  String.raw`\s+`,
].join('|');

/**
 * The tokenizer of a folder. `<|startoftext|>`, which no text encodes to, stays in the vocabulary as a
 * token like any other.
 * @throws ImportError when the files are not of this form
 */
export function readTokenizer(folder: string): TokenizerJson {
  const [bpeFile, encoderFile] = TOKENIZER_FILES.map((file) => join(folder, file));
  const vocab = encoderOf(encoderFile);
  const endOfText = vocab.get(END_OF_TEXT);
  if (endOfText === undefined) throw new ImportError(`${encoderFile} has no ${END_OF_TEXT}`);
  vocab.delete(END_OF_TEXT);
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const byteLevel = { add_prefix_space: false, trim_offsets: false, use_regex: false } as const;
  try {
    return parseTokenizerJson({
      ...{ version: '1.0', truncation: null, padding: null, normalizer: null },
      added_tokens: [{ id: endOfText, content: END_OF_TEXT, ...plain, special: true }],
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: REGEX }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', ...byteLevel },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', ...byteLevel },
      model: {
        ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
        ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false },
        ...{ ignore_merges: false, vocab: Object.fromEntries(vocab), merges: mergesOf(bpeFile) },
      },
    });
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`${folder}: ${(error as Error).message}`);
  }
}

function encoderOf(file: string): Map<string, number> {
  try {
    const json = readJson(file) as Record<string, number>;
    return new Map(Object.entries(json));
  } catch {
    throw new ImportError(`${file} cannot be read as JSON; download it again`);
  }
}

/** Pairs of tokens in the order of merging, a line each after a header. */
function mergesOf(file: string): [string, string][] {
  const [, ...lines] = decodeUnicode(readInput(file), file).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line, i) => {
      const pair = line.replace(/\r$/, '').split(' ');
      if (pair.length === 2) return [pair[0], pair[1]];
      throw new ImportError(`${file}, line ${i + 2} is not a pair of tokens; download it again`);
    });
}
