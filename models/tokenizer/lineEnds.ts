/**
 * The text as every part reads it, training, editor and command line alike: lines end with `\n`,
 * whatever the file has.
 */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}
