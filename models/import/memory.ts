/** How much memory a model takes, said before it is loaded. */
import { freemem } from 'node:os';
import { ImportError } from './error';

/** Beside the model: the program itself, a window's activations. */
const BASE_BYTES = 0.4e9;
/** Bytes that ONNX Runtime takes for a number while it loads a model, copies included. */
const BYTES_A_NUMBER = 9;

/** Bytes that loading a model of so many numbers and running it forward takes, as measured on one of 160 million. */
export function memoryNeeded(numbers: number): number {
  return BASE_BYTES + BYTES_A_NUMBER * numbers;
}

/**
 * @throws ImportError when the machine has not enough memory free
 */
export function checkMemory(name: string, numbers: number, free = freemem()): void {
  const needed = memoryNeeded(numbers);
  if (needed <= free) return;
  throw new ImportError(
    `${name} has ${numbers.toLocaleString('en')} numbers, which take ${giga(needed)} of memory, and ${giga(free)} are free; close other programs, or import a smaller model`,
  );
}

/** Bytes as people read them. */
export function giga(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
