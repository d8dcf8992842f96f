/** How worker threads are started: so that no library in them reports to anybody. */
import { isMainThread, Worker, type ResourceLimits } from 'node:worker_threads';

/** ONNX Runtime reports to a server of its makers unless this is `1` when its first session is made. */
const VARIABLE = 'ORT_DISABLE_TELEMETRY';

/**
 * Starts a worker thread. Native code reads the environment of the process, which only the main
 * thread can change: a worker thread has a copy.
 * @param resourceLimits memory of its JavaScript, by default what Node gives
 */
export function startThread(
  file: string,
  workerData: unknown,
  resourceLimits?: ResourceLimits,
): Worker {
  disableTelemetry();
  return new Worker(file, { workerData, ...(resourceLimits && { resourceLimits }) });
}

/**
 * Keeps ONNX Runtime from reporting anything; called before it makes its first session.
 * @throws Error in a worker thread that `startThread` did not start
 */
export function disableTelemetry(): void {
  if (isMainThread) process.env[VARIABLE] = '1';
  else if (process.env[VARIABLE] !== '1') {
    throw new Error('ONNX Runtime is used in a thread that startThread did not start');
  }
}
