/** What a concept is: a yes or no about a token in its text. */
import type { TokenFacts } from '../../syntax/facts';

/** A predicate over tokens of Python text. */
export interface Concept {
  /** Short and unique, as people read it: `inside '…' string`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Python in which it holds for the tokens between « and », and not for all others. */
  readonly example: string;
  /** Whether the token's own text decides it, wherever it stands. */
  readonly tokenOnly: boolean;
  readonly holds: (token: TokenFacts) => boolean;
}

/** A concept that needs the text around the token. */
export function inText(
  name: string,
  description: string,
  example: string,
  holds: (token: TokenFacts) => boolean,
): Concept {
  return { name, description, example, tokenOnly: false, holds };
}

/** A concept that the token's own text decides. */
export function ofToken(
  name: string,
  description: string,
  example: string,
  holds: (text: string, word: string) => boolean,
): Concept {
  const own = ({ text, word }: TokenFacts) => holds(text, word);
  return { name, description, example, tokenOnly: true, holds: own };
}

/** Whether the token lies in a node of one of the types. */
export function inside(token: TokenFacts, ...types: readonly string[]): boolean {
  return token.ancestors.some(({ type }) => types.includes(type));
}

/** Whether the token lies in the field of a node, however deep. */
export function insideField(
  token: TokenFacts,
  type: string,
  ...fields: readonly string[]
): boolean {
  return token.ancestors.some(
    (ancestor, i) => fields.includes(ancestor.field) && token.ancestors[i - 1]?.type === type,
  );
}

/** Type of the node that the token is a direct part of; empty between leaves. */
export const parentType = ({ leaf }: TokenFacts): string => leaf?.ancestors.at(-1)?.type ?? '';

/** Whether the token is the sign or keyword itself, or in the first line of such a statement. */
export function inHeader(token: TokenFacts, type: string, ...bodies: readonly string[]): boolean {
  const { ancestors } = token;
  const at = ancestors.findLastIndex((ancestor) => ancestor.type === type);
  return at >= 0 && !bodies.includes(ancestors[at + 1]?.field ?? '');
}
