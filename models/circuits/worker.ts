/** Entry of the thread that evaluates, prunes and verifies: one job, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../oneLine';
import { Machines } from '../sparse/machines';
import { sourceOf } from '../tasks/source';
import { checkEdges, checkModel, type Circuit } from './file/circuitFile';
import { evaluateTask } from './evaluate';
import { findCircuit } from './findCircuit';
import type { CircuitMessage, CircuitWorkerData, Job, JobKind, Jobs } from './jobs';
import { UnsolvedError } from './search/outcome';
import { CircuitModel, type Control } from './search/model';
import { isProvable, renewal } from './file/oldCircuit';
import { prove } from './proof/prove';
import { shrink } from './shrink';
import { unique } from './unique';

if (!parentPort) throw new Error('circuit-worker must be started by a function of inWorker.ts');
const port = parentPort;
const { job, threads, stop } = workerData as CircuitWorkerData;
const stopped = new Int32Array(stop);
/** Milliseconds between two reports of progress. */
const REPORT_EVERY = 100;

let reported = -Infinity;
const send = (message: CircuitMessage) => {
  port.postMessage(message);
};
const control: Control = {
  machines: new Machines(threads),
  progress: (what, share) => {
    const now = performance.now();
    if (now - reported < REPORT_EVERY) return;
    reported = now;
    send({ type: 'progress', what, share });
  },
  check: () => {
    if (Atomics.load(stopped, 0) !== 0) throw new Error('the job was cancelled');
  },
  pause: async () => {
    control.check();
    await Promise.resolve();
  },
};

try {
  send({ type: 'result', result: await perform(job) });
} catch (error) {
  send({ type: 'error', message: oneLine(error), unsolved: error instanceof UnsolvedError });
} finally {
  await control.machines.release();
}

function perform(work: Job): Promise<Jobs[JobKind]['result']> {
  const source = sourceOf(work.pairs, () => {
    control.check();
  });
  const model = CircuitModel.open(work.bundleDir, control);
  switch (work.kind) {
    case 'evaluate':
      return evaluateTask(model, source, work.options);
    case 'prune':
      return findCircuit(model, source, work.options);
    case 'unique':
      return unique(model, source, work.options);
    case 'prove': {
      const { circuit, ...options } = work.options;
      check(circuit, model);
      return prove(model, circuit, source, options, (part) => {
        send({ type: 'part', part });
      });
    }
    case 'shrink': {
      const { circuit, ...options } = work.options;
      check(circuit, model);
      return shrink(model, circuit, source, options);
    }
  }
}

function check(circuit: Circuit, { bundle }: CircuitModel): void {
  checkModel(circuit, bundle, 'the circuit');
  if (!isProvable(circuit)) throw renewal(circuit, 'the circuit');
  checkEdges(circuit, bundle, 'the circuit');
}
