/** What the panel answers about a node, a head, a weight, and what people write. */
import { describe, expect, it } from 'vitest';
import { conversation, LIKELIEST, NODE } from './fakeModel';

const ablate = { vertices: [{ node: NODE, token: 1 }], kind: { kind: 'zero' }, place: 'all' };
const card = (token: number) => ({ node: NODE, token });
const sharesOf = (share: number) => ({ topShare: share, share });

describe('requests', () => {
  it('answer with a card of what is active here', async () => {
    const { ask, move } = conversation();
    await move('abcd', 1);
    const answer = await ask('card', card(1));
    expect(answer).toMatchObject({
      tells: {
        ...{ node: NODE, token: 1, at: null, activation: 2, effect: -0.5, ablation: '→ mean' },
        detects: [
          {
            ...{ sign: '−', text: 'inside ( )' },
            scores:
              'AUROC 0.90, F1 0.70 (precision 0.80, recall 0.62), correlation 0.60, 0.40 from the token alone, true at 90.0 % of its strongest activations; ablation changes predictions by 0.30 nats where it holds and 0.010 elsewhere, the loss by +0.20 and +0.010',
          },
        ],
        ...{ steers: true, mean: 0.25, readCount: 9, promotes: [{ text: 'd', weight: 1 }] },
        strip: { values: [1, 1, 1, 1] },
        reads: [{ node: '0.mlp.act_in.1', label: 'L0 MLP read 1', weight: 0.5 }],
        heldOut: {
          positive: [
            { percentile: null, examples: [{ before: 'a', text: 'b', after: 'c', activation: 5 }] },
            { percentile: 90, examples: [{ activation: 3 }] },
          ],
          negative: [],
          activity: { tokens: 9, positive: 4, bins: [3, 1] },
        },
        writes: [{ node: null, label: 'logit of c' }],
      },
    });
  });

  it('answer with the card of a node at its own token: activation, effect and what it reads there', async () => {
    const { ask, fake, move } = conversation();
    await move('abcd', 3);
    const at = async (token: number) => {
      const answer = await ask('card', { node: NODE, token });
      return answer.type === 'answer' && answer.what === 'card' ? answer.tells : null;
    };
    const [early, own] = [await at(1), await at(3)];
    expect(early).toMatchObject({ token: 1, at: 'b', activation: expect.closeTo(0.1), effect: -1 });
    expect(own).toMatchObject({ token: 3, at: null, activation: 2, effect: -0.5 });
    expect([early!.reads[0].contribution, own!.reads[0].contribution]).toEqual([
      ...[expect.closeTo(0.05), expect.closeTo(0.15)],
    ]);
    // What the circuit has not measured is measured by ablating the node at that token.
    expect(fake.ablated.at(-1)).toMatchObject({ nodes: [NODE], positions: { at: 1 } });
    expect(await ask('card', { node: NODE, token: 4 })).toMatchObject({ type: 'failed' });
  });

  it('label a node in the words of whoever labels it, and tell the page', async () => {
    const { ask, parts, session, last, move } = conversation();
    parts.labels.changed.on(() => {
      session.sendLabels();
    });
    await move('abcd', 1);
    await ask('label', { node: NODE, text: ' opens\u202e a\nlist ' });
    expect(last('labels')!.labels).toEqual({ [NODE]: 'opens a list' });
    await ask('label', { node: NODE, text: '' });
    expect(last('labels')!.labels).toEqual({});
    const answer = await ask('label', { node: '9.mlp.post_act.1', text: 'x' });
    expect(answer).toMatchObject({ type: 'failed', text: expect.stringMatching(/layers 0 to 1/) });
  });

  it('answer with what one weight does to the prediction', async () => {
    const { fake, move, ask } = conversation();
    await move('abcd', 2);
    expect(await ask('weight', { from: '0.mlp.act_in.1', to: NODE, token: 1 })).toMatchObject({
      tells: { weight: 0.5, here: -0.1, everywhere: -0.2 },
    });
    expect(fake.calls).toContain(`weight 0.mlp.act_in.1 ${NODE} 1 for 2`);
  });

  it('keep groups, pins and notes of the document, and tell them by the ids of the graph', async () => {
    const { files, last, move, ask } = conversation();
    const vertices = [{ node: NODE, token: 1 }];
    await move('abcd', 1);
    await ask('group', { vertices, name: 'mine' });
    await ask('mark', { vertices: [{ node: NODE, token: 0 }], pinned: true, note: 'why' });
    expect(last('notes')!.notes).toEqual({
      groups: [{ name: 'mine', collapsed: true, note: '' }],
      nodes: [
        { id: `${NODE}@1`, group: 'mine', pinned: false, note: '' },
        { id: `${NODE}@0`, group: '', pinned: true, note: 'why' },
      ],
    });
    expect([...files.values()][0]).toContain('"file": "a.py"');
    await ask('arrange', { group: 'mine', change: { collapsed: false, name: 'ours' } });
    // The token moved, and its node with it.
    await move('xabcd', 2, 2);
    expect(last('notes')!.notes).toMatchObject({
      groups: [{ name: 'ours', collapsed: false }],
      nodes: [{ id: `${NODE}@2`, group: 'ours' }, { id: `${NODE}@1` }],
    });
    await ask('arrange', { group: 'ours', change: null });
    expect(last('notes')!.notes.groups).toEqual([]);
    expect(await ask('arrange', { group: 'ours', change: {} })).toMatchObject({ type: 'failed' });
    const beyond = [{ node: NODE, token: 99 }];
    expect(await ask('group', { vertices: beyond, name: 'x' })).toMatchObject({ type: 'failed' });
  });

  it('answer with what the stream after each layer would predict, under the ablations', async () => {
    const { fake, move, ask } = conversation();
    await move('abcd', 1);
    const lens = await ask('lens', {});
    expect(lens).toMatchObject({
      tells: { target: LIKELIEST, bigram: true, inForce: { ablations: 0, nodes: 0 } },
    });
    if (lens.type !== 'answer' || lens.what !== 'lens') throw new Error('refused');
    expect(lens.tells.rows).toEqual([
      { layers: 0, top: 'e', topShare: 0.5, share: expect.closeTo(0.1), rank: 4 },
      { ...{ layers: 1, top: LIKELIEST, rank: 1 }, ...sharesOf(Math.exp(-0.1)) },
    ]);
    await ask('ablate', ablate);
    expect(await ask('lens', {})).toMatchObject({ tells: { inForce: { ablations: 1, nodes: 1 } } });
    expect(fake.calls.filter((call) => call.startsWith('lens'))).toEqual(['lens 1 0', 'lens 1 1']);
  });

  it("answer with a head's attention, the sink apart, and with what makes a score", async () => {
    const { ask, move } = conversation();
    await move('abcd', 1);
    const [attention, match] = await Promise.all([
      ask('attention', { layer: 0, head: 1 }),
      ask('match', { layer: 0, head: 1, key: 0 }),
    ]);
    expect(attention).toMatchObject({ tells: { start: -1, reader: 2, layers: 2, heads: 4 } });
    if (attention.type !== 'answer' || attention.what !== 'attention') throw new Error('refused');
    expect(attention.tells.rows.map((row) => row.length)).toEqual([1, 2, 3, 4]);
    attention.tells.rows.forEach((row, i) => {
      const sum = row.reduce((total, share) => total + share, attention.tells.sink[i]);
      expect(sum).toBeCloseTo(1, 4);
    });
    expect(match).toMatchObject({
      tells: {
        ...{ query: { text: 'b' }, key: { text: 'a' }, share: expect.closeTo(0.3) },
        ...{ score: expect.closeTo(0.4 + 0.5 + 0.6 + 0.7 - 0.1) },
      },
    });
    expect(match).toHaveProperty(['tells', 'parts', 0], {
      ...{ channel: 3, q: expect.closeTo(0.2), k: expect.closeTo(0.1) },
      product: expect.closeTo(0.7),
    });
    const refused = await ask('match', { layer: 0, head: 1, key: 3 });
    expect(refused).toMatchObject({ type: 'failed', text: expect.stringMatching(/before it/) });
  });
});
