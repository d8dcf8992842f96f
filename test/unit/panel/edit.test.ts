import { describe, expect, it } from 'vitest';
import { withChange } from '../../../extension/interventions/edit';
import type { SetState } from '../../../extension/interventions/store';

const mean = { kind: 'mean' } as const;
const state = (...entries: SetState['entries'][number][]): SetState => ({ name: 'set', entries });
const entry = (
  nodes: string[],
  uri: string | null = null,
  on = true,
): SetState['entries'][number] => ({
  ...{ intervention: { nodes, positions: 'all', kind: mean }, on, uri },
});
const change = {
  nodes: ['a', 'b'],
  kind: { kind: 'zero' } as const,
  positions: 'all' as const,
  uri: 'x.py',
};

describe('withChange', () => {
  it('puts all nodes into one intervention', () => {
    expect(withChange(state(), change).entries).toEqual([
      {
        intervention: { nodes: ['a', 'b'], positions: 'all', kind: { kind: 'zero' } },
        on: true,
        uri: null,
      },
    ]);
  });

  it('takes the nodes out of every other that acts in the document, and ends those that lose all', () => {
    const before = state(entry(['a']), entry(['b', 'c']), entry(['a'], 'other.py'));
    const after = withChange(before, change).entries;
    expect(after.map(({ intervention }) => intervention.nodes)).toEqual([['c'], ['a'], ['a', 'b']]);
    expect(after[1].uri).toBe('other.py');
  });

  it('keeps nodes by doing no more than that', () => {
    expect(withChange(state(entry(['a', 'c'])), { ...change, kind: null }).entries).toEqual([
      entry(['c']),
    ]);
  });

  it('binds positions to the document', () => {
    const [own] = withChange(state(), { ...change, positions: { at: 4 } }).entries;
    expect(own.uri).toBe('x.py');
  });

  it('leaves alone what is done at other tokens', () => {
    const at = (positions: { at: number } | { from: number }): SetState['entries'][number] => ({
      ...{ intervention: { nodes: ['a'], positions, kind: mean }, on: true, uri: 'x.py' },
    });
    const before = state(at({ at: 3 }), at({ at: 4 }), at({ from: 2 }), at({ from: 9 }));
    const left = (positions: { at: number } | { from: number }) =>
      withChange(before, { ...change, nodes: ['a'], kind: null, positions }).entries.map(
        ({ intervention }) => intervention.positions,
      );
    expect(left({ at: 4 })).toEqual([{ at: 3 }, { from: 9 }]);
    expect(left({ from: 4 })).toEqual([{ at: 3 }]);
  });

  it('keeps the values of patched nodes with their nodes', () => {
    const patch = { kind: 'patch' as const, values: [1, 2, 3] };
    const before = state({
      intervention: { nodes: ['a', 'b', 'c'], positions: 'all', kind: patch },
      on: true,
      uri: null,
    });
    const [kept] = withChange(before, { ...change, nodes: ['b'] }).entries;
    expect(kept.intervention).toEqual({
      nodes: ['a', 'c'],
      positions: 'all',
      kind: { kind: 'patch', values: [1, 3] },
    });
  });
});
