/**
 * Names for programs that teach copying: tens of thousands of identifiers of the training corpus, and
 * words made of random pieces, so many that a model cannot know them one by one.
 */
import type { Rng } from '../../random';
import type { Tokenizer } from '../../tokenizer/tokenizer';
import { between } from './choose';

/** Words that a variable must not be called. */
const RESERVED = new Set(
  `and as assert async await break case class continue def del elif else except finally for from
  global if import in is lambda match nonlocal not or pass raise return self super try while with
  yield print range len list dict set str int float bool tuple sorted map filter enumerate input open
  max min sum callable object type zip any all abs round iter next cls`.split(/\s+/),
);
/**
 * One name in so many is never given out, so that copying can be measured on names not taught: few
 * names are one token, and of those enough must be left.
 */
const HELD_OUT_ONE_IN = 4;
const LONGEST = 24;

/** Whether a name is one that no generated program of training has: one in four, by its letters. */
export function isHeldOutName(name: string): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HELD_OUT_ONE_IN === 0;
}

/** Whether a text is a name as variables have: lower case, not too long, and free to be used. */
export function isVariableName(name: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(name) && name.length <= LONGEST && !RESERVED.has(name);
}

/** One to four of the pieces, one after another or with `_` between them. */
export function pieceName(rng: Rng, pieces: readonly string[]): string {
  let name = rng.pick(pieces);
  for (let more = between(rng, 0, 3); more > 0; more--) {
    name += (rng.chance(0.4) ? '_' : '') + rng.pick(pieces);
  }
  return name;
}

/** Parts of names: the tokens of lower-case letters, without the blank before them. */
export function namePieces(tokenizer: Tokenizer): string[] {
  const words = Array.from({ length: tokenizer.vocabSize }, (_, id) =>
    tokenizer.decode([id]).replace(/^ /, ''),
  );
  return [...new Set(words.filter((word) => /^[a-z]{2,}$/.test(word)))].sort();
}

/** Gives out names, half of them identifiers and half of pieces. */
export class WideNames {
  private readonly pieces: readonly string[];

  /** @param identifiers names of the training corpus */
  constructor(
    tokenizer: Tokenizer,
    private readonly identifiers: readonly string[],
  ) {
    this.pieces = namePieces(tokenizer);
  }

  /** A name that is not among those held out. */
  propose(rng: Rng): string {
    for (;;) {
      const known = this.identifiers.length > 0 && rng.chance(0.5);
      const name = known ? rng.pick(this.identifiers) : pieceName(rng, this.pieces);
      if (isVariableName(name) && !isHeldOutName(name)) return name;
    }
  }
}
