/** Reading Python files from folders, in an order that depends on their contents' places only. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { filesBelow } from '../../inputFolder';
import { readInput, readJson } from '../../input';
import { FEATURES, featuresOf, type Feature } from './features';
import { NearDuplicates } from './nearDuplicates';
import { screenFile, trainingProblem, type SkipReason } from './screen';

/** One file of a corpus. */
export interface CorpusFile {
  /** Path within its folder, with `/`. */
  path: string;
  /** Its text, with `\n` line ends. */
  text: string;
}

/** What a corpus was made of, for the model card. */
export interface CorpusSummary {
  files: number;
  /** UTF-8 bytes of all texts kept. */
  bytes: number;
  /** Number of files left out, by reason. */
  skipped: Partial<Record<SkipReason, number>>;
  /** Number of files kept that have a part of newer Python. */
  features: Record<Feature, number>;
  /** The `packages` of each folder's `corpus.json`, where there is one. */
  packages: unknown[];
}

/** Files and what they are. */
export interface Corpus {
  files: CorpusFile[];
  summary: CorpusSummary;
}

/** What is left out: undefined for a text that is kept. */
type Screen = (text: string) => SkipReason | undefined;

/**
 * Reads the usable .py files below folders, in sorted order; of equal files the first is kept.
 * `screen.ts` says what is left out. Throws if a folder cannot be read or none of the files is
 * usable.
 */
export function readCorpus(dirs: readonly string[]): Corpus {
  return read(dirs, () => undefined);
}

/**
 * As `readCorpus`, for text that is trained on: without files that a program wrote, that have another
 * licence, or that are nearly the same as an earlier one or as a file below `heldOut`.
 */
export function readTrainingCorpus(dirs: readonly string[], heldOut: readonly string[]): Corpus {
  const known = new NearDuplicates();
  for (const { text } of readCorpus(heldOut).files) known.add(text);
  return read(dirs, (text) => {
    const problem = trainingProblem(text) ?? (known.has(text) ? 'near duplicate' : undefined);
    if (!problem) known.add(text);
    return problem;
  });
}

function read(dirs: readonly string[], screen: Screen): Corpus {
  const files: CorpusFile[] = [];
  const features = Object.fromEntries(FEATURES.map((name) => [name, 0])) as Record<Feature, number>;
  const summary: CorpusSummary = { files: 0, bytes: 0, skipped: {}, features, packages: [] };
  const seen = new Set<string>();
  for (const dir of dirs) {
    summary.packages.push(...packagesOf(dir));
    for (const name of pythonFiles(dir)) {
      const result = readFile(path.join(dir, name), seen, screen);
      if ('skip' in result) {
        summary.skipped[result.skip] = (summary.skipped[result.skip] ?? 0) + 1;
      } else {
        files.push({ path: name, text: result.text });
        summary.bytes += Buffer.byteLength(result.text);
        for (const feature of featuresOf(result.text)) features[feature]++;
      }
    }
  }
  summary.files = files.length;
  if (files.length === 0)
    throw new Error(`no usable .py files in ${dirs.join(', ')}; add Python files that can be read`);
  return { files, summary };
}

/**
 * Changes when a .py file below the folders is added, removed, renamed or written; nothing is read.
 * Throws if a folder cannot be read.
 */
export function corpusFingerprint(dirs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const dir of dirs) {
    hash.update('folder\n');
    for (const name of pythonFiles(dir)) {
      const { size, mtimeMs } = fs.statSync(path.join(dir, name));
      hash.update(`${JSON.stringify(name)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

function readFile(file: string, seen: Set<string>, screen: Screen): ReturnType<typeof screenFile> {
  const bytes = bytesOf(file);
  if (bytes === null) return { skip: 'cannot be read' };
  const result = screenFile(bytes);
  if ('skip' in result) return result;
  const hash = createHash('sha256').update(result.text).digest('base64');
  if (seen.has(hash)) return { skip: 'duplicate' };
  seen.add(hash);
  const skip = screen(result.text);
  return skip ? { skip } : result;
}

/** Content of a file; null where one among many is a pipe, may not be read or is far too large. */
function bytesOf(file: string): Uint8Array | null {
  try {
    return readInput(file);
  } catch {
    return null;
  }
}

/** Paths of .py files below a folder, sorted by code unit so that every machine agrees. */
function pythonFiles(dir: string): string[] {
  if (!fs.existsSync(dir))
    throw new Error(
      `the corpus folder ${dir} does not exist; put the corpus's .py files in train/ and heldout/`,
    );
  return filesBelow(dir, (name) => name.endsWith('.py'), [])
    .map((file) => path.relative(dir, file).replaceAll(path.sep, '/'))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** The packages that a folder's `corpus.json` lists; none without the file. */
export function packagesOf(dir: string): unknown[] {
  const file = path.join(dir, 'corpus.json');
  if (!fs.existsSync(file)) return [];
  const json = readJson(file);
  const isList = typeof json === 'object' && json !== null && 'packages' in json;
  if (!isList || !Array.isArray(json.packages)) throw new Error(`${file} has no list of packages`);
  return json.packages;
}
