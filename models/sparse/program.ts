/** The commands that a run consists of, and the memory between them. */
import type { Storage, Tensor } from './tensor';
import { layout, packed } from './tensor';

/** Kernels by number, as in kernels/index.ts. */
export const KERNELS = {
  elementwise: 0,
  exchange: 1,
  sum: 2,
  rowwise: 3,
  sparse: 4,
  spread: 5,
  paired: 6,
  gather: 7,
  choose: 8,
  scatterAdd: 9,
  attention: 10,
} as const;
export type Kernel = keyof typeof KERNELS;

/** One call of a kernel. */
export interface Command {
  readonly kernel: Kernel;
  /** What it reads and writes: the addresses of tensors, or plain ones. */
  readonly arrays: readonly (Tensor | number)[];
  /** Sizes and strides. */
  readonly ints: readonly number[];
  /** About how many multiplications it is worth; small ones are not shared out. */
  readonly work: number;
}

/** Where commands go and results are put. */
export interface Target {
  /** Tasks that a command is shared out in, at most. */
  readonly tasks: number;
  emit(command: Command): void;
  /** Memory for a result, its axes packed in the order given, the slowest first. */
  allocate(shape: readonly number[], order: readonly number[]): Tensor;
}

/** Multiplications below which a second thread is not worth its waking. */
const WORTH_SHARING = 30_000;
const ALIGNMENT = 64;

/** Memory of one run, reused as soon as nobody reads what it held. */
export class Arena {
  private free: { start: number; end: number }[] = [];
  private top: number;

  constructor(start: number) {
    this.top = aligned(start);
  }

  /** Address after everything that was ever taken. */
  get end(): number {
    return this.top;
  }

  take(bytes: number): Storage {
    const size = Math.max(ALIGNMENT, aligned(bytes));
    const at = this.free.findIndex(({ start, end }) => end - start >= size);
    if (at < 0) {
      const address = this.top;
      this.top += size;
      return { address, bytes: size };
    }
    const address = this.free[at].start;
    this.free[at].start += size;
    if (this.free[at].start === this.free[at].end) this.free.splice(at, 1);
    return { address, bytes: size };
  }

  give({ address, bytes }: Storage): void {
    const end = address + bytes;
    let at = this.free.findIndex(({ start }) => start > address);
    if (at < 0) at = this.free.length;
    this.free.splice(at, 0, { start: address, end });
    if (this.free[at + 1]?.start === end) {
      this.free[at].end = this.free[at + 1].end;
      this.free.splice(at + 1, 1);
    }
    if (at > 0 && this.free[at - 1].end === address) {
      this.free[at - 1].end = this.free[at].end;
      this.free.splice(at, 1);
    }
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Commands in the order of their execution. */
export class Program implements Target {
  private readonly commands: Command[] = [];

  readonly tasks: number;

  constructor(
    readonly arena: Arena,
    threads: number,
  ) {
    this.tasks = 4 * threads;
  }

  emit(command: Command): void {
    this.commands.push(command);
  }

  allocate(shape: readonly number[], order: readonly number[]): Tensor {
    const { strides, size } = layout(shape, order, true);
    return { ...packed(this.arena.take(4 * size), shape, order), strides };
  }

  /** How many commands there are. */
  get count(): number {
    return this.commands.length;
  }

  /**
   * The program as the kernels read it at an address: a table of commands, four words each, then their
   * arrays and integers.
   */
  words(address: number): Int32Array {
    const length = this.commands.reduce((sum, { arrays, ints }) => {
      return sum + 4 + arrays.length + ints.length;
    }, 0);
    const words = new Int32Array(length);
    let at = 4 * this.commands.length;
    this.commands.forEach(({ kernel, arrays, ints, work }, i) => {
      const tasks = work < WORTH_SHARING ? 1 : this.tasks;
      const [p, a] = [at, at + arrays.length];
      words.set([KERNELS[kernel], tasks, address + 4 * p, address + 4 * a], 4 * i);
      arrays.forEach((x, j) => (words[p + j] = addressOf(x)));
      words.set(ints, a);
      at = a + ints.length;
    });
    return words;
  }
}

function addressOf(x: Tensor | number): number {
  return typeof x === 'number' ? x : x.address;
}
