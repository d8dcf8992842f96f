/** Entry of a training thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { Replica, type ReplicaData } from './replica';

if (!parentPort) throw new Error('training-worker must be started by `circuitscope train`');
const port = parentPort;
await new Replica(workerData as ReplicaData, (message) => {
  port.postMessage(message);
}).run();
