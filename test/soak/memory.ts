/** Memory along a run: drawn, and judged. */
import { expect } from 'vitest';
import type { Memory } from '../e2e/editor';

/** What is measured, in words. */
const PARTS = {
  process: 'extension host with the model, all memory',
  host: "JavaScript in the extension host's thread",
  worker: "JavaScript in the model's thread",
} as const;
/**
 * The last third of a run may take so much more than the third before it. JavaScript is measured
 * between two collections of garbage, so that a few megabytes mean nothing.
 */
const GROWTH = 1.15;
const SLACK = 8;
const BARS = 20;
/** A third of fewer samples says nothing. */
const LEAST_SAMPLES = 5;

/** Prints a curve of each part; fails when one still grows, or when the extension host died. */
export function expectFlat(samples: readonly Memory[]): void {
  for (const part of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    console.log(`${PARTS[part]}\n${curve(samples, part)}`);
  }
  expect(new Set(samples.map(({ pid }) => pid)).size).toBe(1);
  const third = Math.floor(samples.length / 3);
  if (third < LEAST_SAMPLES) {
    console.log('the run was too short to judge its memory');
    return;
  }
  for (const part of Object.keys(PARTS) as (keyof typeof PARTS)[]) {
    const of = (some: readonly Memory[]) => middle(some.map((sample) => sample[part]));
    const before = of(samples.slice(third, 2 * third));
    expect(of(samples.slice(-third)), PARTS[part]).toBeLessThan(GROWTH * before + SLACK);
  }
}

/** The curve as text, one bar for each part of the run. */
function curve(samples: readonly Memory[], part: keyof typeof PARTS): string {
  const size = Math.ceil(samples.length / BARS);
  const largest = Math.max(...samples.map((sample) => sample[part]));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => {
    const some = samples.slice(i * size, (i + 1) * size);
    const minutes = (some[0].at - samples[0].at) / 60_000;
    const megabytes = middle(some.map((sample) => sample[part]));
    const bar = '█'.repeat(Math.round((40 * megabytes) / largest));
    return `${minutes.toFixed(1).padStart(6)} min ${megabytes.toFixed(0).padStart(5)} MB ${bar}`;
  }).join('\n');
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
