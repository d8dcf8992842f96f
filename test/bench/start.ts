/** What every benchmark is started with. */

export interface BenchOptions {
  /** Folder of the bundle that is measured. */
  readonly dir: string;
  readonly pairs: number;
}

/** Runs a benchmark with the command line's bundle folder and number of pairs. */
export function benchmark(run: (options: BenchOptions) => Promise<void>): void {
  const [dir = 'models/bundles/python-sparse', pairs = '30'] = process.argv.slice(2);
  const started = Promise.resolve({ dir, pairs: Number(pairs) }).then(run);
  started.catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
