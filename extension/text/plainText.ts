/** Text that people write about nodes. */

/** Such text as it is kept and shown: one line without anything invisible, of so many letters at most. */
export function plainText(text: string, longest: number): string {
  const seen = text.replace(/\s/g, ' ').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  const plain = seen.replace(/ +/g, ' ').trim();
  return Array.from(plain).slice(0, longest).join('').trim();
}
