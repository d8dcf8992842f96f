/** Entry of the runtime's thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Request, WorkerOptions } from './protocol';
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
