/**
 * What a run lowers: the parameters there are, the graphs of their loss, and what the graphs read
 * beside windows. Replicas, checkpoints and exports know a run's objective alone.
 */
import type { Value } from '../graph/ir';
import {
  bridgeEvaluationGraph,
  bridgeTrainingGraph,
  FURTHER_TERMS,
  TO_DENSE,
  TO_SPARSE,
} from '../bridges/graph';
import { pairSpecs } from '../bridges/parameters';
import { Rng } from '../random';
import type { TransformerConfig } from '../transformer/config';
import { evaluationGraph, trainingGraph } from '../transformer/graphs';
import { placesOf } from '../transformer/model';
import { parameterSpecs, type ParameterSpec } from '../transformer/parameters';
import type { TrainingConfig } from './config';

/** Numbers that a graph reads beside windows, [window, column] row by row. */
export interface FurtherInput {
  readonly columns: number;
  readonly data: Float32Array;
}

/** Which windows are asked about: those from `first` on of a step of a stream. */
interface WindowsOfStep {
  readonly seed: number;
  readonly label: string;
  readonly step: number;
  readonly first: number;
  readonly count: number;
}

export interface Objective {
  /** Every parameter that the graphs read, trained or given. */
  readonly specs: readonly ParameterSpec[];
  /** Outputs `loss` and every trained parameter's gradient, for so many windows. */
  gradientGraph(batch: number): Record<string, Value>;
  /** Outputs `loss`, the model's own cross-entropy (nats/token), and the terms. */
  evaluationGraph(batch: number): Record<string, Value>;
  /** What held-out text is measured by beside the model's own loss. */
  readonly terms: readonly string[];
  /** What the graphs read beside windows, a function of seed and step. */
  furtherInputs(windows: WindowsOfStep): Readonly<Record<string, FurtherInput>>;
}

/** The next token of text. */
export function transformerObjective(model: TransformerConfig): Objective {
  return {
    specs: parameterSpecs(model),
    gradientGraph: (batch) => trainingGraph(model, batch),
    evaluationGraph: (batch) => evaluationGraph(model, batch),
    terms: [],
    furtherInputs: () => ({}),
  };
}

/**
 * The objective of a run's settings.
 * @param dense the model that a bridged run stands beside; others have none
 */
export function objectiveOf(config: TrainingConfig, dense?: TransformerConfig): Objective {
  const { model, bridge } = config;
  if (!bridge) return transformerObjective(model);
  if (!dense) throw new Error('a bridged run needs its dense model');
  const { encoderKept, weights } = bridge;
  const pair = { sparse: model, dense, encoderKept };
  const places = placesOf(model);
  return {
    specs: pairSpecs(pair),
    gradientGraph: (batch) => bridgeTrainingGraph(pair, weights, batch),
    evaluationGraph: (batch) => bridgeEvaluationGraph(pair, weights, batch),
    terms: FURTHER_TERMS,
    furtherInputs: (windows) => ({
      [TO_SPARSE]: chosenPlaces(TO_SPARSE, windows, places),
      [TO_DENSE]: chosenPlaces(TO_DENSE, windows, places),
    }),
  };
}

/**
 * Where the hybrid passes of windows change model, one-hot: from a random place on, a place a
 * window, so that a step has as many places as it can and all come up over time.
 */
export function chosenPlaces(
  name: string,
  { seed, label, step, first, count }: WindowsOfStep,
  places: number,
): FurtherInput {
  const data = new Float32Array(count * places);
  const start = new Rng(seed, name, label, step).int(places);
  for (let row = 0; row < count; row++) data[row * places + ((start + first + row) % places)] = 1;
  return { columns: places, data };
}
