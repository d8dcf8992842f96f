/** The engine's memory and kernels, and the threads that help. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { ConstantData } from '../graph/ir';
import { denseOf, isSparse, type SparseArray } from '../graph/sparse';
import { startThread } from '../threads';
import { columnsOf, nonzerosOf, SPARSE_BELOW, type SparseMatrix } from './constants';

const PAGE = 65_536;
const MOST_PAGES = 65_536;
/** What the kernels keep for themselves lies before it. */
const START = PAGE;

interface Kernels {
  execute(program: number, count: number, threads: number): void;
  help(): void;
  stop(threads: number): void;
}

/** Folder of the compiled kernels and the helper's file: that of the bundle, or `dist` beside the sources. */
function compiledFolder(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    for (const folder of [dir, join(dir, 'dist')]) {
      if (existsSync(join(folder, 'kernels.wasm'))) return folder;
    }
    if (dirname(dir) === dir) {
      throw new Error(
        'kernels.wasm is missing beside the program; install it again, or run npm run build',
      );
    }
  }
}

/** The compiled kernels. */
export function kernelBytes(): Uint8Array {
  return readFileSync(join(compiledFolder(), 'kernels.wasm'));
}

/** What a helping thread is started with. */
export interface HelperData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Kernels on a memory. */
export function instantiate({ module, memory }: HelperData): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}

function viewsOf({ buffer }: WebAssembly.Memory) {
  return { floats: new Float32Array(buffer), ints: new Int32Array(buffer) };
}

/** Kernels, their memory with the constants of all graphs, and helping threads; one for each model. */
export class Machine {
  readonly threads: number;
  private readonly memory = new WebAssembly.Memory({
    initial: 2,
    maximum: MOST_PAGES,
    shared: true,
  });
  /** Of the whole memory, as far as it reaches. */
  private views = viewsOf(this.memory);
  private readonly kernels: Kernels;
  private readonly helpers: { readonly worker: Worker; readonly ended: Promise<void> }[] = [];
  private readonly dense = new Map<ConstantData, number>();
  private readonly sparse = new Map<
    Float32Array | SparseArray,
    [SparseMatrix | null, SparseMatrix | null]
  >();
  private end = START;

  constructor(threads: number) {
    this.threads = Math.max(1, threads);
    const module = new WebAssembly.Module(kernelBytes());
    this.kernels = instantiate({ module, memory: this.memory });
    for (let thread = 1; thread < this.threads; thread++) {
      const workerData: HelperData = { module, memory: this.memory };
      const worker = startThread(join(compiledFolder(), 'sparse-helper.js'), workerData);
      // Nobody waits for it: without help, work takes longer and is done all the same.
      worker.unref();
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      this.helpers.push({ worker, ended });
    }
  }

  /** Address after the constants: from there on a run may use the memory. */
  get free(): number {
    return this.end;
  }

  /** Sees to it that the memory reaches up to an address. */
  ensure(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
      this.views = viewsOf(this.memory);
    } catch {
      throw new Error(
        `the model needs ${Math.ceil(end / 2 ** 20)} MB at once; close other programs, or choose the onnx engine`,
      );
    }
  }

  private reserve(bytes: number): number {
    const address = this.end;
    this.end = Math.ceil((address + bytes) / 64) * 64;
    this.ensure(this.end);
    return address;
  }

  floats(address: number, length: number): Float32Array {
    return this.views.floats.subarray(address / 4, address / 4 + length);
  }

  ints(address: number, length: number): Int32Array {
    return this.views.ints.subarray(address / 4, address / 4 + length);
  }

  /** Address of a constant array, copied in when it is first asked for. */
  array(data: ConstantData): number {
    const known = this.dense.get(data);
    if (known !== undefined) return known;
    const address = this.put(denseOf(data));
    this.dense.set(data, address);
    return address;
  }

  private put(data: Float32Array | Int32Array): number {
    const address = this.reserve(data.byteLength);
    if (data instanceof Float32Array) this.floats(address, data.length).set(data);
    else this.ints(address, data.length).set(data);
    return address;
  }

  /** A constant matrix [rows, columns] by its nonzeros; null when it has too many. */
  matrix(
    data: Float32Array | SparseArray,
    rows: number,
    columns: number,
    transposed: boolean,
  ): SparseMatrix | null {
    const both = this.sparse.get(data) ?? [null, null];
    this.sparse.set(data, both);
    const known = both[Number(transposed)];
    if (known) return known;
    const nonzeros = isSparse(data) ? data.values.length : nonzerosOf(data);
    if (nonzeros > SPARSE_BELOW * data.length) return null;
    const lists = columnsOf(data, rows, columns, transposed);
    const matrix = {
      ...{ rows, columns, nonzeros: lists.values.length },
      starts: this.put(lists.starts),
      indices: this.put(lists.indices),
      values: this.put(lists.values),
    };
    both[Number(transposed)] = matrix;
    return matrix;
  }

  /** Forgets every constant; the memory stays. */
  clear(): void {
    this.dense.clear();
    this.sparse.clear();
    this.end = START;
  }

  /** Runs a program: so many commands from an address on. */
  execute(program: number, count: number): void {
    this.kernels.execute(program, count, this.threads);
  }

  /** Ends the helping threads; they see it between two commands, or before their first one. */
  async release(): Promise<void> {
    this.kernels.stop(this.threads);
    for (const { worker } of this.helpers) worker.ref();
    await Promise.all(this.helpers.map(({ ended }) => ended));
  }
}
