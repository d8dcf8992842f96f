/** Text of a file made fit to be shown: nothing invisible, nothing that reorders or marks up. */

/** Controls, formatting (right-to-left marks among them), odd blanks, accents without a letter. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^\p{M}/gu;
/** Letters of scripts that run from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const LONGEST = 40;

/** A token as a person may read it: `·` for a blank, escapes for what cannot be seen. */
export function visible(text: string): string {
  const shown = text.replace(INVISIBLE, escape).replaceAll(' ', '·');
  const characters = Array.from(shown);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : shown;
}

/**
 * Plain text in Markdown that may hold HTML. Every character but ASCII letters and digits becomes a
 * numeric reference, which neither Markdown nor HTML reads as markup, in tables and links as well.
 */
export function escapeMarkdown(text: string): string {
  const escaped = text.replace(/[^A-Za-z0-9]/gu, (char) => `&#${char.codePointAt(0)};`);
  // Isolated, so that it cannot reorder what stands beside it.
  return RIGHT_TO_LEFT.test(text) ? `&#8296;${escaped}&#8297;` : escaped;
}

/** A file's text in Markdown, in the font of code. */
export function codeMarkdown(text: string): string {
  return `<code>${escapeMarkdown(visible(text))}</code>`;
}

function escape(char: string): string {
  const known: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return known[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
