/** What a prediction is called: in the panel's heading, on its tab and in exports. */

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

const words = (text: string): TitlePart => ({ text, token: false });
const token = ({ text }: { readonly text: string }): TitlePart => ({ text, token: true });

/** `[:] after [bool]`, `[:] and not [,] after [bool]`, `Why [:] after [bool]?`, token texts in brackets. */
export function titleParts({ mode, cursor, reader, target, contrast }: Titled): TitlePart[] {
  if (mode === 'why' && target.observed && !contrast) {
    return [words('Why '), token(cursor), words(' after '), token(reader), words('?')];
  }
  const not = contrast ? [words(' and not '), token(contrast)] : [];
  return [token(target), ...not, words(' after '), token(reader)];
}

/** The same as plain text, tokens in quotes. */
export function titleText(subject: Titled): string {
  return titleParts(subject)
    .map(({ text, token }) => (token ? `‘${text}’` : text))
    .join('');
}
