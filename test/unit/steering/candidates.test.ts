import { describe, expect, it } from 'vitest';
import { randomDirections, ranking, togetherCandidate } from '../../../models/steering/candidates';
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

describe('the ranking of candidates', () => {
  /** Scores by case; the candidate of each name is there in the cases that have a score of it. */
  const best = async (scores: Readonly<Record<string, readonly (number | null)[]>>) => {
    const tried: string[] = [];
    const found = await ranking(
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
    return { name: found.at(0)?.name, names: found.map(({ name }) => name), tried };
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

  it('has the others behind, as the first cases rank them', async () => {
    const scores = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => {
        const early = 1 - 0.01 * i;
        return [`c${i}`, [early, early, early, early, 0.1 * i, 0.1 * i]];
      }),
    );
    const { names } = await best(scores);
    expect(names).toHaveLength(20);
    expect(names.slice(0, 2)).toEqual(['c15', 'c14']);
    expect(names.slice(16)).toEqual(['c16', 'c17', 'c18', 'c19']);
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

describe('nodes together', () => {
  it('change what each of them does, where they differ', () => {
    const node = (name: string, change: number[] | null) => ({
      name,
      change: () => change && { place: 2, change: Float32Array.from(change) },
    });
    const [one, two, none] = [node('one', [1, 2]), node('two', [10, 0]), node('none', null)];
    const sum = togetherCandidate([one, none, two]);
    expect(sum.name).toBe('3 nodes together');
    expect(sum.change({} as Steering)).toEqual({ place: 2, change: Float32Array.of(11, 2) });
    expect(togetherCandidate([none]).change({} as Steering)).toBeNull();
  });
});
