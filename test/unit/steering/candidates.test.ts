import { describe, expect, it } from 'vitest';
import { bestOf, randomDirections } from '../../../models/steering/candidates';
import { rowLengths } from '../../../models/steering/rows';
import type { Steering } from '../../../models/steering/steering';

describe('random directions', () => {
  it('are as long at every token as the change that they are held against', () => {
    const width = 6;
    const change = Float32Array.from({ length: 4 * width }, (_, i) => Math.sin(7 * i));
    change.fill(0, width, 2 * width);
    const lengths = rowLengths(change, width);
    const of = { name: 'a node', change: () => ({ place: 3, change }) };
    const all = randomDirections(of, width, 1).map((one) => one.change({} as Steering)!);
    expect(all).toHaveLength(8);
    for (const { place, change: drawn } of all) {
      expect(place).toBe(3);
      for (const [row, length] of rowLengths(drawn, width).entries()) {
        expect(length).toBeCloseTo(lengths[row], 5);
      }
    }
    expect(lengths[0]).toBeGreaterThan(1);
    expect(new Set(all.map(({ change: drawn }) => drawn[0])).size).toBe(8);
    const none = randomDirections({ name: 'a node', change: () => null }, width, 1);
    expect(none.map((one) => one.change({} as Steering))).toEqual(none.map(() => null));
  });
});

describe('the best candidate', () => {
  /** Scores by case; the candidate of each name is there in the cases that have a score of it. */
  const best = async (scores: Readonly<Record<string, readonly (number | null)[]>>) => {
    const tried: string[] = [];
    const found = await bestOf(
      [0, 1, 2, 3, 4, 5],
      (one) =>
        Object.entries(scores)
          .filter(([, by]) => by[one] !== null)
          .map(([name]) => ({ name })),
      (one, { name }) => {
        tried.push(`${name} ${one}`);
        return Promise.resolve(scores[name][one] ?? 0);
      },
    );
    return { name: found?.name, tried };
  };

  it('of the first four cases is the best only if it is on all', async () => {
    const { name, tried } = await best({
      early: [0.5, 0.5, 0.5, 0.5, 0, 0],
      late: [0.4, 0.4, 0.4, 0.4, 0.9, 0.9],
    });
    expect(name).toBe('late');
    expect(tried).toHaveLength(2 * (4 + 6));
    expect((await best({ never: [0, 0, 0, 0, 0, 0] })).name).toBe('never');
    expect((await best({ after: [null, null, null, null, 1, 1] })).name).toBeUndefined();
  });

  it('is one of the sixteen that are best on the first four', async () => {
    const some = Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [`some ${i}`, [0.2, 0.2, 0.2, 0.2, 0.1, 0.1]]),
    );
    const last = { ...some, seventeenth: [0.1, 0.1, 0.1, 0.1, 1, 1] };
    expect((await best(last)).name).toBe('some 0');
    const sixteenth = { ...last, 'some 15': [0.1, 0, 0, 0, 0, 0] };
    expect((await best(sixteenth)).name).toBe('seventeenth');
  });
});
