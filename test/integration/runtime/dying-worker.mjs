// Stands in for the runtime's worker and dies when a text says so.
import { parentPort, threadId } from 'node:worker_threads';

parentPort.on('message', ({ type, id, call }) => {
  if (type === 'close') parentPort.close();
  if (type !== 'call') return;
  const text = call.params?.text;
  if (text === 'exit') process.exit(3);
  if (text === 'throw') throw new Error('out of luck');
  if (text === 'hang') return;
  parentPort.postMessage({ type: 'result', id, result: { hash: 'h', threadId } });
});
