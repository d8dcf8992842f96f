import { describe, expect, it } from 'vitest';
import { largestEffect, NOTHING, shownPart, sliderOf, thresholdOf } from '../../../webview/filter';
import { headsByEffect } from '../../../webview/heads';
import { brief, named } from '../../../webview/naming';
import { NO_MARKS } from '../../../webview/supernodes';
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

const none = () => false;
const nothing = { meanings: new Map<string, string>(), marks: NO_MARKS };
const limits = (threshold: number, top: number, strength = 0.02) => ({ threshold, top, strength });

describe('shownPart', () => {
  it('keeps the largest effects of either sign, and the tokens that they touch', () => {
    expect(ids(shownPart(whole, limits(0, 2), none))).toEqual(['in', 'a', 'b', 'out']);
    expect(shownPart(whole, limits(0, 2), none).joining.size).toBe(0);
  });

  it('leaves out edges to what is hidden', () => {
    const { edges } = shownPart(whole, limits(0, 2), none);
    expect(edges.map(({ from, to }) => from + to)).toEqual(['ina', 'ab', 'bout', 'inout']);
  });

  it('adds what joins a node to the prediction and to the tokens, by the stronger way', () => {
    const nodes = [
      end('in', 'input', 0),
      ...[channel('r', 1, 0.01), channel('a', 2, 3), channel('w', 3, 0.01), channel('x', 3, 0.02)],
      end('out', 'output', 4),
    ];
    const edges = [
      ...[edge('in', 'r'), edge('r', 'a'), edge('a', 'w', 5), edge('a', 'x', 1)],
      ...[edge('w', 'out'), edge('x', 'out')],
    ];
    const part = shownPart(circuit(nodes, edges), limits(1, 1), none);
    expect(ids(part)).toEqual(['in', 'r', 'a', 'w', 'out']);
    expect([...part.joining].sort()).toEqual(['r', 'w']);
  });

  it('hides faint edges, except where there is no stronger one', () => {
    const edges = [
      ...[edge('in', 'a', 100), edge('in', 'b', 1), edge('a', 'b', 1.5), edge('b', 'out', 0.5)],
      edge('a', 'out', 0.4),
    ];
    const part = shownPart(circuit([...whole.nodes], edges), limits(0, 9), none);
    expect(part.edges.map(({ from, to }) => from + to)).toEqual(['ina', 'ab', 'bout']);
  });

  it('hides weaker edges when people ask for strong ones, but leaves no node alone', () => {
    const edges = [
      ...[edge('in', 'a', 4), edge('in', 'b', 3), edge('a', 'b', 2)],
      ...[edge('a', 'out', 1), edge('b', 'out', 3)],
    ];
    const shown = (strength: number) =>
      shownPart(circuit([...whole.nodes], edges), limits(0, 9, strength), none).edges.map(
        ({ from, to }) => from + to,
      );
    expect(shown(0.2)).toEqual(['ina', 'inb', 'ab', 'aout', 'bout']);
    expect(shown(0.9)).toEqual(['ina', 'inb', 'ab', 'bout']);
  });

  it('keeps the token of every lane', () => {
    const nodes = [
      { ...end('t3', 'input', 0), token: 3 },
      channel('a@3', 1, 1, { token: 3, at: 't3' }),
    ];
    expect(ids(shownPart(circuit(nodes, []), limits(0, 9), none))).toEqual(['t3', 'a@3']);
  });

  it('keeps an ablated node however small its effect', () => {
    expect(ids(shownPart(whole, limits(1, 1), ({ id }) => id === 'c'))).toContain('c');
  });

  it('shows one channel at the two tokens where it matters most', () => {
    const at = (token: number, effect: number) =>
      channel(`a@${token}`, 1, effect, { node: 'a', token, at: `t${token}` });
    const many = circuit([at(1, -1), at(2, 3), at(3, -2), channel('b', 2, 0.1)], []);
    expect(ids(shownPart(many, limits(0, 9), none)).sort()).toEqual(['a@2', 'a@3', 'b']);
  });

  it('shows nothing of an empty circuit, and nothing above every effect', () => {
    expect(shownPart(circuit([], []), limits(0, 10), none)).toEqual(NOTHING);
    expect(shownPart(whole, limits(5, 10), none).nodes).toEqual([]);
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

  it('sorts by estimates until effects are there, tokens last', () => {
    const nodes = [
      end('in', 'input', 0),
      ...[1, -3, 2].map((estimate, i) => channel(`n${i}`, 1, 0, { effect: null, estimate })),
    ];
    const rows = sortedNodes(nodes, [], { key: 'effect', down: true });
    expect(rows.map(({ node }) => node.id)).toEqual(['n1', 'n2', 'n0', 'in']);
  });

  it('filters by every word, in label, name and token', () => {
    const nodes = [
      channel('2.mlp.post_act.8', 1, 1, { label: 'L2 MLP neuron 8' }),
      channel('1.attn.v.3', 1, 1, { label: 'L1 head 0', at: '("' }),
    ];
    expect(matching(nodes, 'neuron l2', nothing).map(({ id }) => id)).toEqual(['2.mlp.post_act.8']);
    expect(matching(nodes, '("', nothing).map(({ id }) => id)).toEqual(['1.attn.v.3']);
    expect(matching(nodes, ' ', nothing)).toHaveLength(2);
    expect(matching(nodes, '.*', nothing)).toHaveLength(0);
  });
});

describe('named', () => {
  it('calls nodes by their labels, cut in the picture, and keeps their names', () => {
    const labels = new Map([['a', 'opens a very long list']]);
    const meanings = new Map([['a', '→ ‘:’']]);
    const [, a, b] = named(whole, { labels, meanings }).nodes;
    expect([a.label, a.short, a.node]).toEqual([
      'opens a very long list (a)',
      'opens a very …',
      'a',
    ]);
    expect(b.label).toBe('b');
    expect(named(whole, { labels: new Map(), meanings: new Map() })).toBe(whole);
  });
});

describe('what a node is about', () => {
  it('stands for its number in the picture, short, except within a head', () => {
    const nodes = [
      channel('a', 1, 1),
      channel('q', 1, 1, { head: { layer: 0, head: 1 } }),
      channel('n', 1, 1),
    ];
    const meanings = new Map([
      ['a', '‘def’ → ‘:’'],
      ['q', 'reads ‘def’'],
    ]);
    const { nodes: shown } = named(circuit(nodes, []), { labels: new Map(), meanings });
    expect(shown.map(({ short }) => short)).toEqual(['→ :', 'q', 'n']);
    expect(shown.map(({ label }) => label)).toEqual(['a', 'q', 'n']);
  });

  it.each([
    ['→ ‘:’', '→ :'],
    ['reads ‘def’', 'def'],
    ['‘a’ → ‘continuation’', '→ contin…'],
    ['→ ‘’’', '→ ’'],
  ])('is cut: %s', (meaning, short) => {
    expect(brief(meaning)).toBe(short);
  });

  it('is found by the filter of the table', () => {
    const nodes = [channel('a', 1, 1), channel('b', 1, 1)];
    expect(
      ids({
        nodes: matching(nodes, 'def', { ...nothing, meanings: new Map([['b', 'reads ‘def’']]) }),
      }),
    ).toEqual(['b']);
  });
});

describe('heads', () => {
  it('are in the order of what their nodes do to the prediction', () => {
    const of = (id: string, head: number, effect: number) =>
      channel(id, 1, effect, { head: { layer: 1, head } });
    const nodes = [of('a', 0, 1), of('b', 3, -2), of('c', 0, 0.5), channel('d', 1, 9)];
    expect(headsByEffect(circuit(nodes, []))).toEqual([
      { layer: 1, head: 3, effect: 2 },
      { layer: 1, head: 0, effect: 1.5 },
    ]);
    expect(headsByEffect(null)).toEqual([]);
  });
});
