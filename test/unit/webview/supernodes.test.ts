import { describe, expect, it } from 'vitest';
import { partOf } from '../../../webview/part';
import type { GraphNode, Notes } from '../../../webview/protocol';
import { collapsed, groupId, standingFor, type Marks } from '../../../webview/supernodes';
import { channel, circuit, edge, end } from './graphs';

const nodes = [
  end('in', 'input', 0),
  channel('a', 1, -1),
  channel('b', 2, -2),
  channel('c', 3, 0.5),
  channel('tiny', 3, 0.001),
  end('out', 'output', 4),
];
const edges = [
  edge('in', 'a', 1),
  edge('a', 'b', 2),
  edge('b', 'c', -3),
  edge('a', 'c', 4),
  edge('c', 'out', 5),
  edge('b', 'out', -6),
  edge('tiny', 'out', 7),
];

type Mark = Partial<Notes['nodes'][number]> & { readonly id: string };
function marks(groups: Record<string, boolean>, ...said: Mark[]): Marks {
  const whole = said.map((one) => ({ group: '', pinned: false, note: '', ...one }));
  return {
    groups: Object.entries(groups).map(([name, isCollapsed]) => ({
      ...{ name, collapsed: isCollapsed, note: '' },
    })),
    nodes: new Map(whole.map((one) => [one.id, one])),
  };
}
const both = (isCollapsed: boolean) =>
  marks({ g: isCollapsed }, { id: 'a', group: 'g' }, { id: 'b', group: 'g' });
const ids = (all: readonly GraphNode[]) => all.map(({ id }) => id);

describe('a collapsed group', () => {
  const shown = collapsed({ nodes, edges }, both(true));

  it('is one node with the effects of its nodes added up, where the strongest stands', () => {
    expect(ids(shown.nodes)).toEqual(['in', 'c', 'tiny', 'out', groupId('g')]);
    expect(shown.nodes.at(-1)).toMatchObject({
      ...{ role: 'group', node: null, short: 'g', effect: -3, column: 2, activation: -3 },
    });
  });

  it('has edges that carry what those of its nodes carry, without those within', () => {
    const found = shown.edges.map(({ from, to, contribution, count }) => [
      ...[from, to, contribution, count],
    ]);
    expect(found).toEqual([
      ['in', groupId('g'), 1, 1],
      [groupId('g'), 'c', 1, 2],
      ['c', 'out', 5, undefined],
      [groupId('g'), 'out', -6, 1],
      ['tiny', 'out', 7, undefined],
    ]);
    // What joins other nodes is the edge itself.
    expect(shown.edges[2]).toBe(edges[4]);
  });

  it('stands for its nodes, and for no others', () => {
    expect(['a', 'b', 'c'].map(standingFor(both(true)))).toEqual([groupId('g'), groupId('g'), 'c']);
    expect(['a', 'b'].map(standingFor(both(false)))).toEqual(['a', 'b']);
  });

  it('has an estimate as long as one of its nodes is not measured', () => {
    const estimated = nodes.map((node) =>
      node.id === 'a' ? { ...node, effect: null, estimate: -1.5 } : node,
    );
    const { nodes: found } = collapsed({ nodes: estimated, edges }, both(true));
    expect(found.at(-1)).toMatchObject({ effect: null, estimate: -3.5 });
  });
});

describe('the part that is shown', () => {
  const whole = circuit([...nodes], [...edges]);
  const limits = { threshold: 0, top: 1, strength: 0 };
  const part = (own: Marks) =>
    partOf(whole, { subject: null, changes: () => null, marks: own }, limits, new Set());

  it('has the nodes of groups, and those that are pinned, whatever their effects', () => {
    expect(ids(part(marks({})).shown.nodes)).not.toContain('tiny');
    expect(ids(part(marks({}, { id: 'tiny', pinned: true })).shown.nodes)).toContain('tiny');
    expect(ids(part(marks({}, { id: 'tiny', note: 'odd' })).shown.nodes)).not.toContain('tiny');
    const open = part(marks({ g: false }, { id: 'tiny', group: 'g' }));
    expect(ids(open.shown.nodes)).toContain('tiny');
  });

  it('has what is ablated at the token of the prediction, whatever its effect', () => {
    const places = [
      channel('a@1', 1, 0.1, { node: 'a', token: 1, at: 'x' }),
      channel('a@5', 1, 0.1, { node: 'a' }),
      channel('b', 1, 9),
      end('out', 'output', 2),
    ];
    const changes = ({ node }: { readonly node: string | null }) =>
      node === 'a' ? ({ kind: { kind: 'mean' }, place: 'all' } as const) : null;
    const { shown } = partOf(
      circuit(places, [edge('b', 'out')]),
      { subject: null, changes, marks: marks({}) },
      { ...limits, threshold: 9 },
      new Set(),
    );
    expect(ids(shown.nodes)).toEqual(['a@5', 'b', 'out']);
  });

  it('keeps the nodes of a collapsed group for whoever looks for them', () => {
    const { shown, single } = part(both(true));
    expect(ids(shown.nodes)).not.toContain('a');
    expect(ids(single)).toContain('a');
  });

  it('shows nodes of large circuits by themselves when they are pinned or in a group', () => {
    const many = Array.from({ length: 200 }, (_, i) => channel(`n${i}`, 1, i, { part: 'core' }));
    const drawn = { drawn: { name: 'x' } } as never;
    const own = marks({ g: true }, { id: 'n3', pinned: true }, { id: 'n5', group: 'g' });
    const { shown, single } = partOf(
      circuit(many, []),
      { subject: drawn, changes: () => null, marks: own },
      limits,
      new Set(),
    );
    expect(ids(shown.nodes).sort()).toEqual(['group core 1', 'n3', groupId('g')].sort());
    expect(shown.nodes.find(({ id }) => id === 'group core 1')!.short).toBe('198');
    expect(single).toHaveLength(200);
  });
});
