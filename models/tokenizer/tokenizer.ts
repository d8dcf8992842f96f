/** Byte-level BPE: text to tokens with their places in the text, and back. */
import { createHash } from 'node:crypto';
import { readJson } from '../input';
import { decodeUtf8, printableBytes, tokenToBytes } from './bytes';
import { characterEnds } from './characterEnds';
import { Merges } from './merges';
import { Splitter } from './pattern';
import { parseTokenizerJson, type TokenizerJson } from './tokenizerJson';

/**
 * Tokens of a text. Token `i` covers the UTF-16 code units `starts[i]` (inclusive) to `ends[i]`
 * (exclusive), the offsets of an editor. The ranges follow one another without gap or overlap from
 * 0 to the length of the text. Where tokens split a character, the first of them covers the whole
 * character and the others are empty at its end.
 */
export interface Encoding {
  /** Token ids, [pos]. */
  ids: Uint16Array;
  /** First code unit of each token, [pos]. */
  starts: Uint32Array;
  /** Code unit after each token, [pos]. */
  ends: Uint32Array;
}

/** The tokens of one piece of text, with their ends in UTF-16 units from the piece's start. */
interface Piece {
  ids: readonly number[];
  ends: readonly number[];
}

/** Pieces remembered; code repeats itself, and this many take some 15 MB. */
const CACHE_SIZE = 50_000;
/** Longer pieces hardly ever come again. */
const CACHED_PIECE_LENGTH = 64;
/** Pieces, or merges within one, between two pauses: a few milliseconds. */
const STEPS_BETWEEN_PAUSES = 20_000;

/** A trained tokenizer. Immutable but for a cache; keep one for each file. */
export class Tokenizer {
  /** Number of tokens, end-of-text included. */
  readonly vocabSize: number;
  /** Id of the token that separates documents; no text ever encodes to it. */
  readonly endOfText: number;
  /** SHA-256 of the file's contents, whatever its layout, in hexadecimal. */
  readonly hash: string;
  /** Bytes of the longest token: a text of more times so many has more tokens than that. */
  readonly longest: number;
  private readonly tokenBytes: readonly Uint8Array[];
  private readonly splitter: Splitter;
  private readonly merges: Merges;
  private readonly utf8 = new TextEncoder();
  private readonly cache = new Map<string, Piece>();

  private constructor(json: TokenizerJson) {
    const [endOfText] = json.added_tokens;
    const [split] = json.pre_tokenizer.pretokenizers;
    const names = Object.entries(json.model.vocab);
    this.vocabSize = names.length + 1;
    this.endOfText = endOfText.id;
    this.hash = createHash('sha256').update(JSON.stringify(json)).digest('hex');
    const bytes: Uint8Array[] = [];
    for (const [name, id] of names) bytes[id] = tokenToBytes(name);
    bytes[endOfText.id] = new TextEncoder().encode(endOfText.content);
    this.tokenBytes = bytes;
    this.longest = bytes.reduce((most, { length }) => Math.max(most, length), 0);
    this.splitter = new Splitter(split);
    this.merges = new Merges(json.model);
  }

  /** Reads a `tokenizer.json`. Throws an Error of one line that names the file and the problem. */
  static load(file: string): Tokenizer {
    try {
      return Tokenizer.fromJson(readJson(file));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot load the tokenizer ${file}: ${reason}`, { cause: error });
    }
  }

  /** Tokenizer from a parsed `tokenizer.json`; throws if it is not of the supported form. */
  static fromJson(json: unknown): Tokenizer {
    return new Tokenizer(parseTokenizerJson(json));
  }

  /**
   * Tokens of a text and their ranges. Any string is accepted; a lone surrogate is read as U+FFFD,
   * and text that looks like the end-of-text token is ordinary text.
   */
  encode(text: string): Encoding {
    const pieces: Piece[] = [];
    for (const piece of this.pieces(text)) if (piece) pieces.push(piece);
    return encodingOf(pieces);
  }

  /**
   * The same, with a pause every few milliseconds.
   * @throws what a pause throws
   */
  async encodeWithPauses(text: string, pause: () => Promise<void>): Promise<Encoding> {
    const pieces: Piece[] = [];
    for (const piece of this.pieces(text)) {
      if (piece) pieces.push(piece);
      else await pause();
    }
    return encodingOf(pieces);
  }

  /** The ids of `encode`, without the ranges, [pos]. */
  encodeIds(text: string): Uint16Array {
    const ids: number[] = [];
    for (const piece of this.pieces(text)) {
      if (piece) for (const id of piece.ids) ids.push(id);
    }
    return Uint16Array.from(ids);
  }

  /**
   * The text of tokens. Returns what was encoded, with U+FFFD for lone surrogates; bytes that form
   * no whole character become U+FFFD too. Throws if an id is not in the vocabulary.
   */
  decode(ids: ArrayLike<number>): string {
    return decodeUtf8(Buffer.concat(Array.from(ids, (id) => this.bytes(id))));
  }

  /**
   * One token as a person may read it: `\n`, `\r`, `\t` and other control characters as escapes,
   * the bytes of a split character as `\xe2`. For display only: use `decode` for the text.
   */
  tokenText(id: number): string {
    return printableBytes(this.bytes(id));
  }

  /** One token as it stands in a text; null where its bytes are no whole characters. */
  text(id: number): string | null {
    const bytes = this.bytes(id);
    const text = decodeUtf8(bytes);
    return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
  }

  /** The bytes of one token. Throws if the id is not in the vocabulary. */
  bytes(id: number): Uint8Array {
    const bytes = this.tokenBytes[id];
    if (!bytes) throw new Error(`token id ${id} is not in the vocabulary of ${this.vocabSize}`);
    return bytes;
  }

  /** The id of a text that encodes to exactly one token; undefined if it takes none or several. */
  idOf(text: string): number | undefined {
    const ids = this.encodeIds(text);
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** Pieces in order; null wherever long work may pause. */
  private *pieces(text: string): Generator<Piece | null, void> {
    let steps = 0;
    for (const piece of this.splitter.pieces(text)) {
      yield this.cache.get(piece) ?? (yield* this.mergePiece(piece));
      if (++steps % STEPS_BETWEEN_PAUSES === 0) yield null;
    }
  }

  private *mergePiece(text: string): Generator<null, Piece> {
    const merging = this.merges.begin(this.utf8.encode(text));
    while (!merging.advance(STEPS_BETWEEN_PAUSES)) yield null;
    const ids = merging.tokens();
    const lengths = ids.map((id) => this.tokenBytes[id].length);
    const piece = { ids, ends: characterEnds(text, lengths) };
    if (text.length <= CACHED_PIECE_LENGTH) {
      if (this.cache.size >= CACHE_SIZE) this.cache.clear();
      this.cache.set(ownCopy(text), piece);
    }
    return piece;
  }
}

/** Whether a file is a tokenizer of the supported form. */
export function isTokenizerFile(file: string): boolean {
  try {
    Tokenizer.load(file);
    return true;
  } catch {
    return false;
  }
}

function encodingOf(pieces: readonly Piece[]): Encoding {
  const count = pieces.reduce((sum, piece) => sum + piece.ids.length, 0);
  const ids = new Uint16Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  let offset = 0;
  for (const piece of pieces) {
    ids.set(piece.ids, at);
    for (const end of piece.ends) ends[at++] = offset + end;
    offset += piece.ends[piece.ends.length - 1];
  }
  const starts = new Uint32Array(count);
  for (let i = 1; i < count; i++) starts[i] = ends[i - 1];
  return { ids, starts, ends };
}

/**
 * The same string in its own memory. What a pattern cuts out of a text is a view that would keep
 * the whole text alive for as long as the cache holds it.
 */
function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
