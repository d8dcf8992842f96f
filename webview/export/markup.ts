/** Text in exported markup. */

/**
 * Text that SVG, HTML and Markdown read as nothing but text, in attributes and table cells as well:
 * all but letters, digits, blanks and a few signs of numbers becomes a numeric reference.
 */
export function escapeMarkup(text: string): string {
  return text.replace(/(?!\.\d)[^\p{L}\p{N} +−%·→×]/gu, (char) => `&#${char.codePointAt(0)};`);
}
