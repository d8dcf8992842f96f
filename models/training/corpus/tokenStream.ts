/**
 * Tokenised text on disk: a flat file of little-endian 16-bit ids that training reads whole, and a
 * JSON header beside it that says where it came from.
 */
import * as fs from 'node:fs';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../../files';
import { readJson } from '../../input';
import type { Tokenizer } from '../../tokenizer/tokenizer';
import type { CorpusFile } from './readCorpus';

const headerSchema = v.object({
  /** `Tokenizer.hash` of the tokenizer that made the ids. */
  tokenizer: v.string(),
  tokens: v.number(),
  /** `corpusFingerprint` of the files; absent in streams of older versions. */
  corpus: v.optional(v.string(), ''),
  /** Free-form: what the text was, such as the summary of its corpus. */
  source: v.unknown(),
});

/** The header of a stream file. */
export type StreamHeader = v.InferOutput<typeof headerSchema>;

/**
 * The ids of all documents, [pos], with the end-of-text token before each and after the last, so
 * that a document's first token has something to be predicted from.
 * @param onProgress called after every document with documents done and their number
 */
export function buildTokenStream(
  files: readonly Pick<CorpusFile, 'text'>[],
  tokenizer: Tokenizer,
  onProgress?: (done: number, total: number) => void,
): Uint16Array {
  // A token has at least one byte, and a UTF-16 unit has at most three.
  const most = files.reduce((sum, file) => sum + Buffer.byteLength(file.text) + 1, 1);
  const stream = new Uint16Array(most);
  let at = 0;
  stream[at++] = tokenizer.endOfText;
  for (const [index, file] of files.entries()) {
    const ids = tokenizer.encodeIds(file.text);
    stream.set(ids, at);
    at += ids.length;
    stream[at++] = tokenizer.endOfText;
    onProgress?.(index + 1, files.length);
  }
  return stream.slice(0, at);
}

/**
 * Writes the ids to `file` and the header to `file`.json; a reader never sees half a file, nor one
 * with the other's header.
 * @param corpus fingerprint of the files that the ids were made of
 */
export function saveTokenStream(
  file: string,
  ids: Uint16Array,
  tokenizer: Tokenizer,
  source: unknown,
  corpus = '',
): void {
  requireLittleEndian();
  const header: StreamHeader = { tokenizer: tokenizer.hash, tokens: ids.length, corpus, source };
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.rmSync(`${file}.json`, { force: true });
  writeFileAtomic(file, Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength));
  writeFileAtomic(`${file}.json`, JSON.stringify(header, null, 2) + '\n');
}

/** Whether a whole stream is there that this tokenizer made of this corpus. */
export function hasTokenStream(file: string, tokenizer: Tokenizer, corpus: string): boolean {
  try {
    const header = readHeader(`${file}.json`);
    return header.tokenizer === tokenizer.hash && header.corpus === corpus;
  } catch {
    return false; // None was finished.
  }
}

/**
 * Reads a stream back. Throws if its header is missing or wrong, if its length is not the header's,
 * or if another tokenizer made it.
 */
export function loadTokenStream(
  file: string,
  tokenizer: Tokenizer,
): { ids: Uint16Array; header: StreamHeader } {
  requireLittleEndian();
  const header = readHeader(`${file}.json`);
  if (header.tokenizer !== tokenizer.hash) {
    throw new Error(`${file} was made with another tokenizer; build it again`);
  }
  const bytes = fs.readFileSync(file);
  if (bytes.length !== 2 * header.tokens) {
    throw new Error(
      `${file} has ${bytes.length} bytes instead of ${2 * header.tokens}; build it again`,
    );
  }
  // A copy, because a pooled buffer may start at an odd address.
  return { ids: new Uint16Array(new Uint8Array(bytes).buffer), header };
}

function readHeader(file: string): StreamHeader {
  try {
    return v.parse(headerSchema, readJson(file));
  } catch (error) {
    throw new Error(`cannot read the stream header ${file}; build the stream again`, {
      cause: error,
    });
  }
}

function requireLittleEndian(): void {
  if (endianness() !== 'LE') throw new Error('token streams need a little-endian machine');
}
