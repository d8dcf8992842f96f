/** A run of the PyTorch engine, read back: its result as weights, and what it is measured on. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { decodeSafetensors, type Safetensors } from '../../bundles/safetensors';
import { finishReplacing } from '../../files';
import { readJson } from '../../input';
import { oneLine } from '../../runtime/oneLine';
import { parameterSpecs, sizeOf, type Weights } from '../../transformer/parameters';
import { parseTrainingConfig, type TrainingConfig } from '../config';
import { BIGRAM_STEPS } from '../corpus/bigram';
import type { Batch } from '../data';
import type { ExportOptions } from '../export';
import type { MeasuringWindows } from '../windows';
import { RUN_FILE, RUN_FORMAT, START_FILE, WINDOWS_FILE } from './runFolder';

const RunSchema = v.object({
  id: v.string(),
  config: v.unknown(),
  corpus: v.unknown(),
  command: v.string(),
  from: v.nullable(v.object({ hash: v.string(), card: v.record(v.string(), v.unknown()) })),
});
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const StateSchema = v.object({
  id: v.string(),
  finished: v.boolean(),
  step: count,
  steps: count,
  batch: count,
  tokens: count,
  seconds: v.number(),
  parts: count,
  device: v.string(),
});

/** All that a bundle is made of, but for where it goes. */
export type FinishedRun = Omit<ExportOptions, 'dense' | 'bundleDir'>;

/**
 * Reads a run's folder.
 * @throws one line that says what is lacking: a folder of another version, a run that has not ended, a
 * part of the result that was not brought back
 */
export function readFinishedRun(dir: string): FinishedRun {
  if (existsSync(dir)) finishReplacing(dir);
  const run = parsed(RunSchema, dir, RUN_FILE, `no run of the PyTorch engine is in ${dir}`);
  const config = parseTrainingConfig(run.config, join(dir, RUN_FILE));
  const result = join(dir, 'result');
  const lacking = `${result} has no state.json: run train.py there, or bring its result back`;
  const state = parsed(StateSchema, result, 'state.json', lacking);
  if (state.id !== run.id) throw new Error(`${result} is of another run; bring this run's result`);
  if (!state.finished) {
    throw new Error(
      `${dir}: stopped after ${state.step} of ${state.steps} steps; continue with train.py --resume`,
    );
  }
  const trained = resultTensors(result, state.parts);
  const start = tensorsOf(dir, START_FILE);
  const { context } = config.model;
  return {
    config: { ...config, steps: state.steps, batch: state.batch, replicas: 1 },
    tokenizerJson: json(join(dir, 'tokenizer.json')),
    weights: weightsOf(config, trained, start, result),
    windows: windowsOf(tensorsOf(dir, WINDOWS_FILE), context, join(dir, WINDOWS_FILE)),
    corpus: run.corpus,
    run: {
      command: run.command,
      engine: `in PyTorch on ${state.device}`,
      steps: state.step,
      tokens: state.tokens,
      minutes: state.seconds / 60,
    },
    from: run.from,
  };
}

/** JSON of a file of this version, in a schema. */
function parsed<T extends v.GenericSchema>(
  schema: T,
  dir: string,
  name: string,
  missing: string,
): v.InferOutput<T> {
  const file = join(dir, name);
  if (!existsSync(file)) throw new Error(missing);
  const data = json(file);
  const format = (data as { format?: unknown } | null)?.format;
  if (format !== RUN_FORMAT) {
    throw new Error(
      `${file} has format ${JSON.stringify(format)}, this version reads ${RUN_FORMAT}; make the run again`,
    );
  }
  const checked = v.safeParse(schema, data);
  if (checked.success) return checked.output;
  const issue = checked.issues[0];
  throw new Error(oneLine(`${file}: ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`));
}

function json(file: string): unknown {
  try {
    return readJson(file);
  } catch (error) {
    throw new Error(`${file} cannot be read; bring it again`, { cause: error });
  }
}

type Tensors = Safetensors['tensors'];

function tensorsOf(dir: string, name: string): Tensors {
  const file = join(dir, name);
  if (!existsSync(file)) throw new Error(`${file} is missing; bring it again`);
  return decodeSafetensors(readFileSync(file), file).tensors;
}

/** The weights come in parts, each small enough to be brought anywhere. */
function resultTensors(result: string, parts: number): Tensors {
  const files = Array.from({ length: parts }, (_, i) => join(result, `weights.safetensors.${i}`));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing; bring all ${parts} parts`);
  const whole = Buffer.concat(files.map((file) => readFileSync(file)));
  return decodeSafetensors(whole, join(result, 'weights.safetensors')).tensors;
}

function weightsOf(
  config: TrainingConfig,
  trained: Tensors,
  start: Tensors,
  result: string,
): Weights {
  return new Map(
    parameterSpecs(config.model).map(({ name, shape, trained: isTrained }) => {
      const size = sizeOf(shape);
      const data = isTrained ? arrayOf(trained, name, size) : tableOf(start, name);
      if (data?.length !== size) {
        throw new Error(
          `${result}: '${name}' is missing or of another size; bring the result again`,
        );
      }
      return [name, data];
    }),
  );
}

/** A counted table in steps of a part of a nat. */
function tableOf(start: Tensors, name: string): Float32Array | null {
  const steps = start.get(name)?.data;
  return steps ? Float32Array.from(steps, (q) => 0 - q / BIGRAM_STEPS) : null;
}

/** An array that is stored whole, or as indices and values; null for anything else. */
function arrayOf(tensors: Tensors, name: string, size: number): Float32Array | null {
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

function windowsOf(tensors: Tensors, context: number, file: string): MeasuringWindows {
  const read = (name: string): Int32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${file} lacks '${name}'; bring it again`);
    return Int32Array.from(tensor.data);
  };
  const batch = (name: string): Batch => {
    const longer = read(name);
    const count = longer.length / (context + 1);
    const tokens = new Int32Array(count * context);
    const targets = new Int32Array(count * context);
    for (let row = 0; row < count; row++) {
      const window = longer.subarray(row * (context + 1), (row + 1) * (context + 1));
      tokens.set(window.subarray(0, context), row * context);
      targets.set(window.subarray(1), row * context);
    }
    return { tokens, targets };
  };
  return {
    means: read('card.means'),
    examples: read('card.examples'),
    ordinary: batch('card.ordinary'),
    idioms: batch('card.idioms'),
    newer: tensors.has('card.newer') ? batch('card.newer') : null,
  };
}
