import { describe, expect, it } from 'vitest';
import { withChange } from '../../../extension/interventions/edit';
import {
  activeIn,
  entryOf,
  positionsIn,
  type Entry,
  type SetState,
} from '../../../extension/interventions/entry';
import type { Intervention } from '../../../models/inference/interventions';
import { snapshotOf } from '../../support/snapshots';

const mean = { kind: 'mean' } as const;
const snapshot = snapshotOf('abcdefghijkl', { split: /./g });
const other = snapshotOf('abcdefghijkl', { split: /./g, uri: 'file:///other.py' });
const state = (...entries: Entry[]): SetState => ({ name: 'set', entries });
const entry = (
  nodes: string[],
  positions: Intervention['positions'] = 'all',
  where = snapshot,
): Entry => entryOf({ nodes, positions, kind: mean }, where);
const change = {
  nodes: ['a', 'b'],
  kind: { kind: 'zero' } as const,
  positions: 'all' as const,
  snapshot,
};

describe('withChange', () => {
  it('puts all nodes into one intervention', () => {
    expect(activeIn(withChange(state(), change), snapshot)).toEqual([
      { nodes: ['a', 'b'], positions: 'all', kind: { kind: 'zero' } },
    ]);
  });

  it('takes the nodes out of every other that acts in the document, and ends those that lose all', () => {
    const elsewhere = entry(['a'], { at: 1 }, other);
    const before = state(entry(['a']), entry(['b', 'c']), elsewhere);
    const after = withChange(before, change).entries;
    expect(after.map(({ nodes }) => nodes)).toEqual([['c'], ['a'], ['a', 'b']]);
    expect(after[1]).toBe(elsewhere);
  });

  it('leaves alone what is of another model', () => {
    const foreign = entry(['a'], 'all', snapshotOf('abc', { hash: 'b' }));
    expect(withChange(state(foreign), change).entries[0]).toBe(foreign);
  });

  it('keeps nodes by doing no more than that', () => {
    expect(withChange(state(entry(['a', 'c'])), { ...change, kind: null }).entries).toEqual([
      entry(['c']),
    ]);
  });

  it('binds positions to the document', () => {
    const [own] = withChange(state(), { ...change, positions: { at: 4 } }).entries;
    expect(positionsIn(own, snapshot)).toEqual({ at: 4 });
    expect(positionsIn(own, other)).toBeNull();
  });

  it('leaves alone what is done at other tokens', () => {
    const at = (positions: Intervention['positions']) => entry(['a'], positions);
    const before = state(at({ at: 3 }), at({ at: 4 }), at({ from: 2 }), at({ from: 9 }));
    const left = (positions: Intervention['positions']) =>
      withChange(before, { ...change, nodes: ['a'], kind: null, positions }).entries.map((one) =>
        positionsIn(one, snapshot),
      );
    expect(left({ at: 4 })).toEqual([{ at: 3 }, { from: 9 }]);
    expect(left({ from: 4 })).toEqual([{ at: 3 }]);
  });

  it('takes a weight for another thing than the node that it reads', () => {
    const weight = { ...change, nodes: ['a'], into: 'c' };
    const both = withChange(withChange(state(), change), weight);
    expect(activeIn(both, snapshot)).toEqual([
      { nodes: ['a', 'b'], positions: 'all', kind: { kind: 'zero' } },
      { nodes: ['a'], into: 'c', positions: 'all', kind: { kind: 'zero' } },
    ]);
    const kept = (into?: string) =>
      withChange(both, { ...change, nodes: ['a'], kind: null, ...(into && { into }) }).entries;
    expect(kept('c').map(({ nodes, into }) => [nodes, into])).toEqual([[['a', 'b'], undefined]]);
    expect(kept().map(({ nodes, into }) => [nodes, into])).toEqual([
      [['b'], undefined],
      [['a'], 'c'],
    ]);
  });

  it('keeps the values of patched nodes with their nodes', () => {
    const patch = { kind: 'patch' as const, values: [1, 2, 3] };
    const before = state({ ...entry(['a', 'b', 'c']), kind: patch });
    const [kept] = withChange(before, { ...change, nodes: ['b'] }).entries;
    expect(kept).toMatchObject({ nodes: ['a', 'c'], kind: { kind: 'patch', values: [1, 3] } });
  });
});
