import { describe, expect, it } from 'vitest';
import { drawnPart, grouped, isGroup } from '../../../webview/grouping';
import { channel, circuit, edge } from './graphs';

/** `count` nodes in three columns, a fifth of them backups, each joined to the next. */
function chain(count: number) {
  const nodes = Array.from({ length: count }, (_, i) =>
    channel(`n${i}`, 1 + (i % 3), i, { part: i % 5 === 0 ? 'backup' : 'core' }),
  );
  const edges = nodes.slice(1).map(({ id }, i) => edge(`n${i}`, id, 1 + i));
  return circuit(nodes, edges);
}

describe('grouped', () => {
  it('leaves small circuits as they are', () => {
    const small = chain(100);
    expect(grouped(small, new Set())).toBe(small);
  });

  it('puts the nodes of a part at a column into one group, and keeps what edges carry', () => {
    const large = chain(300);
    const { nodes, edges } = grouped(large, new Set());
    expect(nodes.every(({ id }) => isGroup(id))).toBe(true);
    expect(nodes).toHaveLength(6);
    expect(nodes.reduce((sum, { short }) => sum + Number(short), 0)).toBe(300);
    const sum = (all: readonly { contribution: number }[]) =>
      all.reduce((total, { contribution }) => total + contribution, 0);
    expect(sum(edges)).toBe(sum(large.edges));
    const ids = new Set(nodes.map(({ id }) => id));
    for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
  });

  it('shows the nodes of an open group themselves', () => {
    const large = chain(300);
    const [group] = grouped(large, new Set()).nodes;
    const { nodes } = grouped(large, new Set([group.id]));
    expect(nodes.filter(({ id }) => isGroup(id))).toHaveLength(5);
    expect(nodes.filter(({ id }) => !isGroup(id))).toHaveLength(Number(group.short));
  });

  it('takes a circuit of 3,000 nodes and 36,000 edges', () => {
    const { nodes } = chain(3000);
    const edges = Array.from({ length: 36_000 }, (_, i) =>
      edge(`n${(i * 7) % 3000}`, `n${(i * 13 + 1) % 3000}`, i % 5),
    );
    const large = grouped(circuit(nodes, edges), new Set());
    expect(large.nodes).toHaveLength(6);
    expect(large.edges.length).toBeLessThanOrEqual(36);
  });
});

describe('drawnPart', () => {
  it('keeps edges by their weight, whatever they carry here', () => {
    const silent = { ...edge('n0', 'n1', 0), weight: 4 };
    const weak = { ...edge('n1', 'n2', 9), weight: 0.1 };
    const whole = circuit([...chain(3).nodes], [silent, weak]);
    const limits = { threshold: 0, top: 1, strength: 0.1 };
    expect(drawnPart(whole, limits).edges).toEqual([silent]);
    expect(drawnPart(whole, { ...limits, strength: 0 }).edges).toHaveLength(2);
    expect(drawnPart(whole, { ...limits, threshold: 1.5 }).nodes.map(({ id }) => id)).toEqual([
      'n2',
    ]);
  });
});
