/** Sentences of measured facts, as data: whoever shows them makes tokens code and nodes links. */

/** A node that a sentence speaks of. */
export interface NodeMention {
  /** Node name. */
  readonly node: string;
  /** Token that it is at; null where the sentence is about no one token. */
  readonly token: number | null;
  /** As people read it: `L2 MLP neuron 118`. */
  readonly text: string;
  /** Its label for such an activation; null for a node without an accepted one. */
  readonly label: string | null;
  /** Of a node without a label, what it is about by its weights; null where they name no token either. */
  readonly about: Clause | null;
}

/** Words with places for pieces, `{0}`, `{1}` and so on: whoever shows them may put them in another language. */
export interface Clause {
  /** English. */
  readonly say: string;
  readonly with: readonly Piece[];
}

/** Words or numbers, a token's text, a node, or words around such pieces. */
export type Piece = string | { readonly code: string } | NodeMention | Clause;
export type Sentence = readonly Piece[];

/** Words around pieces. @param text English; a test looks each of them up in every language */
export function say(text: string, ...pieces: readonly Piece[]): Clause {
  return { say: text, with: pieces };
}

/** The same of so many; the count is `{0}`. */
export function sayMany(
  count: number,
  one: string,
  many: string,
  ...pieces: readonly Piece[]
): Clause {
  return { say: count === 1 ? one : many, with: [String(count), ...pieces] };
}

/** The pieces of a sentence without clauses: English words, tokens' texts and nodes. */
export type Plain = Exclude<Piece, Clause>;

/**
 * A sentence whose clauses are put into words.
 * @param inWords the words of a clause in the language of whoever reads them, in English by default
 */
export function plain(sentence: Sentence, inWords = (text: string) => text): Plain[] {
  return sentence.flatMap((piece): Plain[] => {
    if (typeof piece === 'string' || !('say' in piece)) return piece === '' ? [] : [piece];
    return inWords(piece.say)
      .split(/\{(\d)\}/)
      .flatMap((part, i) => plain([i % 2 === 0 ? part : piece.with[Number(part)]], inWords));
  });
}

/** What each kind of piece becomes. */
export interface Rendering {
  readonly words: (text: string) => string;
  readonly code: (text: string) => string;
  readonly node: (node: NodeMention) => string;
}

/** A sentence as text of some kind. */
export function rendered(sentence: Sentence, { words, code, node }: Rendering): string {
  return plain(sentence)
    .map((piece) => {
      if (typeof piece === 'string') return words(piece);
      return 'code' in piece ? code(piece.code) : node(piece);
    })
    .join('');
}

/** What is known of a node: its label, else what it is about by its weights. */
export function knownOf({ label, about }: Pick<NodeMention, 'label' | 'about'>): Piece | null {
  return label ?? about;
}

/** Pieces as a list is read: `a, b and c`. */
export function listed(items: readonly Piece[]): Piece {
  const [first = '', ...more] = items;
  const last = more.pop();
  const before = more.reduce((list, item) => say('{0}, {1}', list, item), first);
  return last === undefined ? first : say('{0} and {1}', before, last);
}

/** A number with its sign, and as many digits as say something. */
export function signedText(value: number): string {
  return `${value < 0 ? '−' : '+'}${sizeText(Math.abs(value))}`;
}

/** A number that is never negative, with as many digits. */
export function sizeText(size: number): string {
  return size.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** A share as percentage, as the panel's bars have it: they stand beside each other. */
export function shareText(share: number): string {
  const value = 100 * share;
  if (value < 0.05) return '<0.1 %';
  return `${value >= 99.95 ? '100' : value.toFixed(1)} %`;
}

/** `1 token`, `3 tokens`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
