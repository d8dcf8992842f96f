/** What the commands on tasks and circuits share: options, workers, progress, Ctrl-C. */
import { resolveBundle } from '../bundles/bundle';
import { evaluateInWorker, type JobOptions } from '../circuits/inWorker';
import { DEFAULT_THREADS } from '../engines/engineChoice';
import type { PairsRequest } from '../tasks/source';
import { findTask } from '../tasks';
import { UsageError, wholeNumber } from './command';
import { showLine } from './output';
import { bundlesDir, workerFile } from './places';
import { cancellable } from './signals';

const BAR = 20;
const MOST_THREADS = 64;

/** Threads of a command that searches or proves. */
export const threadsOption = {
  threads: { type: 'string', default: String(DEFAULT_THREADS) },
} as const;
/** Its line in a command's help. */
export const THREADS_HELP = `number of threads, ${DEFAULT_THREADS} by default; two commands with 1 each get more done than one with 2`;

/** What was given for `threadsOption`. */
export function threadsOf({ threads }: { readonly threads: string }): number {
  return wholeNumber('--threads', threads, 1, MOST_THREADS);
}

/** Pairs from a command's arguments: a task's name or `--file`. */
export function pairsRequest(
  command: string,
  positionals: readonly string[],
  file: string | undefined,
): PairsRequest {
  const [name, ...more] = positionals;
  if (more.length > 0 || (name === undefined) === (file === undefined)) {
    throw new UsageError(
      `${command} takes one task or --file FILE; see circuitscope ${command} --help`,
    );
  }
  if (file !== undefined) return { file };
  findTask(name); // Throws with the names of the tasks.
  return { task: name };
}

/** Folder of a bundle given by name or path. */
export function bundleDir(bundle: string): string {
  return resolveBundle(bundle, bundlesDir());
}

/**
 * Runs a long job: Ctrl-C cancels it, and standard error shows its progress.
 * @param label before what is being done
 */
export async function withJob<T>(
  run: (options: JobOptions, label: Label) => Promise<T>,
  threads = DEFAULT_THREADS,
): Promise<T> {
  const label: Label = { text: '' };
  return await cancellable(async (signal) => {
    try {
      return await run(
        {
          workerFile: workerFile('circuit-worker'),
          ...{ signal, threads },
          onProgress: (what, share) => {
            const done = Math.min(1, share);
            const filled = Math.round(BAR * done);
            const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
            const doing = `${label.text}${what}`;
            showLine(`${bar} ${doing}`, `${Math.floor(100 * done)} % ${doing}`);
          },
        },
        label,
      );
    } catch (error) {
      if (signal.aborted) throw new Error('cancelled', { cause: error });
      throw error;
    } finally {
      showLine('');
    }
  });
}

/** Shown before what is being done. */
export interface Label {
  text: string;
}

/** Loss and accuracy of a model on the test part of a task, or on all pairs of a file. */
export function evaluate(
  dir: string,
  pairs: PairsRequest,
  { count, seed, show = 0 }: { count: number; seed: number; show?: number },
  job: JobOptions,
) {
  const options = { seed, pairs: count, part: 'all', show } as const;
  return evaluateInWorker({ bundleDir: dir, pairs, options }, job);
}
