/** The tokenizer file: Hugging Face's `tokenizer.json`, in the byte-level BPE form used here. */
import * as v from 'valibot';
import { BYTE_CHARS, bytesToToken } from './bytes';
import { SPLIT } from './pattern';

/** Text of the token that separates documents. */
const END_OF_TEXT = '<|endoftext|>';

const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));

const schema = v.object({
  version: v.literal('1.0'),
  truncation: v.null(),
  padding: v.null(),
  added_tokens: v.array(
    v.object({
      id,
      content: v.string(),
      single_word: v.boolean(),
      lstrip: v.boolean(),
      rstrip: v.boolean(),
      normalized: v.boolean(),
      special: v.boolean(),
    }),
  ),
  normalizer: v.null(),
  pre_tokenizer: v.object({
    type: v.literal('Sequence'),
    pretokenizers: v.strictTuple([
      v.object({
        type: v.literal('Split'),
        pattern: v.object({ Regex: v.string() }),
        behavior: v.literal('Isolated'),
        invert: v.literal(false),
      }),
      v.object({
        type: v.literal('ByteLevel'),
        add_prefix_space: v.literal(false),
        trim_offsets: v.boolean(),
        use_regex: v.literal(false),
      }),
    ]),
  }),
  post_processor: v.null(),
  decoder: v.object({
    type: v.literal('ByteLevel'),
    add_prefix_space: v.boolean(),
    trim_offsets: v.boolean(),
    use_regex: v.boolean(),
  }),
  model: v.object({
    type: v.literal('BPE'),
    dropout: v.null(),
    unk_token: v.null(),
    continuing_subword_prefix: v.null(),
    end_of_word_suffix: v.null(),
    fuse_unk: v.literal(false),
    byte_fallback: v.literal(false),
    ignore_merges: v.literal(false),
    vocab: v.record(v.string(), id),
    merges: v.array(v.strictTuple([v.string(), v.string()])),
  }),
});

/** A `tokenizer.json` of the one form that this project writes and reads. */
export type TokenizerJson = v.InferOutput<typeof schema>;

/**
 * The file for a trained vocabulary.
 * @param tokens the bytes of each token, [vocab - 1]: the 256 bytes in order, then one per merge
 * @param merges the two token ids of each merge, in the order learned, [vocab - 257][2]
 */
export function makeTokenizerJson(
  tokens: readonly Uint8Array[],
  merges: readonly (readonly [number, number])[],
): TokenizerJson {
  const names = tokens.map(bytesToToken);
  const byteLevel = { add_prefix_space: false, trim_offsets: false, use_regex: false } as const;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: tokens.length,
        content: END_OF_TEXT,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [SPLIT, { type: 'ByteLevel', ...byteLevel }],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', ...byteLevel },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, index) => [name, index])),
      merges: merges.map(([left, right]) => [names[left], names[right]]),
    },
  };
}

/**
 * Checks that a parsed file is a byte-level BPE tokenizer of our form: ids without gaps, every byte
 * present, merges made of known tokens, and the end-of-text token.
 * Throws an Error of one line that says what is wrong.
 */
export function parseTokenizerJson(json: unknown): TokenizerJson {
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? 'the top level';
    throw new Error(`not a tokenizer.json of the supported form, at ${where}: ${issue.message}`);
  }
  const { model, added_tokens } = parsed.output;
  const problem = vocabProblem(model.vocab, added_tokens) ?? mergesProblem(model);
  if (problem) throw new Error(`damaged tokenizer.json: ${problem}`);
  return parsed.output;
}

function vocabProblem(
  vocab: TokenizerJson['model']['vocab'],
  added: TokenizerJson['added_tokens'],
): string | undefined {
  const ids = [...Object.values(vocab), ...added.map((token) => token.id)].sort((a, b) => a - b);
  const gap = ids.findIndex((value, index) => value !== index);
  if (gap !== -1) return `token ids are not 0 to ${ids.length - 1}, see id ${gap}`;
  const byte = BYTE_CHARS.findIndex((char) => !Object.hasOwn(vocab, char));
  if (byte !== -1) return `byte ${byte} has no token`;
  if (added.length !== 1 || added[0].content !== END_OF_TEXT) {
    return `the only added token must be ${END_OF_TEXT}`;
  }
  return undefined;
}

function mergesProblem({ vocab, merges }: TokenizerJson['model']): string | undefined {
  const unknown = merges.find((pair) =>
    [...pair, pair.join('')].some((token) => !Object.hasOwn(vocab, token)),
  );
  return unknown && `merge ${JSON.stringify(unknown)} uses a token that is not in the vocabulary`;
}
