import { describe, expect, it } from 'vitest';
import {
  activationLevel,
  isConstant,
  runs,
  Scale,
  surpriseLevel,
} from '../../../extension/decorations/levels';
import { unfamiliarParts } from '../../../extension/decorations/unfamiliar';

const scan = (start: number, values: number[]) => ({ start, values: Float32Array.from(values) });

it('joins neighboring tokens of one level and leaves out level 0', () => {
  const values = [0, 1, 1, 0, 1, 2];
  expect(runs(scan(10, values), (value) => value)).toEqual([
    { level: 1, start: 11, end: 13 },
    { level: 1, start: 14, end: 15 },
    { level: 2, start: 15, end: 16 },
  ]);
});

it('grades surprise by bits and activations by share and sign', () => {
  const inBits = [0, 1.9, 2.1, 5, 8, 20];
  expect(inBits.map((bits) => surpriseLevel(bits * Math.LN2))).toEqual([0, 0, 1, 2, 3, 4]);
  expect([0, 0.1, 0.3, -0.6, 2, -2].map((value) => activationLevel(value, 2))).toEqual([
    0, 0, 1, -2, 4, -4,
  ]);
});

it('knows when there is nothing to tell apart', () => {
  expect(isConstant(Float32Array.of(0.5, 0.5, 0.5))).toBe(true);
  expect(isConstant(Float32Array.of(0.5, 0.5, 0.25))).toBe(false);
});

it('keeps what a color stands for while a person scrolls, document by document', () => {
  const scale = new Scale();
  expect([scale.grow('a', 2), scale.grow('a', 1), scale.grow('b', 1), scale.grow('a', 3)]).toEqual([
    2, 2, 1, 3,
  ]);
  scale.reset();
  expect(scale.grow('a', 1)).toBe(1);
});

describe('unfamiliarParts', () => {
  const known = Array<number>(100).fill(3);
  const strange = Array<number>(100).fill(9);

  it('marks a long strange part and nothing of a known text', () => {
    expect(unfamiliarParts(scan(0, known), 3)).toEqual([]);
    const [part, ...others] = unfamiliarParts(scan(50, [...known, ...strange, ...known]), 3);
    expect(others).toEqual([]);
    expect(part.start).toBeGreaterThan(90);
    expect(part.end).toBeLessThan(310);
    expect(part.nats).toBeGreaterThan(5);
  });

  it('is not moved by one surprising token or a text of few', () => {
    expect(unfamiliarParts(scan(0, [...known, 11, ...known]), 3)).toEqual([]);
    expect(unfamiliarParts(scan(0, strange.slice(0, 20)), 3)).toEqual([]);
  });
});
