/** Text in exported markup. */

/**
 * Text that SVG and HTML read as nothing but text, in attributes as well: all but letters, digits, blanks
 * and a few signs of numbers becomes a numeric reference.
 */
export function escapeMarkup(text: string): string {
  return text.replace(/(?!\.\d)[^\p{L}\p{N} +−%·→×,:;()]/gu, (char) => `&#${char.codePointAt(0)};`);
}

/**
 * Text of a file in a cell of a Markdown table, as it is: a code span, in which nothing is markup. Pipes
 * would end the cell and have a backslash, which Markdown takes away again.
 */
export function codeSpan(text: string): string {
  if (text === '') return '';
  // Invisible characters have no place in a note, and line breaks would end the row.
  const seen = text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
  const longest = Math.max(0, ...(seen.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[`\s]|[`\s]$/.test(seen) ? ' ' : '';
  return `${fence}${pad}${seen.replaceAll('|', '\\|')}${pad}${fence}`;
}
