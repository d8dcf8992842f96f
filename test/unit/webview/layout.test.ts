import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neverFalling } from '../../../webview/layout/heights';
import { layeredLayout } from '../../../webview/layout/layered';
import type { LayoutNode } from '../../../webview/layout/types';
import { crossings, sides } from '../../../webview/layout/order';

const room = { width: 800, height: 400 };
const node = (id: string, column: number, lane = 0): LayoutNode => ({ id, column, lane });
const edge = (from: string, to: string) => ({ from, to, weight: 1 });

/** Crossings of the straight edges between neighboring columns, as they are drawn. */
function drawnCrossings(
  nodes: ReturnType<typeof node>[],
  edges: ReturnType<typeof edge>[],
): number {
  const { points } = layeredLayout(nodes, edges, room);
  let count = 0;
  for (const [i, a] of edges.entries()) {
    for (const b of edges.slice(i + 1)) {
      const [a1, a2, b1, b2] = [a.from, a.to, b.from, b.to].map((id) => points.get(id)!);
      if (a1.x !== b1.x || a2.x !== b2.x) continue;
      if ((a1.y - b1.y) * (a2.y - b2.y) < 0) count++;
    }
  }
  return count;
}

describe('layeredLayout', () => {
  it('puts columns from left to right at equal distances, whatever their numbers', () => {
    const { points, columns } = layeredLayout(
      [node('b', 40), node('a', 0), node('c', 7)],
      [],
      room,
    );
    expect(columns.map(({ column }) => column)).toEqual([0, 7, 40]);
    const xs = ['a', 'c', 'b'].map((id) => points.get(id)!.x);
    expect(xs[1] - xs[0]).toBeGreaterThan(0);
    expect(xs[2] - xs[1]).toBe(xs[1] - xs[0]);
  });

  it('uncrosses what can be uncrossed', () => {
    const names = ['0', '1', '2', '3', '4', '5'];
    const nodes = names.flatMap((i) => [node(`a${i}`, 0), node(`b${i}`, 1), node(`c${i}`, 2)]);
    const edges = names.flatMap((i) => [
      edge(`a${i}`, `b${5 - Number(i)}`),
      edge(`b${5 - Number(i)}`, `c${i}`),
    ]);
    expect(drawnCrossings(nodes, edges)).toBe(0);
  });

  it('draws a chain level', () => {
    const nodes = [node('a', 0), node('b', 1), node('c', 2), node('other', 1)];
    const { points } = layeredLayout(nodes, [edge('a', 'b'), edge('b', 'c')], room);
    const [a, b, c] = ['a', 'b', 'c'].map((id) => points.get(id)!.y);
    expect(Math.abs(a - b)).toBeLessThan(2);
    expect(Math.abs(b - c)).toBeLessThan(2);
  });

  it('fills the width, and no more, as long as there is room for the columns', () => {
    for (const width of [500, 800, 1200]) {
      const nodes = Array.from({ length: 12 }, (_, i) => ({ ...node(`n${i}`, i), width: 20 }));
      const { points } = layeredLayout([...nodes, { ...node('out', 12), width: 80 }], [], {
        ...{ width, height: 400 },
      });
      const xs = [...points.values()].map(({ x }) => x);
      expect(Math.max(...xs) + 10 + 40).toBeCloseTo(width);
    }
  });

  it('leads edges around what stands between their ends', () => {
    const nodes = [node('a', 0), ...['1', '2', '3'].map((i) => node(`b${i}`, 1)), node('c', 2)];
    const edges = [edge('a', 'c'), edge('a', 'b1'), edge('a', 'b2'), edge('b2', 'c')];
    const { points, routes } = layeredLayout(nodes, edges, room);
    expect(routes.map((route) => route.length)).toEqual([1, 0, 0, 0]);
    const [passing] = routes[0];
    for (const id of ['b1', 'b2', 'b3']) {
      expect(Math.abs(points.get(id)!.y - passing.y)).toBeGreaterThan(12);
    }
  });

  it('places every node once, none on another, in its lane, for any graph', () => {
    const graph = fc.record({
      places: fc.array(fc.tuple(fc.nat(6), fc.nat(3)), { minLength: 1, maxLength: 40 }),
      links: fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 80 }),
    });
    fc.assert(
      fc.property(graph, ({ places, links }) => {
        const nodes = places.map(([column, lane], i) => node(`n${i}`, column, lane));
        const edges = links.map(([a, b]) => edge(`n${a}`, `n${b}`));
        const { points, lanes } = layeredLayout(nodes, edges, room);
        expect(points.size).toBe(nodes.length);
        lanes.slice(1).forEach(({ top }, i) => expect(top).toBeGreaterThan(lanes[i].bottom));
        for (const { id, lane } of nodes) {
          const { top, bottom } = lanes.find((one) => one.lane === lane)!;
          expect(points.get(id)!.y).toBeGreaterThan(top);
          expect(points.get(id)!.y).toBeLessThan(bottom);
        }
        const all = [...points.values()];
        for (const x of new Set(all.map((point) => point.x))) {
          const own = all.filter((point) => point.x === x);
          const ys = own.map(({ y }) => y).sort((a, b) => a - b);
          expect(ys.every(Number.isFinite)).toBe(true);
          for (let i = 1; i < ys.length; i++) expect(ys[i] - ys[i - 1]).toBeGreaterThan(24);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes an empty graph', () => {
    expect(layeredLayout([], [], room).points.size).toBe(0);
  });
});

describe('crossings', () => {
  const counted = (...ends: [number, number][]) => {
    const pieces = ends.map(([from, to]) => ({ from, to, weight: 1 }));
    const order = [
      [0, 1],
      [2, 3],
    ];
    return crossings(order, sides(4, pieces, 'to', 'from'));
  };
  it('counts pairs, those that share an end not', () => {
    expect(counted([0, 3], [1, 2])).toBe(1);
    expect(counted([0, 2], [0, 3], [1, 3])).toBe(0);
  });
});

describe('neverFalling', () => {
  it('pools what would fall', () => {
    expect(neverFalling([1, 3, 2, 5])).toEqual([1, 2.5, 2.5, 5]);
    expect(neverFalling([3, 2, 1])).toEqual([2, 2, 2]);
  });
});
