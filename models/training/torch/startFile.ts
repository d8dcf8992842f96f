/** What a run in PyTorch begins with, as a file; arrays that are mostly zero as indices and values. */
import { givenWeights } from '../../bridges/parameters';
import type { Bundle } from '../../bundles/bundle';
import { encodeSafetensors, type Safetensors, type Tensor } from '../../bundles/safetensors';
import {
  parameterSpecs,
  sizeOf,
  type ParameterSpec,
  type Weights,
} from '../../transformer/parameters';
import type { TrainingConfig } from '../config';
import { BIGRAM_STEPS } from '../corpus/bigram';
import { objectiveOf } from '../objective';
import type { GivenModel } from '../start';
import { freshScale, widened } from '../widen';

export const START_FILE = 'start.safetensors';

/** A parameter as `train.py` begins with it. */
interface Beginning extends ParameterSpec {
  /** Rows and columns that an earlier model gives; zero there but for what the start file has. */
  readonly given: readonly [number, number] | null;
}

/** What a run of bridges begins with. */
export interface BridgedStart {
  readonly dense: GivenModel;
  /** Every trained number: the sparse model's, and the bridges that are fitted to it. */
  readonly start: Weights;
}

interface StartFileOptions {
  readonly config: TrainingConfig;
  /** Numbers that are counted, not trained. */
  readonly fixed: Weights;
  /** The bundle whose training goes on; null for a new model. */
  readonly from: Bundle | null;
  readonly bridged?: BridgedStart;
}

/**
 * The parameters of a run and the file of what it begins with: what is given and stays, and what an
 * earlier model gives. The rest is drawn by `train.py`, since it would be far larger than all else; but
 * of bridges everything is stored, since they were fitted to it.
 */
export function startFile(options: StartFileOptions) {
  const { config, fixed, bridged } = options;
  const given = new Map([...fixed, ...(bridged ? givenWeights(bridged.dense.weights) : [])]);
  const { weights, shapes } = earlierOf(options);
  const tensors = new Map<string, Tensor>();
  const { specs } = objectiveOf(config, bridged?.dense.config);
  const parameters = specs.map((spec): Beginning => {
    const { name, shape, trained } = spec;
    if (!trained) {
      tensors.set(name, { shape, data: inSteps(name, given.get(name)!) });
      return { ...spec, given: null };
    }
    const old = shapes.get(name);
    if (!old) return { ...spec, given: null };
    const columns = shape[shape.length - 1];
    const block = shape.length === 1 ? ([1, columns] as const) : pairOf(old);
    store(tensors, name, shape, blockOf(weights.get(name)!, columns, block));
    const std = spec.std * (isWhole(shape, block) ? 1 : freshScale(name));
    return { ...spec, std, given: block };
  });
  return { parameters, file: encodeSafetensors({ tensors, metadata: {} }) };
}

/** Numbers that the run goes on from, and the shapes of those that are not new. */
function earlierOf({ config, from, bridged }: StartFileOptions) {
  const shapesOf = (specs: readonly ParameterSpec[]) =>
    new Map(specs.map(({ name, shape }) => [name, shape]));
  if (bridged) {
    const { specs } = objectiveOf(config, bridged.dense.config);
    return { weights: bridged.start, shapes: shapesOf(specs) };
  }
  if (!from) return { weights: new Map<string, Float32Array>(), shapes: shapesOf([]) };
  const weights = widened(from.weights, from.config, config.model, config.seed);
  return { weights, shapes: shapesOf(parameterSpecs(from.config)) };
}

/** A counted table as whole steps of a part of a nat; other numbers, and a table that is trained, as they are. */
function inSteps(name: string, data: Float32Array): Uint8Array | Float32Array {
  if (!name.endsWith('bigram.table')) return data;
  const steps = Uint8Array.from(data, (x) => -x * BIGRAM_STEPS);
  return steps.every((q, i) => q === -data[i] * BIGRAM_STEPS) ? steps : data;
}

/** Numbers that a start file gives and that stay, by name; null where it lacks them. */
export function givenArray(tensors: Tensors, name: string): Float32Array | null {
  const data = tensors.get(name)?.data;
  if (data instanceof Uint8Array) return Float32Array.from(data, (q) => 0 - q / BIGRAM_STEPS);
  return data instanceof Float32Array ? data : null;
}

type Tensors = Safetensors['tensors'];

const pairOf = ([rows, columns]: readonly number[]): readonly [number, number] => [rows, columns];
const isWhole = (shape: readonly number[], [rows, columns]: readonly [number, number]) =>
  sizeOf(shape) === rows * columns;

/** Zeros but for the first rows and columns. */
function blockOf(data: Float32Array, columns: number, given: readonly [number, number]) {
  return data.map((x, i) => (i < given[0] * columns && i % columns < given[1] ? x : 0));
}

/** The nonzero entries as indices and values where they are few, else all. */
function store(
  tensors: Map<string, Tensor>,
  name: string,
  shape: readonly number[],
  data: Float32Array,
): void {
  const indices = Int32Array.from(data.keys()).filter((i) => data[i] !== 0);
  if (2 * indices.length > data.length) {
    tensors.set(name, { shape, data });
    return;
  }
  const values = Float32Array.from(indices, (i) => data[i]);
  tensors.set(`${name}.indices`, { shape: [indices.length], data: indices });
  tensors.set(`${name}.values`, { shape: [values.length], data: values });
}

/** An array that is stored whole, or as indices and values; null for anything else. */
export function trainedArray(tensors: Tensors, name: string, size: number): Float32Array | null {
  const whole = tensors.get(name)?.data;
  if (whole) return whole instanceof Float32Array ? whole : null;
  const indices = tensors.get(`${name}.indices`)?.data;
  const values = tensors.get(`${name}.values`)?.data;
  if (!indices || !(values instanceof Float32Array) || indices.length !== values.length)
    return null;
  const data = new Float32Array(size);
  for (const [i, index] of indices.entries()) {
    if (index < 0 || index >= size) return null;
    data[index] = values[i];
  }
  return data;
}
