import { describe, expect, it } from 'vitest';
import { largestEffect, shownPart, sliderOf, thresholdOf } from '../../../webview/filter';
import { matching, sortedNodes } from '../../../webview/views/tableRows';
import { channel, circuit, edge, end } from './graphs';

const whole = circuit(
  [
    end('in', 'input', 0),
    channel('a', 1, -2),
    channel('b', 2, 0.5),
    channel('c', 2, -0.1),
    end('out', 'output', 3),
  ],
  [
    edge('in', 'a'),
    edge('a', 'b'),
    edge('b', 'out'),
    edge('a', 'c'),
    edge('c', 'out'),
    edge('in', 'out'),
  ],
);
const ids = (part: { nodes: readonly { id: string }[] }) => part.nodes.map(({ id }) => id);

describe('shownPart', () => {
  it('keeps the largest effects of either sign, and the tokens that they touch', () => {
    expect(ids(shownPart(whole, 0, 2, new Set()))).toEqual(['in', 'a', 'b', 'out']);
    expect(ids(shownPart(whole, 1, 9, new Set()))).toEqual(['in', 'a']);
  });

  it('leaves out edges to what is hidden, and those past every channel', () => {
    const { edges } = shownPart(whole, 0, 2, new Set());
    expect(edges.map(({ from, to }) => from + to)).toEqual(['ina', 'ab', 'bout']);
  });

  it('keeps an ablated node however small its effect', () => {
    expect(ids(shownPart(whole, 1, 1, new Set(['c'])))).toContain('c');
  });

  it('shows one channel at the two tokens where it matters most', () => {
    const at = (token: number, effect: number) =>
      channel(`a@${token}`, 1, effect, { node: 'a', token, at: `t${token}` });
    const many = circuit([at(1, -1), at(2, 3), at(3, -2), channel('b', 2, 0.1)], []);
    expect(ids(shownPart(many, 0, 9, new Set())).sort()).toEqual(['a@2', 'a@3', 'b']);
    // An ablation is kept in sight at the token of the prediction only.
    expect(ids(shownPart(many, 9, 9, new Set(['a'])))).toEqual([]);
  });

  it('shows nothing of an empty circuit, and nothing above every effect', () => {
    expect(shownPart(circuit([], []), 0, 10, new Set())).toEqual({ nodes: [], edges: [] });
    expect(shownPart(whole, 5, 10, new Set()).nodes).toEqual([]);
  });
});

describe('threshold', () => {
  it('goes from nothing to the largest effect, and back to the slider', () => {
    const top = largestEffect(whole);
    expect(top).toBe(2);
    expect([thresholdOf(0, top), thresholdOf(1, top)]).toEqual([0, 2]);
    expect(sliderOf(thresholdOf(0.3, top), top)).toBeCloseTo(0.3);
    expect(sliderOf(1, 0)).toBe(0);
  });
});

describe('table', () => {
  it('sorts by size whatever the sign, and counts edges', () => {
    const rows = sortedNodes(whole.nodes, whole.edges, { key: 'effect', down: true });
    expect(rows.slice(0, 3).map(({ node }) => node.id)).toEqual(['a', 'b', 'c']);
    expect(rows[0].degree).toBe(3);
    const up = sortedNodes(whole.nodes, whole.edges, { key: 'edges', down: false });
    expect(up.at(-1)!.degree).toBe(3);
  });

  it('filters by every word, in label, name and token', () => {
    const nodes = [
      channel('2.mlp.post_act.8', 1, 1, { label: 'L2 MLP neuron 8' }),
      channel('1.attn.v.3', 1, 1, { label: 'L1 head 0', at: '("' }),
    ];
    expect(matching(nodes, 'neuron l2').map(({ id }) => id)).toEqual(['2.mlp.post_act.8']);
    expect(matching(nodes, '("').map(({ id }) => id)).toEqual(['1.attn.v.3']);
    expect(matching(nodes, ' ')).toHaveLength(2);
    expect(matching(nodes, '.*')).toHaveLength(0);
  });
});
