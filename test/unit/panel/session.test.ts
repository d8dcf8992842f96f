import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../../extension/interventions/entry';
import { conversation, NODE } from './fakeModel';

const ablate = {
  ...{ type: 'ablate', vertices: [{ node: NODE, token: 1 }] },
  ...{ kind: { kind: 'zero' }, place: 'all' },
};
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a session', () => {
  it('says what to do without an editor, and without text', async () => {
    const { session, last, move } = conversation();
    await session.update();
    expect(last('empty')).toMatchObject({
      busy: false,
      text: expect.stringMatching(/Open a Python file/),
    });
    await move('', 0);
    expect(last('empty')!.text).toMatch(/document is empty/);
  });

  it('tells that the model loads, then subject, prediction and circuit in this order', async () => {
    const { sent, types, last, move } = conversation();
    await move('abcd', 1);
    expect(types().filter((type) => !['ablations', 'labels', 'progress'].includes(type))).toEqual([
      ...['empty', 'subject', 'prediction', 'circuit', 'circuit', 'now'],
    ]);
    const effects = sent.flatMap((message) =>
      message.type === 'circuit'
        ? [message.circuit.nodes.find(({ node }) => node === NODE)!.effect]
        : [],
    );
    expect(effects).toEqual([null, -0.5]);
    expect(last('subject')!.subject).toMatchObject({
      ...{ mode: 'next', file: 'a.py', cursor: { token: 1, text: 'b' }, target: { text: 'c' } },
    });
    expect(last('circuit')!.circuit.nodes.map(({ node }) => node)).toContain(NODE);
  });

  it('asks why a token came: the prediction made before it', async () => {
    const { session, last, move } = conversation();
    session.setMode('why');
    await move('abcd', 2);
    expect(last('subject')!.subject).toMatchObject({ reader: { token: 1 }, target: { text: 'c' } });
  });

  it('says nothing again while the cursor stays in its token', async () => {
    const { fake, sent, move } = conversation();
    await move('abcd', 1);
    const [messages, calls] = [sent.length, fake.calls.length];
    await move('abcd', 1);
    expect([sent.length, fake.calls.length]).toEqual([messages, calls]);
  });

  it('stays with a subject whose circuit is under way when nothing has changed', async () => {
    const { fake, last, move } = conversation();
    await move('abcd', 0);
    let open: () => void = () => undefined;
    const first = last('subject')!.seq;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    const moves = [move('abcd', 1), move('abcd', 1)];
    open();
    await Promise.all(moves);
    expect(last('circuit')!.seq).toBeGreaterThan(first);
  });

  it('sends nothing about a token that was left', async () => {
    const { fake, sent, last, move } = conversation();
    await move('abcdef', 0);
    let open: () => void = () => undefined;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    const moves = [1, 2, 3, 4].map((character) => move('abcdef', character));
    open();
    await Promise.all(moves);
    await settled();
    expect(last('subject')!.subject.cursor.token).toBe(4);
    const { seq } = last('subject')!;
    const index = sent.findLastIndex(({ type }) => type === 'subject');
    for (const message of sent.slice(index)) if ('seq' in message) expect(message.seq).toBe(seq);
    expect(last('circuit')!.seq).toBe(seq);
  });

  it('sends no prediction whose ablations were changed meanwhile', async () => {
    const { fake, session, parts, last, move } = conversation();
    const intervention = {
      ...{ nodes: [NODE], positions: 'all' as const, kind: { kind: 'zero' as const } },
    };
    await move('abcd', 2);
    await move('abcd', 0);
    parts.store.add(intervention, session.current!.question.snapshot);
    await session.changed();
    let open: () => void = () => undefined;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    const moved = move('abcd', 2);
    await settled();
    parts.store.undo();
    const changed = session.changed();
    await settled();
    open();
    await Promise.all([moved, changed]);
    expect(last('subject')!.subject.cursor.token).toBe(2);
    expect(last('prediction')!.prediction.ablations).toBe(0);
    expect(last('circuit')!.seq).toBe(last('subject')!.seq);
  });

  it('asks for nothing while nobody looks, and greets with where people are by then', async () => {
    const { fake, session, requests, sent, last, move } = conversation();
    await move('abcd', 0);
    let open: () => void = () => undefined;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    const moved = move('abcd', 1);
    await settled();
    session.rest();
    const [messages, calls] = [sent.length, fake.calls.length];
    open();
    await moved;
    requests.receive({ type: 'card', seq: last('subject')!.seq, node: NODE });
    await session.changed();
    await settled();
    expect(fake.calls.length).toBe(calls);
    expect(sent.slice(messages).map(({ type }) => type)).toEqual(['ablations']);
    requests.receive({ type: 'ready' });
    await settled();
    expect(last('subject')!.subject.cursor.token).toBe(1);
    expect(last('circuit')!.seq).toBe(last('subject')!.seq);
  });

  it('keeps its numbers rising, so that no older message can pass for a newer one', async () => {
    const { sent, session, move } = conversation();
    await move('abcd', 0);
    await move('abcd', 1);
    session.forget();
    await session.update();
    const opened = sent.flatMap((message) =>
      message.type === 'subject' || message.type === 'empty' ? [message.seq] : [],
    );
    expect(opened).toEqual([...new Set(opened)].sort((a, b) => a - b));
  });

  it('stays at a pinned token, moves it with an edit, and follows again', async () => {
    const { session, last, move } = conversation();
    await move('abcd', 1);
    session.pin(true);
    await move('abcd', 3);
    expect(last('subject')!.subject.cursor.token).toBe(1);
    session.follow('file:///a.py', (token) => token + 1);
    expect(last('pinned')!.place).toEqual({ uri: 'file:///a.py', token: 2 });
    session.pin(false);
    await settled();
    expect(last('subject')!.subject.cursor.token).toBe(3);
  });
});

describe('requests', () => {
  it('ablate with one more pass of the model, and show before and after', async () => {
    const { fake, requests, session, parts, last, move } = conversation();
    parts.store.changed.on(() => void session.changed());
    await move('abcd', 1);
    const before = fake.calls.length;
    const { seq } = last('subject')!;
    requests.receive({ ...ablate, seq });
    await settled();
    expect(fake.calls.slice(before)).toEqual(['trace 1 1', 'trace 1 1']);
    expect(last('prediction')!.prediction).toMatchObject({
      ablations: 1,
      logprob: { before: -5, now: -6 },
    });
    expect(Object.values(last('now')!.now)).toEqual([1]);
    expect(last('ablations')!.ablations.entries[0]).toMatchObject({
      nodes: [NODE],
      place: 'all',
      acts: true,
    });
    requests.receive({ type: 'undo' });
    await settled();
    expect(last('prediction')!.prediction.ablations).toBe(0);
    expect(last('ablations')!.ablations).toMatchObject({ entries: [], canRedo: true });
  });

  it('ablate each node at its own token, and keep it there alone', async () => {
    const { session, requests, parts, last, move } = conversation();
    await move('abcd', 2);
    const { seq } = last('subject')!;
    const [early, late] = [0, 2].map((token) => ({ node: NODE, token }));
    const at = { ...ablate, seq, place: 'at' };
    const { snapshot } = session.current!.question;
    const positions = () => parts.store.active(snapshot).map(({ positions }) => positions);
    requests.receive({ ...at, vertices: [late, early] });
    expect(positions()).toEqual([{ at: 0 }, { at: 2 }]);
    expect(parts.store.state.entries.map((entry) => anchorOf(entry)?.uri)).toEqual([
      ...['file:///a.py', 'file:///a.py'],
    ]);
    requests.receive({ ...at, vertices: [late], kind: null });
    expect(positions()).toEqual([{ at: 0 }]);
    requests.receive({ ...at, vertices: [late], place: 'from' });
    expect(positions()).toEqual([{ at: 0 }, { from: 2 }]);
    parts.store.undo();
    parts.store.undo();
    expect(positions()).toEqual([{ at: 0 }, { at: 2 }]);
  });

  it('isolate nodes by four passes, and answer with random sets beside them', async () => {
    const { fake, requests, last, move } = conversation();
    await move('abcd', 1);
    const before = fake.calls.length;
    const { seq } = last('subject')!;
    const vertices = [{ node: NODE, token: 1 }];
    requests.receive({ type: 'isolate', seq, vertices, kind: { kind: 'mean' }, place: 'all' });
    await settled();
    expect(fake.calls.length - before).toBe(4);
    expect(last('isolation')!.isolation).toMatchObject({
      size: 1,
      target: 'c',
      model: { logprob: -5 },
    });
  });

  it('answer with a card of what is active here', async () => {
    const { requests, last, move } = conversation();
    await move('abcd', 1);
    requests.receive({ type: 'card', seq: last('subject')!.seq, node: NODE });
    await settled();
    expect(last('card')!.card).toMatchObject({ node: NODE, activation: 2, effect: -0.5 });
    const { card } = last('card')!;
    expect(card.strip.values).toEqual([1, 1, 1, 1]);
    expect(card).toMatchObject({ mean: 0.25, readCount: 9, promotes: [{ text: 'd', weight: 1 }] });
    expect(card.reads[0]).toEqual({
      node: '0.mlp.act_in.1',
      label: 'L0 MLP read 1',
      weight: 0.5,
      contribution: 0,
    });
    expect(card.heldOut.positive[0]).toMatchObject({
      before: 'a',
      text: 'b',
      after: 'c',
      activation: 5,
    });
    expect(card.writes[0]).toMatchObject({ node: null, label: 'logit of c' });
  });

  it('isolate nodes as if they were not ablated already', async () => {
    const { requests, last, move } = conversation();
    await move('abcd', 1);
    const { seq } = last('subject')!;
    requests.receive({ ...ablate, seq });
    const vertices = [{ node: NODE, token: 1 }];
    requests.receive({ type: 'isolate', seq, vertices, kind: { kind: 'mean' }, place: 'at' });
    await settled();
    const { model, just, place } = last('isolation')!.isolation;
    expect([model.logprob, just.logprob, place]).toEqual([-5, -6, 'at its token']);
  });

  it('label a node in the words of whoever labels it, and tell the page', async () => {
    const { requests, parts, session, last, move } = conversation();
    parts.labels.changed.on(() => {
      session.sendLabels();
    });
    await move('abcd', 1);
    const { seq } = last('subject')!;
    const label = { type: 'label', seq, node: NODE };
    requests.receive({ ...label, text: ' opens\u202e a\nlist ' });
    await settled();
    expect(last('labels')!.labels).toEqual({ [NODE]: 'opens a list' });
    requests.receive({ ...label, text: '' });
    await settled();
    expect(last('labels')!.labels).toEqual({});
    requests.receive({ ...label, node: '9.mlp.post_act.1', text: 'x' });
    await settled();
    expect(last('problem')!.text).toMatch(/layers 0 to 1/);
  });

  it("answer with a head's attention, the sink apart, and with what makes a score", async () => {
    const { requests, last, move } = conversation();
    await move('abcd', 1);
    const { seq } = last('subject')!;
    requests.receive({ type: 'attention', seq, layer: 0, head: 1 });
    requests.receive({ type: 'match', seq, layer: 0, head: 1, key: 0 });
    await settled();
    const { attention } = last('attention')!;
    expect(attention).toMatchObject({ start: -1, reader: 2, layers: 2, heads: 4 });
    expect(attention.rows.map((row) => row.length)).toEqual([1, 2, 3, 4]);
    attention.rows.forEach((row, i) => {
      expect(row.reduce((sum, share) => sum + share, attention.sink[i])).toBeCloseTo(1, 4);
    });
    const { match } = last('match')!;
    expect(match).toMatchObject({ query: { text: 'b' }, key: { text: 'a' } });
    expect(match.share).toBeCloseTo(0.3);
    expect(match.parts[0]).toMatchObject({ channel: 3, q: 2, k: 3 });
    expect(match.parts[0].product).toBeCloseTo(0.7);
    expect(match.score).toBeCloseTo(0.4 + 0.5 + 0.6 + 0.7 - 0.1);
    requests.receive({ type: 'match', seq, layer: 0, head: 1, key: 3 });
    await settled();
    expect(last('problem')!.text).toMatch(/choose one before it/);
  });

  it('say in one line what cannot be done', async () => {
    const { requests, last, move } = conversation();
    await move('abcd', 1);
    requests.receive({ type: 'card', seq: last('subject')!.seq, node: '9.mlp.post_act.1' });
    await settled();
    expect(last('problem')!.text).toMatch(/layers 0 to 1/);
  });

  it('are not heard when they are stale or malformed', async () => {
    const { requests, parts, done, last, move } = conversation();
    await move('abcd', 1);
    const { seq } = last('subject')!;
    requests.receive({ ...ablate, seq: seq - 1 });
    requests.receive({ ...ablate, seq, vertices: 'all' });
    requests.receive({ type: 'reveal', seq: seq + 1, token: 0 });
    requests.receive('rm -rf');
    expect([parts.store.state.entries, done]).toEqual([[], []]);
    requests.receive({ type: 'reveal', seq, token: 2 });
    requests.receive({ type: 'export', seq, format: 'svg', content: '<svg/>' });
    expect(done).toEqual(['reveal 2', 'export svg']);
  });
});
