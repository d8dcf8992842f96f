// @ts-check
/**
 * Loaded into VS Code's server ahead of its program: the process ends when the one that started it
 * is gone, even when that was killed and could not stop it.
 */
import { setInterval } from 'node:timers';

const INTERVAL_MS = 2000;

const starter = process.ppid;
setInterval(() => {
  if (process.ppid !== starter) process.exit(1);
}, INTERVAL_MS).unref();
