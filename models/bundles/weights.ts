/**
 * How a model's numbers are stored: a mostly zero array is its nonzero entries, on disk and in memory,
 * and a counted bigram table is packed on disk.
 */
import * as v from 'valibot';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { withHeadMeans } from '../transformer/means';
import { activationSites } from '../transformer/nodes';
import { denseOf, isSparse, sparsest, type SparseArray } from '../graph/sparse';
import { parameterSpecs, sizeOf, type Weights } from '../transformer/parameters';
import { storedArray, StoredWeights } from '../transformer/storedWeights';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';
import { packTable, unpackTable } from './packedTable';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors';

/** Mean of every node over the training distribution, [node] by site name. */
export type Means = Map<string, Float32Array>;

const BIGRAM = 'bigram.table';
/** A counted table has steps of a sixteenth of a nat, from 0 down. */
const BIGRAM_STEP = 1 / 16;
const SHAPES = 'shapes';
const ShapesSchema = v.record(v.string(), v.array(v.number()));

/** Makes the error for an array that is not as it should be. */
type Misfit = (array: string, what: string) => BundleError;

/** Bytes of `weights.safetensors`; throws a BundleError when the weights are not the config's. */
export function encodeWeights(config: TransformerConfig, weights: Weights): Uint8Array {
  const expected = weightShapes(config);
  const has = new Map(Array.from(weights.keys(), (name) => [name, storedArray(weights, name)!]));
  checkArrays(has, expected, wrongParts('weights'));
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of expected) {
    const data = storedArray(weights, name)!;
    for (const [part, tensor] of stored(name, shape, data)) tensors.set(part, tensor);
  }
  const shapes = JSON.stringify(Object.fromEntries(expected));
  return encodeSafetensors({ tensors, metadata: { [SHAPES]: shapes } });
}

/**
 * The same file with the table as plain bytes: what says whether two models are one, however their
 * tables are packed.
 */
export function withPlainTable(bytes: Uint8Array, file: string): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const plain = new Map(tensors);
  const shape = shapesOf(metadata, file)[BIGRAM] ?? [];
  const table = plainTable(shape, (name) => tensors.get(name), damaged(file));
  if (!table) return bytes;
  for (const name of tensors.keys()) if (name.startsWith(`${BIGRAM}.`)) plain.delete(name);
  plain.set(BIGRAM, { shape, data: table });
  return encodeSafetensors({ tensors: plain, metadata });
}

/** The bytes of a packed table; undefined when it is not packed. */
function plainTable(
  shape: readonly number[],
  take: (name: string) => Tensor | undefined,
  misfit: Misfit,
): Uint8Array | undefined {
  try {
    return unpackTable(BIGRAM, shape, take);
  } catch (error) {
    throw misfit(BIGRAM, (error as Error).message);
  }
}

function shapesOf(metadata: Readonly<Record<string, string>>, file: string) {
  return parseAs(
    ShapesSchema,
    parseJson(new TextEncoder().encode(metadata[SHAPES] ?? ''), file),
    file,
  );
}

/**
 * Weights of the bytes of `weights.safetensors`, every bit as they were; only the zeros of a table
 * in bytes lose their sign.
 * @throws BundleError when they are not the config's
 */
export function decodeWeights(
  config: TransformerConfig,
  bytes: Uint8Array,
  file: string,
): StoredWeights {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const shapes = shapesOf(metadata, file);
  const expected = weightShapes(config);
  const misfit = damaged(file);
  const unused = new Map(tensors);
  const take = (name: string) => {
    unused.delete(name);
    return tensors.get(name);
  };
  const weights = new Map<string, Float32Array | SparseArray>();
  for (const [name, shape] of expected) {
    if (String(shapes[name]) !== String(shape)) {
      throw misfit(
        name,
        `has shape [${shapes[name] ?? 'none'}] instead of [${shape}] of config.json`,
      );
    }
    weights.set(name, restored(name, shape, take, misfit));
  }
  for (const name of unused.keys())
    throw misfit(name, 'is not a parameter of the model in config.json');
  checkArrays(weights, expected, misfit);
  return new StoredWeights(weights);
}

/**
 * Bytes of `means.safetensors`, without heads' numbers, which are not measured; throws a BundleError when
 * the means are not the config's.
 */
export function encodeMeans(config: TransformerConfig, means: Means): Uint8Array {
  const heads = withHeadMeans(config, new Map());
  const measured = new Map([...means].filter(([name]) => !heads.has(name)));
  checkArrays(measured, meanShapes(config), wrongParts('means'));
  const tensors = new Map(
    [...measured].map(([name, data]) => [name, { shape: [data.length], data }]),
  );
  return encodeSafetensors({ tensors, metadata: {} });
}

/** Means of the bytes of `means.safetensors`; throws a BundleError when they are not the config's. */
export function decodeMeans(config: TransformerConfig, bytes: Uint8Array, file: string): Means {
  const misfit = damaged(file);
  const means: Means = new Map();
  for (const [name, { data, shape }] of decodeSafetensors(bytes, file).tensors) {
    if (!(data instanceof Float32Array) || shape.length !== 1)
      throw misfit(name, 'is not F32 with one axis');
    means.set(name, data);
  }
  checkArrays(means, meanShapes(config), misfit);
  return withHeadMeans(config, means);
}

/** The arrays that a parameter is stored as. */
function stored(
  name: string,
  shape: readonly number[],
  data: Float32Array | SparseArray,
): readonly (readonly [string, Tensor])[] {
  if (name === BIGRAM) {
    const table = denseOf(data);
    const bytes = bigramBytes(table);
    return bytes ? packTable(name, shape, bytes) : [[name, { shape, data: table }]];
  }
  const shortest = isSparse(data) ? data : sparsest(data);
  if (!isSparse(shortest)) return [[name, { shape, data: shortest }]];
  const { indices, values } = shortest;
  return [
    [`${name}.indices`, { shape: [indices.length], data: indices }],
    [`${name}.values`, { shape: [values.length], data: values }],
  ];
}

/** The array of a parameter, whichever way it is stored. */
function restored(
  name: string,
  shape: readonly number[],
  take: (name: string) => Tensor | undefined,
  misfit: Misfit,
): Float32Array | SparseArray {
  const dense = take(name);
  if (name === BIGRAM) {
    // Bundles of the first format have the bytes as they are.
    const fits = String(dense?.shape) === String(shape);
    const plain = fits && dense?.data instanceof Uint8Array ? dense.data : undefined;
    const table = dense ? plain : plainTable(shape, take, misfit);
    if (table) return fromSteps(table);
  }
  if (!dense) {
    const indices = take(`${name}.indices`)?.data;
    const values = take(`${name}.values`)?.data;
    if (indices instanceof Int32Array && values instanceof Float32Array) {
      return ascending(indices, values, sizeOf(shape), (what) => misfit(name, what));
    }
    throw misfit(name, 'is missing, or its indices are not I32 or its values not F32');
  }
  if (String(dense.shape) !== String(shape)) {
    throw misfit(name, `is stored as [${dense.shape}] instead of [${shape}] of config.json`);
  }
  if (dense.data instanceof Float32Array) return dense.data;
  throw misfit(name, 'has an unexpected type');
}

/** The values at the indices, which must ascend. */
function ascending(
  indices: Int32Array,
  values: Float32Array,
  size: number,
  misfit: (what: string) => BundleError,
): SparseArray {
  if (indices.length !== values.length) {
    throw misfit(`has ${indices.length} indices for ${values.length} values`);
  }
  let last = -1;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (index <= last || index >= size) {
      throw misfit(`has index ${index} after ${last}, out of order or beyond its ${size} entries`);
    }
    last = index;
  }
  return { length: size, indices, values };
}

/** The table whose entries are so many steps below 0. */
function fromSteps(steps: Uint8Array): Float32Array {
  // Not Float32Array.from, which makes a list of all entries first.
  const table = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) table[i] = 0 - steps[i] * BIGRAM_STEP;
  return table;
}

/** One byte q an entry when every entry is exactly -q/16, else undefined. */
function bigramBytes(table: Float32Array): Uint8Array | undefined {
  const bytes = new Uint8Array(table.length);
  for (let i = 0; i < table.length; i++) {
    const q = -table[i] / BIGRAM_STEP;
    if (!Number.isInteger(q) || q < 0 || q > 255) return undefined;
    bytes[i] = q;
  }
  return bytes;
}

/** Exactly the expected names and sizes, and finite numbers only. */
function checkArrays(
  arrays: ReadonlyMap<string, Float32Array | SparseArray>,
  expected: ReadonlyMap<string, readonly number[]>,
  misfit: Misfit,
): void {
  for (const [name, shape] of expected) {
    const data = arrays.get(name);
    if (!data) throw misfit(name, 'is missing');
    if (data.length !== sizeOf(shape)) {
      throw misfit(name, `has ${data.length} numbers instead of [${shape}] of the config`);
    }
    const values = isSparse(data) ? data.values : data;
    const stray = values.findIndex((value) => !Number.isFinite(value));
    if (stray < 0) continue;
    const entry = isSparse(data) ? data.indices[stray] : stray;
    throw misfit(name, `has ${values[stray]} at entry ${entry}`);
  }
  for (const name of arrays.keys()) {
    if (!expected.has(name)) throw misfit(name, 'is not an array of the config');
  }
}

function weightShapes(config: TransformerConfig): Map<string, readonly number[]> {
  return new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
}

function meanShapes(config: TransformerConfig): Map<string, readonly number[]> {
  return new Map(
    activationSites(config).map(({ name, site }) => [name, [siteWidth(config, site)]]),
  );
}

/** For a file that was read. */
function damaged(file: string): Misfit {
  return (array, what) => new BundleError(`${file}, array '${array}' ${what}; ${COPY_AGAIN}`);
}

/** For arrays that a caller passed. */
function wrongParts(part: string): Misfit {
  return (array, what) =>
    new BundleError(`${part}, array '${array}' ${what}; pass finite arrays of the config's shapes`);
}
