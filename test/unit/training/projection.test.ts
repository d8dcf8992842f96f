import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { project, type ChannelFloor } from '../../../models/training/projection';

const SEED = { seed: 20250102, numRuns: 300 };

/** The projection by sorting. */
function oracle(data: Float32Array, keep: number, floor: ChannelFloor | null): Float32Array {
  const order = [...data.keys()].sort((a, b) => Math.abs(data[b]) - Math.abs(data[a]) || a - b);
  const kept = new Set<number>();
  for (const channel of floor ? channelsOf(data.length, floor) : []) {
    const largest = order.filter((i) => channel.includes(i)).slice(0, floor?.min);
    for (const i of largest) kept.add(i);
  }
  for (const i of order) if (kept.size < keep) kept.add(i);
  return data.map((x, i) => (kept.has(i) ? x : 0));
}

/** Entries of every channel. */
function channelsOf(length: number, { axis, columns }: ChannelFloor): number[][] {
  const channels = axis === 1 ? columns : length / columns;
  const channelOf = (i: number) => (axis === 1 ? i % columns : Math.floor(i / columns));
  const entries = Array.from({ length }, (_, i) => i);
  return Array.from({ length: channels }, (_, c) => entries.filter((i) => channelOf(i) === c));
}

function projected(data: Float32Array, keep: number, floor: ChannelFloor | null): Float32Array {
  const copy = data.slice();
  project(copy, keep, floor);
  return copy;
}

const nonzeros = (data: ArrayLike<number>) => Array.from(data).filter((x) => x !== 0).length;

/** Numbers of every size, denormal to huge, no two of one magnitude and none zero. */
const distinct = (length: number) =>
  fc
    .uniqueArray(fc.float({ noNaN: true }), {
      ...{ minLength: length, maxLength: length },
      selector: Math.abs,
    })
    .map((numbers) => Float32Array.from(numbers, (x) => (x === 0 ? 0.123 : x)))
    .filter((data) => new Set(data.map(Math.abs)).size === length);

/** A matrix, how many entries to keep, and perhaps a floor. */
const problem = fc
  .record({ rows: fc.integer({ min: 1, max: 8 }), columns: fc.integer({ min: 1, max: 8 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      data: distinct(rows * columns),
      keep: fc.integer({ min: 0, max: rows * columns + 1 }),
      floor: fc.record({
        axis: fc.constantFrom(0 as const, 1 as const),
        columns: fc.constant(columns),
        min: fc.integer({ min: 0, max: 5 }),
      }),
    }),
  );

describe('projection of distinct numbers', () => {
  it('keeps exactly as many as asked, the largest', () => {
    fc.assert(
      fc.property(problem, ({ data, keep }) => {
        const result = projected(data, keep, null);
        expect(nonzeros(result)).toBe(Math.min(keep, data.length));
        const largestGone = Math.max(0, ...data.filter((_, i) => result[i] === 0).map(Math.abs));
        for (const x of result) if (x !== 0) expect(Math.abs(x)).toBeGreaterThan(largestGone);
      }),
      SEED,
    );
  });

  it('leaves every channel its minimum, on either axis', () => {
    fc.assert(
      fc.property(problem, ({ data, keep, floor }) => {
        const result = projected(data, keep, floor);
        for (const channel of channelsOf(data.length, floor)) {
          const left = nonzeros(channel.map((i) => result[i]));
          expect(left).toBeGreaterThanOrEqual(Math.min(floor.min, channel.length));
        }
      }),
      SEED,
    );
  });

  it('keeps no more than asked unless the channels need more', () => {
    fc.assert(
      fc.property(problem, ({ data, keep, floor }) => {
        const needed = channelsOf(data.length, floor).reduce(
          (sum, channel) => sum + Math.min(floor.min, channel.length),
          0,
        );
        const expected = Math.min(data.length, Math.max(keep, needed));
        expect(nonzeros(projected(data, keep, floor))).toBe(expected);
      }),
      SEED,
    );
  });

  it('is what sorting gives', () => {
    fc.assert(
      fc.property(problem, ({ data, keep, floor }) => {
        expect(projected(data, keep, null)).toEqual(oracle(data, keep, null));
        expect(projected(data, keep, floor)).toEqual(oracle(data, keep, floor));
      }),
      SEED,
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(problem, ({ data, keep, floor }) => {
        const once = projected(data, keep, floor);
        expect(projected(once, keep, floor)).toEqual(once);
      }),
      SEED,
    );
  });
});

describe('projection of numbers that are not distinct', () => {
  it('keeps exactly as many as asked, earlier ones first, and is what sorting gives', () => {
    const few = fc.constantFrom(0, 1, -1, 2, -2, 1e-40);
    const array = fc.array(few, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(array, fc.nat(40), (numbers, keep) => {
        const data = Float32Array.from(numbers);
        const result = projected(data, keep, null);
        expect(nonzeros(result)).toBe(Math.min(keep, nonzeros(data)));
        expect(result.map(Math.abs)).toEqual(oracle(data, keep, null).map(Math.abs));
      }),
      SEED,
    );
    expect([...projected(Float32Array.of(1, -1, 1), 2, null)]).toEqual([1, -1, 0]);
  });

  it('protects equal ones of a channel together', () => {
    const data = Float32Array.of(1, 1, 1, 5, 4, 3);
    const floor = { axis: 0 as const, columns: 3, min: 1 };
    expect([...projected(data, 2, floor)]).toEqual([1, 1, 1, 5, 0, 0]);
  });

  it('leaves a channel of zeros as it is', () => {
    const data = Float32Array.of(0, 0, 5, 4);
    expect([...projected(data, 1, { axis: 0, columns: 2, min: 1 })]).toEqual([0, 0, 5, 0]);
  });
});

describe('projection', () => {
  it('works in place on a part of shared memory, and touches nothing beside it', () => {
    const whole = new Float32Array(new SharedArrayBuffer(4 * 6));
    whole.set([9, 1, -3, 2, 8, 7]);
    project(whole.subarray(1, 4), 1, null);
    expect([...whole]).toEqual([9, 0, -3, 0, 8, 7]);
  });

  it('agrees with sorting on a larger matrix of normal numbers', () => {
    const [rows, columns] = [64, 96];
    let state = 1;
    const data = Float32Array.from({ length: rows * columns }, () => {
      state = (state * 48271) % 2147483647;
      return Math.log(state / 2147483647);
    });
    const floor = { axis: 1 as const, columns, min: 4 };
    expect(projected(data, 500, floor)).toEqual(oracle(data, 500, floor));
  });
});
