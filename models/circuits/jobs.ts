/** What the circuit worker can be asked for, and the messages around it. */
import type { PairsRequest } from '../tasks/source';
import type { Circuit } from './file/circuitFile';
import type { EvaluateOptions, TaskReport } from './evaluate';
import type { FindOptions } from './findCircuit';
import type { ShrinkOptions, Shrunk } from './shrink';
import type { ProveOptions } from './proof/prove';
import type { Proof } from './file/schema';
import type { Unique, UniqueOptions } from './unique';

/** Every job: what it takes beside bundle and pairs, and what it gives. */
export interface Jobs {
  evaluate: { options: EvaluateOptions; result: TaskReport };
  prune: { options: FindOptions; result: Circuit };
  prove: { options: ProveOptions & { readonly circuit: Circuit }; result: Proof };
  unique: { options: UniqueOptions; result: Unique };
  shrink: { options: ShrinkOptions & { readonly circuit: Circuit }; result: Shrunk[] };
}
export type JobKind = keyof Jobs;

/** One job on the pairs of a source. */
export type Job<K extends JobKind = JobKind> = {
  [Kind in K]: {
    readonly kind: Kind;
    readonly bundleDir: string;
    readonly pairs: PairsRequest;
    readonly options: Jobs[Kind]['options'];
  };
}[K];

/** What the worker is started with. */
export interface CircuitWorkerData {
  readonly job: Job;
  /** Threads that ONNX Runtime computes with. */
  readonly threads: number;
  /** int32 [1]: not 0 when the job is to stop. */
  readonly stop: SharedArrayBuffer;
}

/** From the worker: any number of `progress` and `part`, then one `result` or `error`. */
export type CircuitMessage =
  | { readonly type: 'progress'; readonly what: string; readonly share: number }
  /** A proof as far as it has been measured. */
  | { readonly type: 'part'; readonly part: Proof }
  | { readonly type: 'result'; readonly result: Jobs[JobKind]['result'] }
  /** One line that says what happened and what to do; whether it is that the model has no circuit. */
  | { readonly type: 'error'; readonly message: string; readonly unsolved: boolean };
