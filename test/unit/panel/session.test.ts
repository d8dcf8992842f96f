import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../../extension/interventions/entry';
import { conversation, NODE, sourceDocument } from './fakeModel';

const ablate = { vertices: [{ node: NODE, token: 1 }], kind: { kind: 'zero' }, place: 'all' };
const card = (token: number) => ({ node: NODE, token });
const sharesOf = (share: number) => ({ topShare: share, share });
/** All that can happen without the model has happened: the fake one answers without a timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

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
    expect(
      types().filter((type) => !['ablations', 'labels', 'notes', 'progress'].includes(type)),
    ).toEqual([
      ...['empty', 'subject', 'prediction', 'circuit', 'circuit', 'story', 'now', 'meanings'],
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

  it('tells what the nodes of the circuit are about', async () => {
    const { last, move } = conversation();
    await move('abcd', 1);
    expect(last('meanings')).toMatchObject({ meanings: { [NODE]: '→ ‘d’' } });
  });

  it('calls a node that is there with either sign by what it is where it comes first', async () => {
    const { models, meanings } = conversation().parts;
    const info = await models.info();
    const of = async (...signs: number[]) =>
      (await meanings.of(info, signs.map((activation) => ({ node: NODE, activation })))).get(NODE); // prettier-ignore
    expect(await of(2, -2)).toBe('→ ‘d’');
    expect(await of(-2, 2)).toBe('inside ( )');
  });

  it('tells why the model expects the token, from the measured circuit', async () => {
    const { last, move } = conversation();
    await move('abcd', 1);
    expect(last('story')!.story).toEqual([
      [
        'It rests on ',
        { node: NODE, token: 1, text: 'L0 MLP neuron 3', about: 'a name' },
        ' (-0.5 nats) after ',
        { code: '·b\\n' },
        '.',
      ],
      // One without a label is called by what it raises, as it is in the picture.
      ['Then comes ', { node: NODE, token: 1, text: 'L0 MLP neuron 3', about: '→ ‘d’' }, '.'],
    ]);
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
    requests.receive({
      ...{ type: 'ask', id: 1, seq: last('subject')!.seq },
      what: 'card',
      asks: card(1),
    });
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

  it('says which part could not be worked out, and goes on with the others', async () => {
    const { fake, last, move } = conversation();
    await move('abcd', 0);
    const { trace } = fake.runtime;
    fake.runtime.trace = (text, at, options) =>
      'token' in at && at.token === 1
        ? Promise.reject(new Error('the model was restarted'))
        : trace(text, at, options);
    fake.runtime.circuit = () => Promise.reject(new Error('no circuit'));
    await move('abcd', 2);
    expect(last('problem')).toMatchObject({ part: 'circuit', text: 'no circuit' });
    expect(last('prediction')!.seq).toBe(last('subject')!.seq);
  });

  it('asks about another token, and about one against another, of this prediction only', async () => {
    const { session, ask, last, move } = conversation();
    await move('abcd', 1);
    const usual = last('prediction')!.prediction.logprob.before;
    const [other] = last('prediction')!.prediction.candidates.filter(({ target }) => !target);
    await ask('target', { id: other.id, contrast: null });
    await settled();
    expect(last('subject')!.subject.target).toEqual({ text: other.text, observed: false });
    expect(last('prediction')!.prediction.logprob.before).toBeCloseTo(Math.log(other.before));
    expect(session.current!.circuit!.nodes.some(({ label }) => label === other.text)).toBe(true);
    await ask('target', { id: 3, contrast: other.id });
    await settled();
    expect(last('subject')!.subject.contrast).toEqual({ text: other.text });
    const { logprob } = last('prediction')!.prediction;
    expect(logprob.before).toBeCloseTo(usual - Math.log(other.before));
    await move('abcd', 2);
    expect(last('subject')!.subject).toMatchObject({ target: { text: 'd' }, contrast: null });
    const answer = await ask('target', { id: 99, contrast: null });
    expect(answer).toMatchObject({ type: 'failed', text: 'the model has no token 99' });
  });

  it('stays at the token of a link, whatever was pinned or drawn, and leaves the cursor alone', async () => {
    const { session, last, move } = conversation();
    await move('abcd', 3);
    session.pin(true);
    const document = sourceDocument('abcd');
    await session.pinTo({ document, place: { line: 0, character: 1 } });
    expect(last('subject')!.subject.cursor).toMatchObject({ token: 1, text: 'b' });
    expect(last('pinned')).toMatchObject({ place: { token: 1 }, lost: false });
  });

  it('stays at a pinned token, moves it with an edit, and follows again', async () => {
    const { session, parts, last, move } = conversation();
    parts.documents.encoded.on((edit) => {
      session.follow(edit);
    });
    await move('abcd', 1);
    session.pin(true);
    await move('abcd', 3);
    expect(last('subject')!.subject.cursor.token).toBe(1);
    // One more token before it; then it is gone, and comes back.
    await move('xabcd', 3, 2);
    expect(last('subject')!.subject.cursor).toMatchObject({ token: 2, text: 'b' });
    expect(last('pinned')).toMatchObject({ place: { token: 2, text: 'b' }, lost: false });
    await move('xacd', 3, 3);
    expect(last('pinned')).toMatchObject({ lost: true });
    expect(last('subject')!.subject.cursor.token).toBe(3);
    await move('xabcd', 3, 4);
    expect(last('pinned')).toMatchObject({ lost: false });
    expect(last('subject')!.subject.cursor.token).toBe(2);
    session.pin(false);
    await settled();
    expect(last('subject')!.subject.cursor.token).toBe(3);
  });
});

describe('a circuit of a task', () => {
  const drawn = {
    ...{ name: 'one_or_two', model: 'a', description: 'which of two', ablation: 'mean' as const },
    ...{ core: [NODE, '1.attn.k.2'], backups: ['1.mlp.act_in.3'], edgeCount: 1 },
    edges: [{ from: NODE, to: '1.attn.k.2', weight: 0.5 }],
    facts: [['loss', '0.1 nats'] as const],
    prompts: [
      { prompt: 'abc', answer: 'd', other: 'e' },
      { prompt: 'abb', answer: 'e', other: 'd' },
    ],
  };
  const update = async (session: { update(): Promise<void> }) => {
    await session.update();
  };

  it('is drawn on its prompts and on the file, core and backups apart, as active as there', async () => {
    const { session, ask, last, move } = conversation();
    await move('abcd', 1);
    session.draw(drawn);
    await update(session);
    const { subject } = last('subject')!;
    expect(subject).toMatchObject({
      ...{ file: 'prompt 1', reader: { token: 2, text: 'c' } },
      ...{ target: { text: 'd' }, contrast: { text: 'e' } },
      drawn: { name: 'one_or_two', prompt: 0, facts: [{ of: 'loss', value: '0.1 nats' }] },
    });
    const { nodes, edges } = last('circuit')!.circuit;
    expect(nodes.map(({ id, part }) => [id, part])).toEqual([
      ...[
        [NODE, 'core'],
        ['1.attn.k.2', 'core'],
        ['1.mlp.act_in.3', 'backup'],
      ],
    ]);
    expect(nodes.map(({ activation, effect }) => [activation, effect])).toEqual([
      ...[
        [2, -1],
        [0, -2],
        [0, -3],
      ],
    ]);
    expect(edges).toEqual([
      { from: NODE, to: '1.attn.k.2', kind: 'weight', weight: 0.5, contribution: 1 },
    ]);
    await ask('prompt', { index: 1 });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ target: { text: 'e' }, drawn: { prompt: 1 } });
    await ask('prompt', { index: null });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: { prompt: null } });
    expect(await ask('prompt', { index: 2 })).toMatchObject({ type: 'failed' });
  });

  it('is acted on by name, and closed', async () => {
    const { session, ask, done, last, move } = conversation();
    await move('abcd', 1);
    session.draw(drawn);
    await update(session);
    await ask('drawn', { act: 'necessary' });
    expect(done).toEqual(['necessary one_or_two']);
    await ask('drawn', { act: 'close' });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: null });
  });

  it('is let go when the model is another', async () => {
    const { session, last, move } = conversation();
    await move('abcd', 1);
    session.draw({ ...drawn, model: 'b' });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: null });
  });
});

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
      ablations: 1,
      logprob: { before: -5, now: -6 },
    });
    expect(Object.values(last('now')!.now)).toEqual([1]);
    expect(last('ablations')!.ablations.entries[0]).toMatchObject({
      nodes: [NODE],
      place: 'all',
      acts: true,
    });
    await ask('undo', {});
    await settled();
    expect(last('prediction')!.prediction.ablations).toBe(0);
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
    expect(answer).toMatchObject({ tells: { size: 1, target: 'c', model: { logprob: -5 } } });
  });

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
              'AUROC 0.90, F1 0.70 (precision 0.80, recall 0.62), correlation 0.60, 0.40 by the token alone; ablated, the loss changes by +0.20 nats where it holds, +0.010 elsewhere',
          },
        ],
        ...{ mean: 0.25, readCount: 9, promotes: [{ text: 'd', weight: 1 }] },
        strip: { values: [1, 1, 1, 1] },
        reads: [{ node: '0.mlp.act_in.1', label: 'L0 MLP read 1', weight: 0.5 }],
        heldOut: { positive: [{ before: 'a', text: 'b', after: 'c', activation: 5 }] },
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

  it('isolate nodes as if they were not ablated already', async () => {
    const { ask, move } = conversation();
    await move('abcd', 1);
    await ask('ablate', ablate);
    const vertices = [{ node: NODE, token: 1 }];
    const answer = await ask('isolate', { vertices, kind: { kind: 'mean' }, place: 'at' });
    expect(answer).toMatchObject({
      tells: { model: { logprob: -5 }, just: { logprob: -6 }, place: 'at its token' },
    });
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
    expect(lens).toMatchObject({ tells: { target: 'c', bigram: true, ablations: 0 } });
    if (lens.type !== 'answer' || lens.what !== 'lens') throw new Error('refused');
    expect(lens.tells.rows).toEqual([
      { layers: 0, top: 'e', topShare: 0.5, share: expect.closeTo(0.1), rank: 4 },
      { ...{ layers: 1, top: 'c', rank: 1 }, ...sharesOf(Math.exp(-0.1)) },
    ]);
    await ask('ablate', ablate);
    expect(await ask('lens', {})).toMatchObject({ tells: { ablations: 1 } });
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
