/** What the grammar and the line say of every token of a text. */
import type { Tree } from 'web-tree-sitter';
import { bindingsOf, type Role } from './bindings';
import { leavesOf, type Ancestor, type Leaf } from './leaves';
import { linesOf, type Line } from './lines';

/** A token in its text. */
export interface TokenFacts {
  /** The token as it stands in the text, blanks and line ends included; empty within a character. */
  readonly text: string;
  /** The same without blanks and line ends around it; empty for a token of blanks. */
  readonly word: string;
  /** Every leaf that it has characters of. */
  readonly leaves: readonly Leaf[];
  /** Of these the one that its first letter, digit or underscore is in, else the last; null between leaves. */
  readonly leaf: Leaf | null;
  /** Which piece of its leaf it is, counted from 0; 0 between leaves. */
  readonly piece: number;
  /** Nodes of the grammar that it lies in, from the outermost inwards. */
  readonly ancestors: readonly Ancestor[];
  /** Brackets open before it, from the outermost inwards, such as `([`. */
  readonly brackets: string;
  /** What its name is in this place; null for everything that is no name. */
  readonly role: Role | null;
  /** Whether its name was bound further up in the file. */
  readonly bound: boolean;
  readonly line: Line;
  /** Whether no other token with a character other than a blank stands before it in its line. */
  readonly firstOfLine: boolean;
  readonly lastOfLine: boolean;
  /** Its first UTF-16 unit in the text. */
  readonly start: number;
  /** The last quote that a token before it is: where a string begins or ends. Kept, since strings may be long. */
  readonly quoteBefore: Leaf | null;
  /** Whether a comma stands before it in its innermost brackets. */
  readonly commaBefore: boolean;
  /** The last token of the lines above that is not blanks; null in the first. */
  readonly above: TokenFacts | null;
  /** By where a node begins, the first token that is a colon right in it; of the whole text. */
  readonly colons: ReadonlyMap<number, number>;
  /** The token before and after it; null at the ends of the text. */
  previous: TokenFacts | null;
  next: TokenFacts | null;
}

/** UTF-16 ranges of tokens that follow one another without a gap, [pos]. */
export interface Ranges {
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
}

const OPENING = '([{';
const CLOSING = ')]}';

/** The facts of every token, [pos]. */
export function tokenFacts(tree: Tree, text: string, { starts, ends }: Ranges): TokenFacts[] {
  const leaves = leavesOf(tree, text);
  const brackets = bracketsBefore(leaves);
  const bindings = bindingsOf(leaves);
  const lines = linesOf(text, leaves);
  const facts: TokenFacts[] = [];
  let [leafAt, lineAt] = [0, 0];
  let last: Leaf | null = null;
  let piece = 0;
  let quote: Leaf | null = null;
  let [above, ink]: (TokenFacts | null)[] = [null, null];
  let commas: boolean[] = [];
  const colons = new Map<number, number>();
  for (let i = 0; i < starts.length; i++) {
    const token = text.slice(starts[i], ends[i]);
    const at = starts[i] + firstInk(token);
    while (leafAt < leaves.length && leaves[leafAt].end <= at) leafAt++;
    while (lineAt + 1 < lines.length && lines[lineAt + 1].start <= at) lineAt++;
    const own = leavesWithin(leaves, leafAt, at, ends[i]);
    const found = own.find(({ end }) => end > starts[i] + firstLetter(token)) ?? own.at(-1) ?? null;
    piece = found !== null && found === last ? piece + 1 : 0;
    last = found;
    const line = lines[lineAt];
    const previous = facts.at(-1) ?? null;
    const open = brackets[leafAt] ?? '';
    if (previous && previous.line !== line) above = ink;
    commas = commas.slice(0, open.length + 1);
    const fact: TokenFacts = {
      text: token,
      word: token.trim(),
      leaves: own,
      leaf: found,
      piece,
      ancestors: found?.ancestors ?? leaves[leafAt]?.ancestors ?? [],
      brackets: open,
      role: found ? (bindings.roles.get(found) ?? null) : null,
      bound: found ? bindings.boundBefore.has(found) : false,
      line,
      firstOfLine: text.slice(line.start, at).trim() === '',
      lastOfLine: text.slice(ends[i], line.end).trim() === '',
      ...{
        start: starts[i],
        quoteBefore: quote,
        commaBefore: commas[open.length] ?? false,
        colons,
      },
      ...{ above, previous, next: null },
    };
    if (fact.word !== '') ink = fact;
    if (found?.type === 'string_start' || found?.type === 'string_end') quote = found;
    if (fact.word === ',') commas[open.length] = true;
    const parent = found?.type === ':' ? found.ancestors.at(-1) : undefined;
    if (parent && !colons.has(parent.start)) colons.set(parent.start, starts[i]);
    if (previous) previous.next = fact;
    facts.push(fact);
  }
  return facts;
}

/** Place of a token's first character other than a blank; of its last where it has none. */
function firstInk(token: string): number {
  return Math.min(token.length - token.trimStart().length, Math.max(0, token.length - 1));
}

/** Place of a token's first letter, digit or underscore; beyond its end where it has none. */
function firstLetter(token: string): number {
  const found = token.search(/[\p{L}\p{N}_]/u);
  return found < 0 ? Infinity : found;
}

/** Leaves from the one at `first` on that have characters in [start, end). */
function leavesWithin(leaves: readonly Leaf[], first: number, start: number, end: number): Leaf[] {
  const found: Leaf[] = [];
  for (let i = first; i < leaves.length && leaves[i].start < end; i++) {
    if (leaves[i].end > start) found.push(leaves[i]);
  }
  return found;
}

/** Brackets open before each leaf, and after the last. */
function bracketsBefore(leaves: readonly Leaf[]): string[] {
  const before = [''];
  for (const { type, ancestors } of leaves) {
    const open = before.at(-1)!;
    // The braces of a hole in a string are no brackets.
    if (ancestors.at(-1)?.type === 'interpolation') before.push(open);
    else if (OPENING.includes(type)) before.push(open + type);
    else if (CLOSING.includes(type)) before.push(open.slice(0, -1));
    else before.push(open);
  }
  return before;
}
