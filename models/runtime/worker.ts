/** Entry of the runtime's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { oneLine } from '../oneLine';
import type { Reply, Request, WorkerOptions } from './protocol';
import { Server } from './server';

if (!parentPort) throw new Error('runtime-worker is started by a Runtime only');
const port = parentPort;
const server = new Server(workerData as WorkerOptions, (reply, transfer) => {
  port.postMessage(reply, transfer);
});
port.on('message', (request: Request) => {
  void server.receive(request).then(() => {
    if (request.type === 'close') port.close();
  });
});
// The end of a thread alone does not free ONNX Runtime's memory.
process.once('uncaughtException', (error) => {
  port.postMessage({ type: 'failed', message: oneLine(error) } satisfies Reply);
  void server.close().then(() => {
    port.close();
  });
});
