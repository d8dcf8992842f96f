/** Entry of a thread that helps: it takes its share of every command. */
import { workerData } from 'node:worker_threads';
import { instantiate, type HelperData } from './machine';

const data = workerData as HelperData;
instantiate(data).help();
