/** What people write about a model is kept in a workspace as JSON: how its files are named, and its texts are made plain. */

/** Folder of a workspace in which everything is kept, a folder a kind. */
export const KEPT_FOLDER = '.circuitscope';

/** File systems take names of 255 bytes. */
const LONGEST_NAME = 100;

/** A file name for what people call something. */
export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^[-.]+|[-.]+$/g, '');
  return `${plain || 'interventions'}.json`;
}

/** Text of people as it is kept and shown: one line without anything invisible, of so many letters at most. */
export function plainText(text: string, longest: number): string {
  const seen = text.replace(/\s/g, ' ').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  const plain = seen.replace(/ +/g, ' ').trim();
  return Array.from(plain).slice(0, longest).join('').trim();
}
