/** Entry of a thread that searches labels: of the text that it was started with, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { NodeSearch, type SearchedText } from './nodeSearch';
import type { SearchRequest } from './searchThread';

if (!parentPort) throw new Error('label-worker is started by SearchThread only');
const port = parentPort;
const searcher = new NodeSearch(workerData as SearchedText);

port.on('message', (request: SearchRequest | null) => {
  if (!request) {
    port.close();
    return;
  }
  const { activations, first } = request;
  void searcher.search(activations, first).then((found) => {
    port.postMessage(found);
  });
});
