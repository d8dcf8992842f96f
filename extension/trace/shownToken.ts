/** Tokens as people are shown them: of a part of a character the whole, and that it is a part. */
import { t } from '../../shared/l10n';
import type { BundleInfo } from '../../models/inference/engine';
import { tokensOfCharacter, type Part } from '../../models/tokenizer/characters';
import { visible } from '../text/visible';
import type { Snapshot } from './documents';

/** A token to be shown. */
export interface ShownToken {
  /** Of a part of a character the character, where it is known; the part's bytes as escapes elsewhere. */
  readonly text: string;
  /** Whether it is a part of a character only. */
  readonly partial: boolean;
  /** Which part; null for a whole token, and where nobody knows. */
  readonly part: Part | null;
}

type Texts = Pick<BundleInfo, 'texts' | 'tokenTexts'>;

/** A token id, wherever it may stand. */
export function shownId({ texts, tokenTexts }: Texts, id: number): ShownToken {
  return { text: tokenTexts[id], partial: texts[id] === null, part: null };
}

/** A token of a document; -1 is the end-of-text before it. */
export function shownToken({ source, encoding, info }: Snapshot, token: number): ShownToken {
  const shown = shownId(info, token < 0 ? info.endOfText : encoding.ids[token]);
  if (!shown.partial) return shown;
  const { first, after } = tokensOfCharacter(encoding, token);
  const text = source.text.slice(encoding.starts[first], encoding.ends[first]);
  return { ...shown, text, part: { index: token - first, count: after - first } };
}

/** A token id as what follows a token of a document: where that has it next, its whole character is known. */
export function shownNext(snapshot: Snapshot, token: number, id: number): ShownToken {
  const next = token + 1;
  return snapshot.encoding.ids[next] === id
    ? shownToken(snapshot, next)
    : shownId(snapshot.info, id);
}

/** Fit to be read: `é (part 1 of 2)`, `\xc3 (part of a character)`. */
export function shownText({ text, partial, part }: ShownToken): string {
  const shown = visible(text);
  if (part) return t('{0} (part {1} of {2})', shown, part.index + 1, part.count);
  return partial ? t('{0} (part of a character)', shown) : shown;
}

/** Tokens of a document one after the other, whole characters only. */
export function stretchText(snapshot: Snapshot, from: number, to: number): string {
  const { info, encoding } = snapshot;
  let text = '';
  for (let token = Math.max(0, from); token < Math.min(to, encoding.ids.length); token++) {
    const partial = info.texts[encoding.ids[token]] === null;
    // A character stands where its first part does.
    if (partial && token > from && tokensOfCharacter(encoding, token).first < token) continue;
    text += visible(shownToken(snapshot, token).text);
  }
  return text;
}

/** Token ids one after the other, their parts of characters put together. */
export function shownIds(info: Texts, ids: ArrayLike<number>): ShownToken[] {
  const shown = Array.from(ids, (id) => shownId(info, id));
  for (let first = 0; first < shown.length; first++) {
    let together = '';
    for (let i = first; i < shown.length && shown[i].partial; i++) {
      together += shown[i].text;
      const text = joined(together);
      if (text === null) continue;
      const count = i + 1 - first;
      for (let at = first; at <= i; at++) {
        shown[at] = { text, partial: true, part: { index: at - first, count } };
      }
      first = i;
      break;
    }
  }
  return shown;
}

/** Shown tokens in a row as one text, each character once. */
export function joinedText(shown: readonly ShownToken[]): string {
  return shown
    .filter(({ part }, i) => i === 0 || !part || part.index === 0)
    .map(({ text }) => visible(text))
    .join('');
}

/** Text of bytes that are shown as escapes; null as long as they are no whole characters. */
function joined(shown: string): string | null {
  let whole = true;
  const text = shown.replace(/(?:\\x[0-9a-f]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from(escapes.match(/[0-9a-f]{2}/g)!, (byte) => parseInt(byte, 16));
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      whole = false;
      return escapes;
    }
  });
  return whole ? text : null;
}
