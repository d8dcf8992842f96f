/**
 * A bundle: a folder with everything that one model needs, in standard formats, every file with its
 * size and SHA-256, so that a damaged model is refused and never merely wrong.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { finishReplacing, replaceFiles, unwritable } from '../files';
import { readInput } from '../input';
import { TransformerConfigSchema, type TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { decodeBridges, encodeBridges, type Bridges } from './bridges';
import { parameterCounts } from './counts';
import { BundleError, parseAs, parseJson } from './error';
import type { Examples } from './examples';
import { decodeExamples, encodeExamples } from './examplesFile';
import { decodeLabels, encodeLabels, type Labels } from './labels';
import {
  ALL_FORMATS,
  BRIDGE,
  EXAMPLES,
  LABELS,
  MANIFEST,
  NAME,
  OPTIONAL,
  readFiles,
  readManifest,
  sealed,
  WEIGHTS,
  type Contents,
  type FileName,
} from './manifest';
import { readmeText } from './readme';
import {
  decodeMeans,
  decodeWeights,
  encodeMeans,
  encodeWeights,
  withPlainTable,
  type Means,
} from './weights';

/** Folder of circuits of the model, which hold as long as its hash does. */
export const CIRCUITS = 'circuits';
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
  /** What held-out text shows of every node. */
  readonly examples?: Examples;
  /** Bridges to a dense model. */
  readonly bridges?: Bridges;
}

/** A model read from a folder. */
export interface Bundle {
  readonly dir: string;
  readonly name: string;
  /** SHA-256 over those of config, weights, means and tokenizer; it stays when the table is packed. */
  readonly hash: string;
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** Mean of every node over the training distribution, [node] by site name. */
  readonly means: Means;
  readonly tokenizerJson: unknown;
  readonly card: Record<string, unknown>;
  /** What held-out text shows of every node; null when the bundle does not say. */
  readonly examples: Examples | null;
  /** What its nodes mean; null when the bundle does not say. */
  readonly labels: Labels | null;
  /** Bridges to a dense model; null when the model has none. */
  readonly bridges: Bridges | null;
}

/**
 * Writes a bundle, complete or not at all, in the place of an older one; whatever else is in its
 * folder stays.
 * @throws BundleError when the parts do not belong together or `dir` holds something else
 */
export function writeBundle(dir: string, parts: BundleParts): void {
  checkPlace(dir, parts.name);
  writeFiles(dir, parts.name, encodeParts(parts));
}

/**
 * Says before long work whether a bundle of a name can be written to a folder.
 * @throws BundleError when the name is none, or the folder holds something else
 */
export function checkPlace(dir: string, name: string): void {
  if (!NAME.test(name)) {
    throw new BundleError(
      `'${name}' is not a valid bundle name; use letters, digits, '.', '_' and '-'`,
    );
  }
  if (holdsSomethingElse(dir)) {
    throw new BundleError(`${dir} exists and is not a bundle; give a new folder`);
  }
  const problem = unwritable(dir, true);
  if (problem !== null) throw new BundleError(`${dir}: ${problem}; give another folder`);
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
 * Takes the examples out of a bundle; every other file and the hash stay as they are.
 * @throws BundleError when the bundle is damaged
 */
export function removeExamples(dir: string): void {
  const { name } = readBundle(dir);
  const contents = readFiles(dir, readManifest(dir));
  contents.delete(EXAMPLES);
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
  const weights = contents.get(WEIGHTS)!;
  const plain = withPlainTable(weights, join(dir, WEIGHTS));
  const manifest = sealed(name, contents, plain === weights ? undefined : plain);
  // The manifest goes first: a folder that has one is found, and reading it ends the rest.
  const all = new Map<string, Uint8Array>([[MANIFEST, utf8(manifest)], ...contents]);
  const obsolete = OPTIONAL.filter((file) => !contents.has(file));
  replaceFiles(dir, all, obsolete);
}

/**
 * Writes a bundle of an older format in today's; the model and its hash stay, so its circuits hold.
 * @throws BundleError when the bundle is damaged or of no known format
 */
export function renewBundle(dir: string): { before: number; after: number } {
  const manifest = readManifest(dir, ALL_FORMATS);
  const contents = readFiles(dir, manifest);
  const { config, weights } = decodeModel(dir, contents);
  const before = contents.get(WEIGHTS)!.length;
  contents.set(WEIGHTS, encodeWeights(config, weights));
  writeFiles(dir, manifest.name, contents);
  return { before, after: contents.get(WEIGHTS)!.length };
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
  const { config, weights } = decodeModel(dir, contents);
  return {
    dir: resolve(dir),
    name: manifest.name,
    hash: manifest.hash,
    ...{ config, weights },
    means: decodeMeans(config, ...tensorBytes('means.safetensors')),
    tokenizerJson: json('tokenizer.json'),
    card: parseAs(CardSchema, json('card.json'), path('card.json')),
    examples: contents.has(EXAMPLES) ? decodeExamples(config, ...tensorBytes(EXAMPLES)) : null,
    labels: contents.has(LABELS) ? decodeLabels(config, ...tensorBytes(LABELS)) : null,
    bridges: contents.has(BRIDGE) ? decodeBridges(config, ...tensorBytes(BRIDGE)) : null,
  };
}

/** Shape of a bundle's model, before anything large is read. */
export function readConfig(dir: string): TransformerConfig {
  const file = join(dir, 'config.json');
  readManifest(dir);
  return parseAs(TransformerConfigSchema, parseJson(readInput(file), file), file);
}

function decodeModel(dir: string, contents: Contents): Pick<Bundle, 'config' | 'weights'> {
  const path = (file: FileName) => join(dir, file);
  const json = parseJson(contents.get('config.json')!, path('config.json'));
  const config = parseAs(TransformerConfigSchema, json, path('config.json'));
  return { config, weights: decodeWeights(config, contents.get(WEIGHTS)!, path(WEIGHTS)) };
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
    [WEIGHTS, weightBytes],
    ['means.safetensors', encodeMeans(config, means)],
    ['tokenizer.json', tokenizer],
    ['card.json', utf8({ ...card, l0: Object.fromEntries(l0) })],
    ['README.md', utf8Text(readmeText(name, config, counts, card))],
  ]);
  if (parts.examples) contents.set(EXAMPLES, encodeExamples(config, parts.examples));
  if (parts.bridges) contents.set(BRIDGE, encodeBridges(config, parts.bridges));
  return contents;
}

const utf8 = (value: unknown) => utf8Text(`${JSON.stringify(value, null, 2)}\n`);

const utf8Text = (text: string): Uint8Array => new TextEncoder().encode(text);
