/** Tokens as reports have them. */
import type { BundleInfo } from './engine';

/** A token as it stands in a file, null for a part of a character, and as it is shown. */
export interface TokenText {
  text: string | null;
  shown: string;
}

/** The texts of a token id. */
export function textOf(
  { texts, tokenTexts }: Pick<BundleInfo, 'texts' | 'tokenTexts'>,
  id: number,
): TokenText {
  return { text: texts[id], shown: tokenTexts[id] };
}
