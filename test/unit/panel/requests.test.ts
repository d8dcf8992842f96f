/** Ablating and isolating from the panel, and requests that end in an error. */
import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../../extension/interventions/entry';
import { conversation, LIKELIEST, NODE } from './fakeModel';

const ablate = { vertices: [{ node: NODE, token: 1 }], kind: { kind: 'zero' }, place: 'all' };
/** All that can happen without the model has happened: the fake one answers without a timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('requests', () => {
  it('ablate with one more pass of the model, and show before and after', async () => {
    const { fake, ask, session, parts, last, move } = conversation();
    parts.store.changed.on(() => void session.changed());
    await move('abcd', 1);
    const before = fake.calls.length;
    await ask('ablate', ablate);
    await settled();
    expect(fake.calls.slice(before)).toEqual(['trace 1 1', 'trace 1 1']);
    expect(last('prediction')!.prediction).toMatchObject({
      inForce: { ablations: 1, nodes: 1 },
      logprob: { before: -1, now: -2 },
    });
    expect(Object.values(last('now')!.now)).toEqual([1]);
    expect(last('ablations')!.ablations.entries[0]).toMatchObject({
      nodes: [NODE],
      place: 'all',
      acts: true,
    });
    await ask('undo', {});
    await settled();
    expect(last('prediction')!.prediction.inForce.ablations).toBe(0);
    expect(last('ablations')!.ablations).toMatchObject({ entries: [], canRedo: true });
  });

  it('ablate each node at its own token, and keep it there alone', async () => {
    const { ask, session, parts, move } = conversation();
    await move('abcd', 2);
    const [early, late] = [0, 2].map((token) => ({ node: NODE, token }));
    const at = { ...ablate, place: 'at' };
    const { snapshot } = session.current!.question;
    const positions = () => parts.store.active(snapshot).map(({ positions }) => positions);
    await ask('ablate', { ...at, vertices: [late, early] });
    expect(positions()).toEqual([{ at: 0 }, { at: 2 }]);
    expect(parts.store.state.entries.map((entry) => anchorOf(entry)?.uri)).toEqual([
      ...['file:///a.py', 'file:///a.py'],
    ]);
    await ask('ablate', { ...at, vertices: [late], kind: null });
    expect(positions()).toEqual([{ at: 0 }]);
    await ask('ablate', { ...at, vertices: [late], place: 'from' });
    expect(positions()).toEqual([{ at: 0 }, { from: 2 }]);
    parts.store.undo();
    parts.store.undo();
    expect(positions()).toEqual([{ at: 0 }, { at: 2 }]);
  });

  it('isolate nodes by four passes, and answer with random sets beside them', async () => {
    const { fake, ask, move } = conversation();
    await move('abcd', 1);
    const before = fake.calls.length;
    const vertices = [{ node: NODE, token: 1 }];
    const answer = await ask('isolate', { vertices, kind: { kind: 'mean' }, place: 'all' });
    expect(fake.calls.length - before).toBe(4);
    expect(answer).toMatchObject({ tells: { size: 1, target: LIKELIEST, model: { logprob: -1 } } });
  });

  it('isolate nodes as if they were not ablated already', async () => {
    const { ask, move } = conversation();
    await move('abcd', 1);
    await ask('ablate', ablate);
    const vertices = [{ node: NODE, token: 1 }];
    const answer = await ask('isolate', { vertices, kind: { kind: 'mean' }, place: 'at' });
    expect(answer).toMatchObject({
      tells: { model: { logprob: -1 }, just: { logprob: -2 }, place: 'at its token' },
    });
  });

  it.each([
    ['card', { node: '9.mlp.post_act.1', token: 1 }],
    ['ablate', { ...ablate, vertices: [{ node: '9.mlp.post_act.1', token: 1 }] }],
    ['isolate', { ...ablate, vertices: [{ node: '9.mlp.post_act.1', token: 1 }] }],
    ['color', { node: '9.mlp.post_act.1' }],
  ] as const)('say in one line that there is no such node: %s', async (what, asks) => {
    const { ask, done, parts, move } = conversation();
    await move('abcd', 1);
    const answer = await ask(what, asks);
    expect(answer).toMatchObject({ type: 'failed', what, text: expect.stringMatching(/layers 0/) });
    expect([parts.store.state.entries, done]).toEqual([[], []]);
  });

  it('ablate a weight, and say when there is none between two nodes', async () => {
    const { ask, parts, move } = conversation();
    await move('abcd', 1);
    const weight = { to: '1.mlp.post_act.0', token: 1, kind: { kind: 'zero' }, place: 'at' };
    const none = await ask('ablateWeight', { ...weight, from: '1.mlp.act_in.0' });
    expect(none).toMatchObject({ type: 'failed', text: expect.stringMatching(/no weight leads/) });
    expect(parts.store.state.entries).toEqual([]);
    expect(await ask('ablateWeight', { ...weight, from: '1.mlp.act_in.1' })).toMatchObject({
      type: 'answer',
    });
    expect(parts.store.state.entries).toMatchObject([
      { nodes: ['1.mlp.act_in.1'], into: weight.to },
    ]);
  });

  it('refuse an ablation at a token that the document does not have', async () => {
    const { ask, parts, move } = conversation();
    await move('abcd', 1);
    const answer = await ask('ablate', { ...ablate, vertices: [{ node: NODE, token: 4 }] });
    expect(answer).toMatchObject({ type: 'failed', text: expect.stringMatching(/no token 4/) });
    expect(parts.store.state.entries).toEqual([]);
  });

  it('end in an answer each: void when stale or overtaken, an error when malformed', async () => {
    const { ask, requests, answers, parts, done, fake, last, move } = conversation();
    await move('abcd', 1);
    const { seq } = last('subject')!;
    expect(await ask('ablate', ablate, seq - 1 + 0)).toMatchObject({ type: 'void' });
    expect(await ask('reveal', { token: 0 }, seq + 1)).toMatchObject({ type: 'void' });
    expect(await ask('ablate', { ...ablate, vertices: 'all' })).toMatchObject({ type: 'failed' });
    requests.receive('rm -rf');
    expect([parts.store.state.entries, done]).toEqual([[], []]);
    let open: () => void = () => undefined;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    const first = ask('attention', { layer: 0, head: 1 });
    const second = ask('attention', { layer: 0, head: 2 });
    open();
    expect(await first).toMatchObject({ type: 'void' });
    expect(await second).toMatchObject({ type: 'answer', tells: { head: 2 } });
    expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length);
    await ask('reveal', { token: 2 });
    await ask('export', { format: 'svg', content: '<svg/>' });
    expect(done).toEqual(['reveal 2', 'export svg']);
  });
});
