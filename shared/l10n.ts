/**
 * What people read, in the language of the editor. English stands in the code; another language is a
 * table from `l10n/`, which the editor gives to the extension, and the extension to the page. It is set
 * before anything else is loaded, so that tables of words may be constants.
 */

/** Translations by the English text. */
export type Words = Readonly<Record<string, string>>;

/** A language, as the editor names it, and its words. */
export interface Language {
  readonly name: string;
  readonly words: Words;
}

const ENGLISH: Language = { name: 'en', words: {} };
let language = ENGLISH;

/** Speaks a language from now on; words that it lacks stay English. */
export function speak(next: Language | null): void {
  language = next ?? ENGLISH;
}

/** The language that is spoken. */
export function spoken(): Language {
  return language;
}

/**
 * A text in the editor's language, with values in the places of `{0}`, `{1}` and so on.
 * @param text English, as it stands in the code: a test looks each of them up in every language
 */
export function t(text: string, ...values: readonly (string | number)[]): string {
  return pieces(text, ...values).join('');
}

/**
 * A text that comes as data, with its places as they are: what models/ says, it says in English and as
 * a template.
 */
export function template(text: string): string {
  const { words } = language;
  return Object.hasOwn(words, text) ? words[text] : text;
}

/** The same with values in its places. */
export function filled(text: string, values: readonly (string | number)[]): string {
  return pieces(text, ...values).join('');
}

/**
 * The same of so many: `1 node`, `2,048 nodes`. The count is `{0}`.
 * @param one English for one
 * @param many English for any other number
 */
export function plural(
  count: number,
  one: string,
  many: string,
  ...values: readonly (string | number)[]
): string {
  return t(count === 1 ? one : many, whole(count), ...values);
}

/** The same as `t` in pieces, for values that are more than text. */
export function pieces<V extends readonly unknown[]>(
  text: string,
  ...values: V
): (string | V[number])[] {
  return template(text)
    .split(/\{(\d+)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece : values[Number(piece)]))
    .filter((piece) => piece !== '');
}

/** A whole number as people read it: `486,809`. */
export function whole(value: number): string {
  return value.toLocaleString(language.name === 'en' ? 'en-US' : language.name);
}

/** Things one after the other: `a, b, c`. */
export function series(texts: readonly string[]): string {
  return texts.join(t(', '));
}
