/** From the bytes of tokens to the code units of an editor. */

/**
 * Ends of consecutive tokens in UTF-16 code units, [token].
 * A character belongs to the token that holds its first byte; a token with none ends where the one
 * before it ends. A lone surrogate is one unit and, read as U+FFFD, three bytes.
 * @param text the text that the tokens make up
 * @param byteLengths length of each token in UTF-8 bytes, [token]
 */
export function characterEnds(text: string, byteLengths: readonly number[]): number[] {
  let bytesWanted = 0;
  let bytes = 0;
  let units = 0;
  return byteLengths.map((length) => {
    bytesWanted += length;
    while (bytes < bytesWanted && units < text.length) {
      const code = text.codePointAt(units)!;
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      units += code < 0x10000 ? 1 : 2;
    }
    return units;
  });
}
