/**
 * What seals a bundle: `bundle.json`, which names every file with its size and SHA-256, and the hash
 * of those that decide what the model computes.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { finishReplacing } from '../files';
import { readInput } from '../input';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';

/** Version of the layout of the folder. */
const FORMAT = 2;
/** Older formats that `renewBundle` can read: in the first the bigram table was not packed. */
const OLDER = [1];
/** Every format that some command reads. */
export const ALL_FORMATS: readonly number[] = [FORMAT, ...OLDER];
export const MANIFEST = 'bundle.json';
export const WEIGHTS = 'weights.safetensors';

/** Files that decide what the model computes, in the order of the hash. */
const HASHED = ['config.json', WEIGHTS, 'means.safetensors', 'tokenizer.json'] as const;
const FILES = [...HASHED, 'card.json', 'README.md'] as const;
/** May be missing: bundles had none at first, and one can be added later. */
export const EXAMPLES = 'examples.safetensors';
export const LABELS = 'labels.json';
export const BRIDGE = 'bridge.safetensors';
export const OPTIONAL = [EXAMPLES, LABELS, BRIDGE] as const;
export type FileName = (typeof FILES)[number] | (typeof OPTIONAL)[number];

export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const sha256Text = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));
const FileSchema = v.strictObject({
  sha256: sha256Text,
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** SHA-256 of the weights with a plain bigram table, which a packed one has in the hash's place. */
  plain: v.optional(sha256Text),
});
const ManifestSchema = v.strictObject({
  format: v.picklist([FORMAT, ...OLDER]),
  name: v.pipe(v.string(), v.regex(NAME, 'is not a bundle name')),
  hash: sha256Text,
  files: v.strictObject({
    ...v.entriesFromList(FILES, FileSchema),
    [EXAMPLES]: v.optional(FileSchema),
    [LABELS]: v.optional(FileSchema),
    [BRIDGE]: v.optional(FileSchema),
  }),
});
export type Manifest = v.InferOutput<typeof ManifestSchema>;
/** Bytes of the files there are. */
export type Contents = Map<FileName, Uint8Array>;

/** The manifest of a bundle's files. */
export function sealed(
  name: string,
  contents: Contents,
  plainWeights: Uint8Array | undefined,
): Manifest {
  const entries = [...contents].map(([file, bytes]) => [file, describe(bytes)] as const);
  const files = Object.fromEntries(entries) as Manifest['files'];
  if (plainWeights) files[WEIGHTS] = { ...files[WEIGHTS], plain: describe(plainWeights).sha256 };
  return { format: FORMAT, name, hash: hashOf(files), files };
}

/**
 * The manifest of a bundle, of one of the formats.
 * @throws BundleError when it is missing, damaged or of another format
 */
export function readManifest(dir: string, formats: readonly number[] = [FORMAT]): Manifest {
  const path = join(dir, MANIFEST);
  if (!existsSync(dir)) {
    const parent = dirname(resolve(dir));
    throw new BundleError(`no bundle ${basename(resolve(dir))} in ${parent}; check the path`);
  }
  finishReplacing(dir);
  const json = parseJson(readBytes(path), path);
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format !== 'number' || !formats.includes(format)) {
    const remedy = OLDER.some((older) => older === format)
      ? `run circuitscope bundle renew ${dir}`
      : `update Circuitscope or ${COPY_AGAIN}`;
    throw new BundleError(
      `${path} has format ${JSON.stringify(format)}, but this version reads ${FORMAT}; ${remedy}`,
    );
  }
  const manifest = parseAs(ManifestSchema, json, path);
  if (hashOf(manifest.files) !== manifest.hash) {
    throw new BundleError(`${path}: its hash does not match its files; ${COPY_AGAIN}`);
  }
  return manifest;
}

/** Every file of the bundle, each as the manifest describes it. */
export function readFiles(dir: string, manifest: Manifest): Contents {
  const files = [...FILES, ...OPTIONAL.filter((file) => manifest.files[file])];
  const read = files.map((file) => {
    const path = join(dir, file);
    const { sha256, bytes: size } = manifest.files[file]!;
    const requireSize = (found: number) => {
      if (found === size) return;
      throw new BundleError(`${path} has ${found} bytes instead of ${size}; ${COPY_AGAIN}`);
    };
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isFile()) requireSize(there.size); // However much it is, only what is sealed is read.
    const bytes = readBytes(path, size);
    requireSize(bytes.length);
    if (describe(bytes).sha256 !== sha256) {
      throw new BundleError(`${path} was changed (its SHA-256 differs); ${COPY_AGAIN}`);
    }
    return [file, bytes] as const;
  });
  return new Map(read);
}

function readBytes(path: string, most?: number): Uint8Array {
  if (!existsSync(path)) throw new BundleError(`${path} is missing; ${COPY_AGAIN}`);
  try {
    return readInput(path, most);
  } catch (error) {
    throw new BundleError((error as Error).message);
  }
}

function describe(bytes: Uint8Array): { sha256: string; bytes: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

function hashOf(files: Manifest['files']): string {
  const text = HASHED.map((file) => files[file].plain ?? files[file].sha256).join('\n');
  return createHash('sha256').update(text).digest('hex');
}
