/** Entry of the thread that imports a model. */
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../oneLine';
import { importModel } from './importModel';
import type { ImportMessage, ImportWorkerData } from './jobs';

if (!parentPort) throw new Error('import-worker must be started by importInWorker');
const port = parentPort;
const { options, stop } = workerData as ImportWorkerData;
const stopped = new Int32Array(stop);
const send = (message: ImportMessage) => {
  port.postMessage(message);
};

try {
  const result = await importModel(options, {
    progress: (what, done, total) => {
      send({ type: 'progress', what, done, total });
    },
    pause: () => {
      if (Atomics.load(stopped, 0) === 0) return Promise.resolve();
      return Promise.reject(new Error('the import was cancelled'));
    },
  });
  send({ type: 'result', result });
} catch (error) {
  send({ type: 'error', message: oneLine(error) });
}
