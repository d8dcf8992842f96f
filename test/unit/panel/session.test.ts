/** What a panel tells of the token where people are. */
import { describe, expect, it } from 'vitest';
import { conversation, LIKELIEST, NODE, sourceDocument } from './fakeModel';

const card = (token: number) => ({ node: NODE, token });
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
      ...{ mode: 'next', file: 'a.py', cursor: { token: 1, text: 'b' } },
      target: { text: LIKELIEST, observed: false },
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

  it.each([
    ['file:///w/my%20file.py', 'my file.py'],
    ['vscode-notebook-cell:/w/nb.ipynb#W1sdnotes', 'nb.ipynb'],
    ['untitled:Untitled-1', 'Untitled-1'],
    ['file:///w/100%.py', '100%.py'],
  ])('calls the document %s what people call it', async (uri, file) => {
    const { last, move } = conversation();
    await move('abcd', 1, 1, uri);
    expect(last('subject')!.subject!.file).toBe(file);
  });

  it('asks why a token came: the prediction made before it', async () => {
    const { session, last, move } = conversation();
    session.setMode('why');
    await move('abcd', 2);
    expect(last('subject')!.subject).toMatchObject({ reader: { token: 1 }, target: { text: 'c' } });
    session.setMode('next');
    await move('abcd', 1);
    expect(last('subject')!.subject).toMatchObject({
      ...{ reader: { token: 1 }, target: { text: LIKELIEST, observed: false } },
    });
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
    expect(last('prediction')!.prediction.inForce.ablations).toBe(0);
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
    expect(logprob.before).toBeCloseTo(-5 - Math.log(other.before));
    await move('abcd', 2);
    expect(last('subject')!.subject).toMatchObject({ contrast: null });
    expect(last('subject')!.subject.target.text).not.toBe(other.text);
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
