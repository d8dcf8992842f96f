/** Where the program finds its own files, and the runtime made of them. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveBundle } from '../bundles/bundle';
import { ENGINE_CHOICES } from '../engines/engineChoice';
import { Runtime } from '../runtime/runtime';
import { UsageError } from './command';

const DEFAULT_BUNDLE = 'python-sparse';

/** Option that chooses the model. */
export const bundleOption = { bundle: { type: 'string', default: DEFAULT_BUNDLE } } as const;

/** Options that choose the model and what it runs on. */
export const runtimeOptions = {
  ...bundleOption,
  engine: { type: 'string', default: 'auto' },
} as const;
export const ENGINE_HELP = `  --engine NAME         engine to run the model on: onnx, sparse or auto (default), the one that was
                        measured to be faster; see circuitscope bundle info`;

/** Folder of the shipped bundles. */
export const bundlesDir = (): string => folderAbove('models', 'bundles');

/** Folder of the Python programs of the PyTorch engine. */
export const torchPrograms = (): string => folderAbove('models', 'training', 'torch');

/** A page of the documentation, which is packed with the command line. */
export const page = (name: string): string => folderAbove('docs', name);

/** A file or folder of the project in the nearest folder above the program that has it. */
function folderAbove(...path: readonly string[]): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let dir = start; ; dir = dirname(dir)) {
    const found = join(dir, ...path);
    if (existsSync(found)) return found;
    if (dir === dirname(dir)) return join(start, '..', ...path);
  }
}

type WorkerName = 'runtime-worker' | 'training-worker' | 'circuit-worker' | 'label-worker';

/** A compiled worker, beside the program. */
export function workerFile(name: WorkerName): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** Folder of a bundle, given by name or folder. */
export const bundleDir = (bundle: string): string => resolveBundle(bundle, bundlesDir());

/** Runs `use` on the runtime of a bundle, given by name or folder, and closes it. */
export async function withRuntime<T>(
  { bundle, engine: name }: { readonly bundle: string; readonly engine: string },
  use: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const engine = ENGINE_CHOICES.find((choice) => choice === name);
  if (!engine) {
    throw new UsageError(`--engine ${name}: the engines are ${ENGINE_CHOICES.join(', ')}`);
  }
  const options = {
    ...{ workerFile: workerFile('runtime-worker'), bundlesDir: bundlesDir(), engine },
  };
  const runtime = await Runtime.open(bundleDir(bundle), options);
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}
