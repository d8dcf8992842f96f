/**
 * A bundle: a folder with everything that one model needs, in standard formats, every file with its
 * size and SHA-256, so that a damaged model is refused and never merely wrong.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { finishReplacing, replaceFiles } from '../files';
import { TransformerConfigSchema, type TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { parameterCounts } from './counts';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';
import { decodeExamples, encodeExamples, type Examples } from './examples';
import { decodeLabels, encodeLabels, type Labels } from './labels';
import { readmeText } from './readme';
import { decodeMeans, decodeWeights, encodeMeans, encodeWeights, type Means } from './weights';

/** Version of the layout of the folder. */
const FORMAT = 1;
const MANIFEST = 'bundle.json';

/** Files that decide what the model computes, in the order of the hash. */
const HASHED = [
  'config.json',
  'weights.safetensors',
  'means.safetensors',
  'tokenizer.json',
] as const;
const FILES = [...HASHED, 'card.json', 'README.md'] as const;
/** May be missing: bundles had none at first, and one can be added later. */
const EXAMPLES = 'examples.safetensors';
const LABELS = 'labels.json';
const OPTIONAL = [EXAMPLES, LABELS] as const;
/** Folder of circuits of the model, which hold as long as its hash does. */
export const CIRCUITS = 'circuits';
type FileName = (typeof FILES)[number] | (typeof OPTIONAL)[number];

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const sha256Text = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));
const FileSchema = v.strictObject({
  sha256: sha256Text,
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
const ManifestSchema = v.strictObject({
  format: v.literal(FORMAT),
  name: v.pipe(v.string(), v.regex(NAME, 'is not a bundle name')),
  hash: sha256Text,
  files: v.strictObject({
    ...v.entriesFromList(FILES, FileSchema),
    [EXAMPLES]: v.optional(FileSchema),
    [LABELS]: v.optional(FileSchema),
  }),
});
const CardSchema = v.record(v.string(), v.unknown());

/** What a bundle is made of. */
export interface BundleParts {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** Mean of every node over the training distribution, [node] by site name. */
  readonly means: Means;
  /** Text of `tokenizer.json`, stored as it is. */
  readonly tokenizerJson: string;
  /** Fields of the model card, as JSON; the field `l0` is added. */
  readonly card: Readonly<Record<string, unknown>>;
  /** Where every node is strongest in held-out text. */
  readonly examples?: Examples;
}

/** A model read from a folder. */
export interface Bundle {
  readonly dir: string;
  readonly name: string;
  /** SHA-256 over those of config, weights, means and tokenizer. */
  readonly hash: string;
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** Mean of every node over the training distribution, [node] by site name. */
  readonly means: Means;
  readonly tokenizerJson: unknown;
  readonly card: Record<string, unknown>;
  /** Where every node is strongest in held-out text; null when the bundle does not say. */
  readonly examples: Examples | null;
  /** What its nodes mean; null when the bundle does not say. */
  readonly labels: Labels | null;
}

/**
 * Writes a bundle, complete or not at all, in the place of an older one; whatever else is in its
 * folder stays.
 * @throws BundleError when the parts do not belong together or `dir` holds something else
 */
export function writeBundle(dir: string, parts: BundleParts): void {
  if (!NAME.test(parts.name)) {
    throw new BundleError(
      `'${parts.name}' is no bundle name; use letters, digits, '.', '_' and '-'`,
    );
  }
  if (holdsSomethingElse(dir)) {
    throw new BundleError(`${dir} exists and is no bundle; give a new folder`);
  }
  writeFiles(dir, parts.name, encodeParts(parts));
}

/**
 * Adds examples to a bundle, or replaces those it has; every other file and the hash stay as they are.
 * @throws BundleError when the bundle is damaged or the examples are not its model's
 */
export function addExamples(dir: string, examples: Examples): void {
  const { config, name } = readBundle(dir);
  const contents = readFiles(dir, readManifest(dir));
  contents.set(EXAMPLES, encodeExamples(config, examples));
  writeFiles(dir, name, contents);
}

/**
 * Adds labels of nodes to a bundle, or replaces those it has; every other file and the hash stay as
 * they are.
 * @throws BundleError when the bundle is damaged or the labels are not its model's
 */
export function addLabels(dir: string, labels: Labels): void {
  const { config, name } = readBundle(dir);
  const contents = readFiles(dir, readManifest(dir));
  contents.set(LABELS, encodeLabels(config, labels));
  writeFiles(dir, name, contents);
}

/**
 * Adds fields to a bundle's model card, or replaces those of their names; the hash stays as it is.
 * @throws BundleError when the bundle is damaged
 */
export function addToCard(dir: string, fields: Readonly<Record<string, unknown>>): void {
  const bundle = readBundle(dir);
  const contents = readFiles(dir, readManifest(dir));
  const card = { ...bundle.card, ...fields };
  contents.set('card.json', utf8(card));
  // The counts of the card's `l0` stand in a table of their own.
  const told = Object.fromEntries(Object.entries(card).filter(([key]) => key !== 'l0'));
  const counts = parameterCounts(bundle);
  contents.set('README.md', utf8Text(readmeText(bundle.name, bundle.config, counts, told)));
  writeFiles(dir, bundle.name, contents);
}

/** Whether there is a file, or a folder that is not empty and no bundle. */
function holdsSomethingElse(dir: string): boolean {
  if (!existsSync(dir)) return false;
  if (!statSync(dir).isDirectory()) return true;
  finishReplacing(dir);
  const unfinished = (name: string) => name.startsWith('.') && name.includes('.new-');
  const found = readdirSync(dir).filter((name) => !unfinished(name));
  return found.length > 0 && !found.includes(MANIFEST);
}

/** Writes the files and the manifest that seals them. */
function writeFiles(dir: string, name: string, contents: Contents): void {
  const entries = [...contents].map(([file, bytes]) => [file, describe(bytes)] as const);
  const files = Object.fromEntries(entries) as Manifest['files'];
  const manifest: Manifest = { format: FORMAT, name, hash: hashOf(files), files };
  // The manifest goes first: a folder that has one is found, and reading it ends the rest.
  const all = new Map<string, Uint8Array>([[MANIFEST, utf8(manifest)], ...contents]);
  const obsolete = OPTIONAL.filter((file) => !contents.has(file));
  replaceFiles(dir, all, obsolete);
}

/**
 * Reads a bundle after checking the size and SHA-256 of every file.
 * @throws BundleError when a file is missing, cut or changed, or the files do not fit together
 */
export function readBundle(dir: string): Bundle {
  const manifest = readManifest(dir);
  const path = (file: FileName) => join(dir, file);
  const contents = readFiles(dir, manifest);
  const json = (file: FileName) => parseJson(contents.get(file)!, path(file));
  const tensorBytes = (file: FileName) => [contents.get(file)!, path(file)] as const;
  const config = parseAs(TransformerConfigSchema, json('config.json'), path('config.json'));
  return {
    dir: resolve(dir),
    name: manifest.name,
    hash: manifest.hash,
    config,
    weights: decodeWeights(config, ...tensorBytes('weights.safetensors')),
    means: decodeMeans(config, ...tensorBytes('means.safetensors')),
    tokenizerJson: json('tokenizer.json'),
    card: parseAs(CardSchema, json('card.json'), path('card.json')),
    examples: contents.has(EXAMPLES) ? decodeExamples(config, ...tensorBytes(EXAMPLES)) : null,
    labels: contents.has(LABELS) ? decodeLabels(config, ...tensorBytes(LABELS)) : null,
  };
}

/**
 * Folder of a bundle: a shipped one by its name, any other by its path.
 * @param bundlesDir folder of the shipped bundles
 * @throws BundleError that lists the names there are
 */
export function resolveBundle(nameOrDir: string, bundlesDir: string): string {
  const names = bundleNames(bundlesDir);
  if (names.includes(nameOrDir)) return resolve(bundlesDir, nameOrDir);
  if (existsSync(join(nameOrDir, MANIFEST))) return resolve(nameOrDir);
  const known = names.length > 0 ? names.join(', ') : `none in ${bundlesDir}`;
  throw new BundleError(
    `no bundle '${nameOrDir}'; give the path of a folder with ${MANIFEST} or a name: ${known}`,
  );
}

type Manifest = v.InferOutput<typeof ManifestSchema>;
/** Bytes of the files there are. */
type Contents = Map<FileName, Uint8Array>;

/** Names of the bundles in a folder; hidden folders are writes under way. */
function bundleNames(bundlesDir: string): string[] {
  if (!existsSync(bundlesDir)) return [];
  return readdirSync(bundlesDir)
    .filter((name) => NAME.test(name) && existsSync(join(bundlesDir, name, MANIFEST)))
    .sort();
}

function encodeParts(parts: BundleParts): Contents {
  // Through the schema, so that the order of the caller's fields does not change the hash.
  const config = parseAs(TransformerConfigSchema, parts.config, 'config', 'pass valid fields');
  const { name, weights, means, tokenizerJson } = parts;
  const tokenizer = new TextEncoder().encode(tokenizerJson);
  parseJson(tokenizer, 'tokenizerJson', 'pass the text of tokenizer.json');
  const weightBytes = encodeWeights(config, weights);
  const counts = parameterCounts({ config, weights });
  const l0 = counts.parameters.map(({ name, total, nonzero, fraction }) => [
    name,
    { total, nonzero, fraction },
  ]);
  // As card.json will have it, so that both cards say the same.
  const card = JSON.parse(JSON.stringify(parts.card)) as Record<string, unknown>;
  const contents: Contents = new Map([
    ['config.json', utf8(config)],
    ['weights.safetensors', weightBytes],
    ['means.safetensors', encodeMeans(config, means)],
    ['tokenizer.json', tokenizer],
    ['card.json', utf8({ ...card, l0: Object.fromEntries(l0) })],
    ['README.md', utf8Text(readmeText(name, config, counts, card))],
  ]);
  if (parts.examples) contents.set(EXAMPLES, encodeExamples(config, parts.examples));
  return contents;
}

function readManifest(dir: string): Manifest {
  const path = join(dir, MANIFEST);
  if (!existsSync(dir)) {
    const parent = dirname(resolve(dir));
    throw new BundleError(`no bundle ${basename(resolve(dir))} in ${parent}; check the path`);
  }
  finishReplacing(dir);
  const json = parseJson(readBytes(path), path);
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== FORMAT) {
    throw new BundleError(
      `${path} has format ${JSON.stringify(format)}, this version reads ${FORMAT};` +
        ` update Circuitscope or ${COPY_AGAIN}`,
    );
  }
  const manifest = parseAs(ManifestSchema, json, path);
  if (hashOf(manifest.files) !== manifest.hash) {
    throw new BundleError(`${path}: hash is not that of its files; ${COPY_AGAIN}`);
  }
  return manifest;
}

/** Every file of the bundle, each as the manifest describes it. */
function readFiles(dir: string, manifest: Manifest): Contents {
  const files = [...FILES, ...OPTIONAL.filter((file) => manifest.files[file])];
  const read = files.map((file) => {
    const path = join(dir, file);
    const bytes = readBytes(path);
    const { sha256, bytes: size } = manifest.files[file]!;
    if (bytes.length !== size) {
      throw new BundleError(`${path} has ${bytes.length} bytes instead of ${size}; ${COPY_AGAIN}`);
    }
    if (describe(bytes).sha256 !== sha256) {
      throw new BundleError(`${path} was changed (its SHA-256 differs); ${COPY_AGAIN}`);
    }
    return [file, bytes] as const;
  });
  return new Map(read);
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new BundleError(`${path} is missing; ${COPY_AGAIN}`);
    throw new BundleError(`${path} cannot be read (${code}); check the path and its permissions`);
  }
}

function describe(bytes: Uint8Array): { sha256: string; bytes: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

function hashOf(files: Manifest['files']): string {
  const text = HASHED.map((file) => files[file].sha256).join('\n');
  return createHash('sha256').update(text).digest('hex');
}

const utf8 = (value: unknown) => utf8Text(`${JSON.stringify(value, null, 2)}\n`);

const utf8Text = (text: string): Uint8Array => new TextEncoder().encode(text);
