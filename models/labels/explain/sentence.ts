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
}

/** Words, a token's text, or a node. */
export type Piece = string | { readonly code: string } | NodeMention;
export type Sentence = readonly Piece[];

/** What each kind of piece becomes. */
export interface Rendering {
  readonly words: (text: string) => string;
  readonly code: (text: string) => string;
  readonly node: (node: NodeMention) => string;
}

/** A sentence as text of some kind. */
export function rendered(sentence: Sentence, { words, code, node }: Rendering): string {
  return sentence
    .map((piece) => {
      if (typeof piece === 'string') return words(piece);
      return 'code' in piece ? code(piece.code) : node(piece);
    })
    .join('');
}

/** A node with its label, `L0 MLP neuron 31 (inside '…' string)`; one without says so. */
export function mentionText({ text, label }: NodeMention): string {
  return `${text} (${label ?? 'no label'})`;
}

/** Pieces with others between them, as a list is read: `a, b and c`. */
export function listed(items: readonly Sentence[]): Piece[] {
  return items.flatMap((item, i) => {
    const before = i === 0 ? [] : [i === items.length - 1 ? ' and ' : ', '];
    return [...before, ...item];
  });
}

/** A number with its sign, and as many digits as say something. */
export function signedText(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return `${value < 0 ? '−' : '+'}${size.toFixed(digits)}`;
}

/** A share as percentage. */
export function shareText(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** `1 token`, `3 tokens`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
