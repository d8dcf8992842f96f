/**
 * Prompts whose answer is a name that the text has given, in five roles, made of names that no
 * generated training program has: they measure whether a model copies names or knows them.
 */
import { Rng } from '../random';
import type { Encoding, Tokenizer } from '../tokenizer/tokenizer';
import { numeral } from '../training/idioms/literals';
import { camel, listedNames } from '../training/idioms/names';
import { isHeldOutName, isVariableName, namePieces, pieceName } from '../training/idioms/wideNames';
import { pools } from './words';

/** Where a name comes back. */
export const COPY_ROLES = ['field', 'swap', 'return', 'keyword', 'loop'] as const;
export type CopyRole = (typeof COPY_ROLES)[number];

/** Whether the answer, a name with the blank before it where there is one, is one token or more. */
export const NAME_LENGTHS = ['one token', 'many tokens'] as const;
export type NameLength = (typeof NAME_LENGTHS)[number];

/** A text with the name that is to be copied in it: code units `start` to `end`, a blank before included. */
export interface CopyPrompt {
  readonly role: CopyRole;
  readonly length: NameLength;
  /** Goes on after the answer, with what ends a name. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Gives out names that were not taught, none twice in a prompt. */
class Names {
  private readonly pieces: readonly string[];
  private readonly single: readonly string[];
  private readonly known = listedNames();

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly role: CopyRole,
  ) {
    this.pieces = namePieces(tokenizer);
    this.single = this.pieces.filter((piece) => this.suits(piece, 'one token'));
    if (this.single.length < MOST_NAMES) {
      throw new Error(
        `the tokenizer has ${this.single.length} names of one token that are not taught; copying needs ${MOST_NAMES}`,
      );
    }
  }

  /** So many different names. */
  draw(rng: Rng, length: NameLength, count: number): string[] {
    const names = new Set<string>();
    while (names.size < count) {
      const one = length === 'one token';
      const name = one ? rng.pick(this.single) : pieceName(rng, this.pieces);
      if (one || this.suits(name, length)) names.add(name);
    }
    return [...names];
  }

  private suits(name: string, length: NameLength): boolean {
    if (!isVariableName(name) || !isHeldOutName(name) || this.known.has(name)) return false;
    const [sign, start] = this.role === 'keyword' ? (['=', 1] as const) : ([' ', 0] as const);
    const starts = this.tokenizer.encode(sign + name).starts.filter((at) => at >= start);
    return starts[0] === start && (starts.length === 1) === (length === 'one token');
  }
}

/** Names that one prompt has at most. */
const MOST_NAMES = 5;

/** `count` prompts of a role; the same seed gives the same. */
export function copyPrompts(
  tokenizer: Tokenizer,
  role: CopyRole,
  length: NameLength,
  count: number,
  seed: number,
): CopyPrompt[] {
  const names = new Names(tokenizer, role);
  return Array.from({ length: count }, (_, i) => {
    const rng = new Rng('copying', role, length, seed, i);
    const { before, answer, after } = writers[role](rng, (n) => names.draw(rng, length, n));
    const start = before.length;
    return {
      ...{ role, length, text: before + answer + after },
      ...{ start, end: start + answer.length },
    };
  });
}

interface Written {
  before: string;
  answer: string;
  after: string;
}

type Draw = (count: number) => string[];

const writers: Record<CopyRole, (rng: Rng, draw: Draw) => Written> = {
  /** A run of `self.x = x` that stops before the name of one of the parameters. */
  field: (rng, draw) => {
    const params = draw(2 + rng.int(3));
    const at = rng.int(params.length);
    const done = params.slice(0, at).map((x) => `        self.${x} = ${x}\n`);
    const header = `class ${className(rng)}:\n    def __init__(self, ${params.join(', ')}):\n`;
    const before = `${header}${done.join('')}        self.${params[at]} =`;
    return { before, answer: ` ${params[at]}`, after: '\n' };
  },
  /** `x, y = y,` after both were bound. */
  swap: (rng, draw) => {
    const [x, y] = draw(2);
    const bound = rng.shuffle([`${x} = ${numeral(rng)}\n`, `${y} = ${numeral(rng)}\n`]).join('');
    return { before: `${bound}${x}, ${y} = ${y},`, answer: ` ${x}`, after: '\n' };
  },
  /** A name bound on the line before `return`. */
  return: (rng, draw) => {
    const [param, result] = draw(2);
    const value = rng.pick([`${param} + ${numeral(rng)}`, `${verb(rng)}(${param})`]);
    const before = `def ${verb(rng)}(${param}):\n    ${result} = ${value}\n    return`;
    return { before, answer: ` ${result}`, after: '\n' };
  },
  /** The last or a middle argument of a call by keywords of the same names. */
  keyword: (rng, draw) => {
    const params = draw(2 + rng.int(3));
    const at = 1 + rng.int(params.length - 1);
    const done = params.slice(0, at).map((x) => `${x}=${x}, `);
    const header = `def ${verb(rng)}(${params.join(', ')}):\n    return ${className(rng)}(`;
    const after = at === params.length - 1 ? ')\n' : ', ';
    return { before: `${header}${done.join('')}${params[at]}=`, answer: params[at], after };
  },
  /** A loop over the list that was just bound. */
  loop: (rng, draw) => {
    const [list, item] = draw(2);
    const numbers = Array.from({ length: 2 + rng.int(3) }, () => numeral(rng)).join(', ');
    return { before: `${list} = [${numbers}]\nfor ${item} in`, answer: ` ${list}`, after: ':\n' };
  },
};

const className = (rng: Rng): string => camel(rng.pick(pools.proof.nouns));
const verb = (rng: Rng): string => rng.pick(pools.proof.verbs);

/** What is known of each token of a prompt's text when it is predicted, [pos]. */
export interface Predicted {
  readonly tokens: Pick<Encoding, 'starts' | 'ends'>;
  /** Number of tokens that are likelier. */
  readonly ranks: Uint16Array;
  /** Id of the likeliest token in its place. */
  readonly likeliest: Uint16Array;
}

/**
 * Whether the name's first token, a blank alone is none, is the likeliest, and whether all of it is
 * copied: each token the likeliest, and after them one that does not go on with the name.
 */
export function copiedOf(
  { tokens, ranks, likeliest }: Predicted,
  { text, start, end }: CopyPrompt,
  tokenizer: Tokenizer,
): { first: boolean; whole: boolean } {
  const tokenAt = (at: number) => tokens.ends.findIndex((tokenEnd) => tokenEnd > at);
  const from = tokenAt(start);
  const first = tokenAt(text[start] === ' ' ? start + 1 : start);
  const to = tokens.starts.findIndex((tokenStart) => tokenStart >= end);
  const every = ranks.subarray(from, to).every((rank) => rank === 0);
  const ends = !/^\w/.test(tokenizer.decode([likeliest[to]]));
  return { first: ranks[first] === 0, whole: every && ends };
}
