/**
 * Finds files that are mostly a copy of earlier ones: vendored libraries, versions of one module,
 * code that a generator printed many times. Three lines of code in a row are what is compared, so that
 * licences and common single lines count for nothing.
 */

/** Lines in a row that make one comparison. */
const RUN = 3;
/** Share of a file's runs that were seen before from which on it is a near duplicate. */
const MOST_SEEN = 0.5;
/** A run is one bit of this many: with ten million runs, 4 of 100 are taken for seen by chance. */
const BITS = 2 ** 28;

/** Remembers the runs of lines of every file that it was given. */
export class NearDuplicates {
  private readonly seen = new Uint8Array(BITS / 8);

  /**
   * Whether at least half of a file's runs of lines occur in the files that were added; a file of
   * fewer lines than a run never is.
   */
  has(text: string): boolean {
    const runs = runHashes(text);
    const known = runs.filter((hash) => (this.seen[hash >>> 3] & (1 << (hash & 7))) !== 0);
    return runs.length > 0 && known.length >= MOST_SEEN * runs.length;
  }

  add(text: string): void {
    for (const hash of runHashes(text)) this.seen[hash >>> 3] |= 1 << (hash & 7);
  }
}

/** One number below BITS for every three lines in a row, without comments, blanks and indentation. */
function runHashes(text: string): number[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const hashes: number[] = [];
  let recent: number[] = [];
  for (const line of lines) {
    recent = [...recent.slice(1 - RUN), lineHash(line)];
    if (recent.length < RUN) continue;
    hashes.push(recent.reduce((hash, one) => mix(hash ^ one), 0) % BITS);
  }
  return hashes;
}

/** FNV-1a of the line's UTF-16 units. */
function lineHash(line: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
  return hash;
}

/** Scatters the bits of a word (the finaliser of MurmurHash3, Appleby). */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
