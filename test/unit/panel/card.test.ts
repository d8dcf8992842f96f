/** The examples of a card: the strongest, and tokens from strong to weak. */
import { describe, expect, it } from 'vitest';
import { cardView, type NodeReading } from '../../../extension/panel/cardView';
import { snapshotOf } from '../../support/snapshots';

const facts = {
  ...{ mean: 0, examples: null, labels: null, reads: [], writes: [], readCount: 0, writeCount: 0 },
  ...{ promotes: [], suppresses: [], excitedBy: [], inhibitedBy: [] },
};

/** The card of a node that is so active at the tokens of a line of letters. */
function card(values: readonly number[], node = '0.mlp.post_act.3') {
  const text = 'abcdefghijklmnopqrstuvwxyz'.slice(0, values.length);
  const snapshot = snapshotOf(text, { split: /./g });
  const reading: NodeReading = {
    ...{ node, token: 0, activation: 1, now: 1, effect: 0 },
    kind: { kind: 'mean' },
    scan: { start: 0, values: Float32Array.from(values), mean: 0 } as NodeReading['scan'],
    ...{ activationOf: () => 0, names: { given: new Map(), bundled: null } },
  };
  const asked = { snapshot, reader: 0, cursor: 0, mode: 'next' } as Parameters<typeof cardView>[0];
  return cardView(asked, reading, facts);
}

describe('a card', () => {
  it('has tokens from strong to weak, not only the extremes, among those where its node is active', () => {
    // a to k are 0, 1, … 10 and m is −20; nothing is active at a.
    const { spread, strongest } = card([...Array(11).keys(), 0, -20]);
    expect(spread.map(({ quantile, example }) => [quantile, example.text])).toEqual([
      ...[[0.9, 'j'], [0.75, 'i'], [0.5, 'f'], [0.25, 'd'], [0.1, 'b']], // prettier-ignore
    ]);
    expect(spread[2].example).toMatchObject({ activation: 5, source: 'line 1', token: 5 });
    expect(strongest.map(({ text }) => text)).toEqual(['m', 'k', 'j', 'i', 'h', 'g']);
  });

  it('says whether its node can steer a dense model', () => {
    expect(card([1]).steers).toBe(true);
    expect(card([1], '1.mlp.post_act.3').steers).toBe(false);
    expect(card([1], '0.attn.q.3').steers).toBe(false);
  });

  it('has no more of them than there are', () => {
    expect(card([1, 2, 3, 0]).spread).toEqual([]);
    expect(card([1, 2, 3, 0]).strongest).toHaveLength(3);
    expect(card([0, 0]).strongest).toEqual([]);
  });
});
