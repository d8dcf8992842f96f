/** How much memory a model takes, said before it is loaded. */
import { freemem } from 'node:os';
import { SPARSE_BELOW } from '../sparse/constants';
import { ImportError } from './error';
import { RandomFile } from './randomFile';

/** How large a model is. */
export interface ModelSize {
  /** Numbers of all its arrays. */
  readonly numbers: number;
  /** Of its largest array. */
  readonly largest: number;
  /** Share of them that are not zero, as a sample of the file has it. */
  readonly nonzeroShare: number;
}

/** Beside the model: the program itself, and the activations of the windows that means are taken over. */
const BASE_BYTES = 0.7e9;
/** Bytes that a number takes where all are kept: as read, as ONNX Runtime has it, and as it is written. */
const BYTES_A_NUMBER = 13;
/** Bytes that one which is not zero takes in a sparse model, with its place, both ways round. */
const BYTES_A_NONZERO = 24;
/** Bytes that a number of the array takes that is being read: as it is in the file, and the other way round. */
const BYTES_WHILE_READ = 12;

/** Blocks of a file that are looked at, and bytes of each. */
const BLOCKS = 512;
const BLOCK_BYTES = 4096;

/**
 * Bytes that importing a model takes at most: reading it, running it forward and writing its bundle.
 * Measured on sparse models of 52 to 161 million numbers and dense ones of 26 and 52.
 */
export function memoryNeeded({ numbers, largest, nonzeroShare }: ModelSize): number {
  const bytes = nonzeroShare < SPARSE_BELOW ? BYTES_A_NONZERO * nonzeroShare : BYTES_A_NUMBER;
  return BASE_BYTES + BYTES_WHILE_READ * largest + bytes * numbers;
}

/** Share of a file's 32-bit words that are not zero, by blocks of it at equal distances. */
export function sampledShare(path: string): number {
  const file = RandomFile.open(path);
  try {
    const all = Math.floor(file.size / BLOCK_BYTES);
    const count = Math.min(BLOCKS, all);
    if (count === 0) return 1;
    let nonzero = 0;
    for (let i = 0; i < count; i++) {
      const block = file.read(Math.floor((i * all) / count) * BLOCK_BYTES, BLOCK_BYTES);
      for (let at = 0; at < BLOCK_BYTES; at += 4) if (block.readInt32LE(at) !== 0) nonzero++;
    }
    return nonzero / (count * (BLOCK_BYTES / 4));
  } finally {
    file.close();
  }
}

/**
 * @throws ImportError when the machine has not enough memory free
 */
export function checkMemory(name: string, size: ModelSize, free = freemem()): void {
  const needed = memoryNeeded(size);
  if (needed <= free) return;
  throw new ImportError(
    `${name} has ${size.numbers.toLocaleString('en')} numbers, which take ${giga(needed)} of memory, but only ${giga(free)} is free; close other programs, or import a smaller model`,
  );
}

/** Bytes as people read them. */
export function giga(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
