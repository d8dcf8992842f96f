import { describe, expect, it } from 'vitest';
import {
  activationLevel,
  isConstant,
  runs,
  surpriseLevel,
} from '../../../extension/decorations/levels';
import { measuredOn, Scales } from '../../../extension/decorations/scale';
import { unfamiliarParts } from '../../../extension/decorations/unfamiliar';
import { snapshotOf } from '../../support/snapshots';

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

describe('what a color stands for', () => {
  const [one, edited] = [1, 2].map((version) => snapshotOf('ab', { version }));
  const measured = (largest: number) => () => Promise.resolve({ largest, spreads: null });

  it('is measured once for a document, and stays until it is edited', async () => {
    const scales = new Scales();
    const scale = await scales.of(one, measured(2));
    expect([1, 3, 9].map((inSight) => scale.largest(one, inSight))).toEqual([2, 2, 2]);
    expect(await scales.of(one, () => expect.unreachable())).toBe(scale);
    const other = await scales.of({ ...one, uri: 'file:///b.py' }, measured(7));
    expect(other.largest(one, 1)).toBe(7);
    // What an edit brings in counts, once, and nothing is taken away.
    expect([1, 3, 9].map((inSight) => scale.largest(edited, inSight))).toEqual([2, 2, 2]);
    expect([scale.largest(one, 3), scale.largest(one, 9)]).toEqual([3, 3]);
  });

  it('is that of the first of two editors that measure at once', async () => {
    const scales = new Scales();
    const both = await Promise.all([2, 5].map((largest) => scales.of(one, measured(largest))));
    expect(both.map((scale) => scale.largest(one, 9))).toEqual([2, 2]);
  });

  it('is what is in sight where nothing was found to measure by', async () => {
    const scale = await new Scales().of(one, measured(0));
    expect([scale.largest(one, 0), scale.largest(one, 3), scale.largest(one, 9)]).toEqual([
      0, 3, 3,
    ]);
  });

  it('is measured on more than is in sight, and not on all of a huge file', () => {
    const of = (tokens: number, start: number, end: number) =>
      measuredOn(snapshotOf('1'.repeat(tokens)), { start, end });
    expect(of(3000, 100, 200)).toEqual({ start: 0, end: 3000 });
    expect(of(9000, 4900, 5100)).toEqual({ start: 3000, end: 7000 });
    expect(of(9000, 8900, 9000)).toEqual({ start: 5000, end: 9000 });
    expect(of(9000, 1000, 6000)).toEqual({ start: 1000, end: 6000 });
  });
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
