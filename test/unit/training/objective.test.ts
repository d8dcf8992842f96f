import { describe, expect, it } from 'vitest';
import { chosenPlaces } from '../../../models/training/objective';

const PLACES = 5;
const windows = { seed: 3, label: 'train', step: 0, first: 0, count: 4 };

/** Place of every window. */
const placesOf = (changes: Partial<typeof windows> = {}, name = 'to.sparse') => {
  const { data, columns } = chosenPlaces(name, { ...windows, ...changes }, PLACES);
  expect(columns).toBe(PLACES);
  return Array.from({ length: data.length / columns }, (_, row) => {
    const own = [...data.subarray(row * columns, (row + 1) * columns)];
    expect([...own].sort()).toEqual([0, 0, 0, 0, 1]);
    return own.indexOf(1);
  });
};

describe('places where windows change model', () => {
  it('are as many different ones in a step as there can be', () => {
    expect(new Set(placesOf()).size).toBe(4);
    expect(new Set(placesOf({ count: 7 })).size).toBe(PLACES);
  });

  it('all come up for a window over the steps', () => {
    const first = Array.from({ length: 60 }, (_, step) => placesOf({ step })[0]);
    expect(new Set(first).size).toBe(PLACES);
  });

  it('are the same however windows are shared among threads', () => {
    const parts = [0, 2].flatMap((from) => placesOf({ first: from, count: 2 }));
    expect(parts).toEqual(placesOf());
  });

  it('are a function of seed and stream, of each way apart', () => {
    const steps = (changes: Partial<typeof windows>, name?: string) =>
      Array.from({ length: 20 }, (_, step) => placesOf({ ...changes, step }, name)[0]);
    expect(steps({})).toEqual(steps({}));
    expect(steps({ seed: 4 })).not.toEqual(steps({}));
    expect(steps({ label: 'held-out' })).not.toEqual(steps({}));
    expect(steps({}, 'to.dense')).not.toEqual(steps({}));
  });
});
