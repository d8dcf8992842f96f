/** Tokens within sentences: of a part of a character it is said that it is one. */
import type { BundleInfo } from '../../inference/engine';
import { tokensOfCharacter } from '../../tokenizer/characters';
import type { Encoding } from '../../tokenizer/tokenizer';
import { say, type Piece } from './sentence';

type Texts = Pick<BundleInfo, 'texts' | 'tokenTexts'>;

/** A token id, wherever it may stand. */
export function tokenPiece({ texts, tokenTexts }: Texts, id: number): Piece {
  const piece = { code: tokenTexts[id] };
  return texts[id] === null ? say('{0} (part of a character)', piece) : piece;
}

/** A token of a text, -1 for the end-of-text before it; of a part of a character the whole one, and which part. */
export function tokenPieceAt(
  info: Texts & Pick<BundleInfo, 'endOfText'>,
  text: string,
  encoding: Encoding,
  token: number,
): Piece {
  const id = token < 0 ? info.endOfText : encoding.ids[token];
  if (info.texts[id] !== null) return tokenPiece(info, id);
  const { first, after } = tokensOfCharacter(encoding, token);
  const code = text.slice(encoding.starts[first], encoding.ends[first]);
  return say('{0} (part {1} of {2})', { code }, String(token - first + 1), String(after - first));
}
