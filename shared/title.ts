/** What a prediction is called: in the panel's heading, on its tab and in exports. */
import { pieces } from './l10n';

/** What a title tells; texts of tokens are fit to be shown. */
export interface Titled {
  readonly mode: 'next' | 'why';
  /** The token under the cursor, and the one at which the prediction is made. */
  readonly cursor: { readonly text: string };
  readonly reader: { readonly text: string };
  readonly target: { readonly text: string; readonly observed: boolean };
  readonly contrast: { readonly text: string } | null;
}

/** A piece of a title: our words, or the text of a token. */
export interface TitlePart {
  readonly text: string;
  readonly token: boolean;
}

const token = ({ text }: { readonly text: string }): TitlePart => ({ text, token: true });

/** A title in the editor's language around some tokens. */
function around(parts: readonly (string | TitlePart)[]): TitlePart[] {
  return parts.map((part) => (typeof part === 'string' ? { text: part, token: false } : part));
}

/** `[:] after [bool]`, `[:] and not [,] after [bool]`, `Why [:] after [bool]?`, token texts in brackets. */
export function titleParts({ mode, cursor, reader, target, contrast }: Titled): TitlePart[] {
  if (mode === 'why' && target.observed && !contrast) {
    return around(pieces('Why {0} after {1}?', token(cursor), token(reader)));
  }
  const [own, at] = [token(target), token(reader)];
  if (!contrast) return around(pieces('{0} after {1}', own, at));
  return around(pieces('{0} and not {1} after {2}', own, token(contrast), at));
}

/** The same as plain text, tokens in quotes. */
export function titleText(subject: Titled): string {
  return titleParts(subject)
    .map(({ text, token }) => (token ? `‘${text}’` : text))
    .join('');
}
