/** A run of the PyTorch engine, read back: its result as weights, and what it is measured on. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { denseParameters } from '../../bridges/parameters';
import { decodeSafetensors, type Safetensors } from '../../bundles/safetensors';
import { finishReplacing } from '../../files';
import { readJson } from '../../input';
import { oneLine } from '../../oneLine';
import { schemaError } from '../../schemaError';
import { TransformerConfigSchema } from '../../transformer/config';
import { sizeOf, type ParameterSpec, type Weights } from '../../transformer/parameters';
import { parseTrainingConfig } from '../config';
import type { ExportOptions } from '../export';
import { objectiveOf } from '../objective';
import { RUN_FILE, RUN_FORMAT } from './runFolder';
import { givenArray, START_FILE, trainedArray } from './startFile';
import { readWindows, WINDOWS_FILE } from './windowsFile';

const RunSchema = v.object({
  id: v.string(),
  config: v.unknown(),
  corpus: v.unknown(),
  command: v.string(),
  /** The dense model of a run of bridges; its weights are in the start file. */
  dense: v.optional(
    v.nullable(v.object({ name: v.string(), hash: v.string(), config: TransformerConfigSchema })),
    null,
  ),
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
export type FinishedRun = Omit<ExportOptions, 'bundleDir'>;

/**
 * Reads a run's folder.
 * @throws one line that says what is lacking: a folder of another version, a run that has not ended, a
 * part of the result that was not brought back
 */
export function readFinishedRun(dir: string): FinishedRun {
  if (existsSync(dir)) finishReplacing(dir);
  const run = parsed(RunSchema, dir, RUN_FILE, `no run of the PyTorch engine is in ${dir}`);
  const config = parseTrainingConfig(run.config, join(dir, RUN_FILE));
  if (config.bridge && !run.dense) {
    throw new Error(`${join(dir, RUN_FILE)} does not name its dense model; make the run again`);
  }
  const result = join(dir, 'result');
  const lacking = `${result} has no state.json; run train.py there, or copy its result back`;
  const state = parsed(StateSchema, result, 'state.json', lacking);
  if (state.id !== run.id)
    throw new Error(`${result} belongs to another run; copy the result of this run`);
  if (!state.finished) {
    throw new Error(
      `${dir} stopped after ${state.step} of ${state.steps} steps; continue with train.py --resume`,
    );
  }
  const trained = resultTensors(result, state.parts);
  const start = tensorsOf(dir, START_FILE);
  const { context } = config.model;
  const { specs } = objectiveOf(config, run.dense?.config);
  const weights = weightsOf(specs, trained, start, dir);
  return {
    config: { ...config, steps: state.steps, batch: state.batch, replicas: 1 },
    tokenizerJson: json(join(dir, 'tokenizer.json')),
    weights,
    ...(run.dense && { dense: { ...run.dense, weights: denseParameters(weights) } }),
    windows: readWindows(tensorsOf(dir, WINDOWS_FILE), context, join(dir, WINDOWS_FILE)),
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
      `${file} has format ${JSON.stringify(format)}, but this version reads ${RUN_FORMAT}; make the run again`,
    );
  }
  const checked = v.safeParse(schema, data);
  if (checked.success) return checked.output;
  const issue = checked.issues[0];
  throw new Error(oneLine(`${file}: ${schemaError(issue)}`));
}

function json(file: string): unknown {
  try {
    return readJson(file);
  } catch (error) {
    throw new Error(`${file} cannot be read; copy it again`, { cause: error });
  }
}

type Tensors = Safetensors['tensors'];

function tensorsOf(dir: string, name: string): Tensors {
  const file = join(dir, name);
  if (!existsSync(file)) throw new Error(`${file} is missing; copy it again`);
  return decodeSafetensors(readFileSync(file), file).tensors;
}

/** The weights come in parts, each small enough to be brought anywhere. */
function resultTensors(result: string, parts: number): Tensors {
  const files = Array.from({ length: parts }, (_, i) => join(result, `weights.safetensors.${i}`));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing} is missing; copy all ${parts} parts`);
  const whole = Buffer.concat(files.map((file) => readFileSync(file)));
  return decodeSafetensors(whole, join(result, 'weights.safetensors')).tensors;
}

function weightsOf(
  specs: readonly ParameterSpec[],
  trained: Tensors,
  start: Tensors,
  dir: string,
): Weights {
  return new Map(
    specs.map(({ name, shape, trained: isTrained }) => {
      const size = sizeOf(shape);
      const data = isTrained ? trainedArray(trained, name, size) : givenArray(start, name);
      if (data?.length !== size) {
        const where = join(dir, isTrained ? 'result' : START_FILE);
        throw new Error(`${where}: '${name}' is missing or has another size; copy it again`);
      }
      return [name, data];
    }),
  );
}
