import { describe, expect, it } from 'vitest';
import { changesOf, emptyModel, take } from '../../../webview/model';
import { readAsk, readState, readToPanel, type Told, type What } from '../../../webview/protocol';
import { channel, circuit } from './graphs';

const subject = (seq: number): Told => ({
  type: 'subject',
  seq,
  subject: {
    ...{ mode: 'next', file: 'a.py', model: 'tiny', target: { text: ')', observed: true } },
    contrast: null,
    recorded: null,
    line: 'x',
    other: null,
    dense: null,
    drawn: null,
    cursor: { token: 3, text: '·x', line: 0, column: 2 },
    reader: { token: 3, text: '·x' },
  },
});
const drawn = (seq: number): Told => ({
  ...{ type: 'circuit', seq, circuit: circuit([channel('a', 1, 1)], []) },
});

const ask = (what: What | 'format-disk', asks: unknown) => ({
  type: 'ask',
  id: 4,
  seq: 1,
  what,
  asks,
});

describe('messages', () => {
  it('are read when they are well formed', () => {
    expect(readToPanel(subject(1))).toEqual(subject(1));
    expect(readToPanel(drawn(1))).toEqual(drawn(1));
    const undo = ask('undo', {});
    expect(readAsk(undo)).toEqual({ message: undo });
    const done = { type: 'answer', id: 4, what: 'undo', tells: null };
    expect(readToPanel(done)).toEqual(done);
  });

  it.each([
    ['no object', 7],
    ['nothing', null],
    ['an unknown type', { type: 'format-disk' }],
    ['an unknown request', ask('format-disk', {})],
    ['a request without a number', { ...ask('undo', {}), id: -1 }],
  ])('are refused with a reason: %s', (_, data) => {
    expect(readAsk(data)).toEqual({ problem: expect.any(String) as string, ask: null });
    expect(readToPanel(data)).toEqual(expect.any(String));
  });

  it.each<[string, What, unknown]>([
    ['no token', 'card', { node: '0.mlp.post_act.1' }],
    ['no node name', 'card', { node: '](command:x)', token: 1 }],
    ['no nodes', 'ablate', { vertices: [], kind: null, place: 'all' }],
    [
      'a number that is none',
      'ablate',
      {
        vertices: [{ node: '0.attn.q.1', token: 1 }],
        kind: { kind: 'value', value: NaN },
        place: 'all',
      },
    ],
    [
      'a foreign place',
      'isolate',
      { vertices: [{ node: '0.attn.q.1', token: 1 }], kind: { kind: 'mean' }, place: 'moon' },
    ],
    ['a negative token', 'reveal', { token: -4 }],
    // Effects are measured at one token each: another place would be taken and then ignored.
    ['a place for effects', 'measure', { kind: { kind: 'mean' }, place: 'all' }],
  ])(
    'are refused with a reason, and the request is named so that it can be answered: %s',
    (_, what, asks) => {
      expect(readAsk(ask(what, asks))).toEqual({
        problem: expect.stringContaining(what) as string,
        ask: { id: 4, what },
      });
    },
  );

  it('refuses an answer that is of another type than its request', () => {
    const answer = { type: 'answer', id: 4, what: 'card', tells: null };
    expect(readToPanel(answer)).toEqual(expect.any(String));
  });

  it('refuses a circuit whose numbers are not finite', () => {
    const broken = { type: 'circuit', seq: 1, circuit: circuit([channel('a', 1, Infinity)], []) };
    expect(readToPanel(broken)).toMatch(/circuit\.nodes\.0/);
  });
});

describe('remembered state', () => {
  it('falls back to defaults for anything unreadable', () => {
    const defaults = readState(undefined);
    expect(defaults).toMatchObject({ mode: 'next', pinned: null, view: 'graph', selected: [] });
    for (const data of [7, 'x', { mode: 'sideways' }, { top: -1 }])
      expect(readState(data)).toEqual(defaults);
    expect(readState({ mode: 'why', top: 7 })).toEqual({ ...defaults, mode: 'why', top: 7 });
  });
});

describe('what is told', () => {
  it('is dropped when it is about an older subject, or comes before its own', () => {
    const model = emptyModel();
    const told = [
      ...[subject(2), drawn(2), drawn(1), subject(1)],
      ...[drawn(3), subject(3), drawn(2), drawn(3)],
    ];
    expect(told.map((message) => take(model, message))).toEqual([
      ...[true, true, false, false],
      ...[false, true, false, true],
    ]);
  });

  it('is taken at any time when it is about no subject, unless it is known', () => {
    const model = emptyModel();
    expect(take(model, { type: 'pinned', place: null, lost: false })).toBe(true);
    const labels = { type: 'labels', labels: { a: 'x' } } as const;
    expect([take(model, labels), take(model, labels)]).toEqual([true, false]);
  });

  it('keeps progress in sight when another part fails', () => {
    const model = emptyModel();
    take(model, subject(1));
    take(model, { type: 'progress', seq: 1, what: 'x', done: 1, total: 2 });
    take(model, { type: 'problem', seq: 1, part: 'prediction', text: 'no' });
    expect([model.progress?.done, model.problems.prediction]).toEqual([1, 'no']);
    take(model, { type: 'problem', seq: 1, part: 'circuit', text: 'none' });
    expect([model.progress, model.problems.circuit]).toEqual([null, 'none']);
    take(model, drawn(1));
    expect(model.problems.circuit).toBeUndefined();
  });
});

describe('model', () => {
  it('forgets everything of the subject before', () => {
    const model = emptyModel();
    take(model, subject(1));
    take(model, drawn(1));
    take(model, { type: 'progress', seq: 1, what: 'x', done: 1, total: 2 });
    expect(model.circuit).not.toBeNull();
    take(model, subject(2));
    expect([model.circuit, model.progress, model.empty]).toEqual([null, null, null]);
    take(model, drawn(2));
    take(model, { type: 'empty', seq: 3, text: 'none', busy: false, ways: [] });
    expect([model.circuit, model.subject]).toEqual([null, null]);
  });

  it('shows activations under the ablations, and those of the model again without', () => {
    const model = emptyModel();
    take(model, subject(1));
    take(model, drawn(1));
    take(model, { type: 'now', seq: 1, now: { a: 7 } });
    expect(model.circuit!.nodes[0]).toMatchObject({ activation: 2, now: 7 });
    take(model, { type: 'now', seq: 1, now: {} });
    expect(model.circuit!.nodes[0].now).toBe(2);
  });

  it('finds what is done to a node at a token: the last entry that is on, acts here and reaches it', () => {
    const entry = { into: null, label: '', change: '', where: '', on: true, acts: true };
    const all = { ...entry, place: 'all' as const, token: null };
    const entries = [
      { ...all, nodes: ['a', 'b'], kind: { kind: 'mean' } as const },
      { ...entry, nodes: ['a'], kind: { kind: 'zero' } as const, place: 'at' as const, token: 7 },
      { ...all, nodes: ['b'], kind: { kind: 'zero' } as const, on: false },
      { ...all, nodes: ['c'], kind: { kind: 'zero' } as const, acts: false },
      { ...all, nodes: ['a'], into: 'e', kind: { kind: 'scale', scale: 2 } as const },
      { ...entry, nodes: ['d'], kind: null, place: 'from' as const, token: 4 },
    ];
    const changes = changesOf({ name: '', entries, canUndo: false, canRedo: false });
    expect(changes({ node: 'a', token: 7 })).toEqual({ kind: { kind: 'zero' }, place: 'at' });
    expect(changes({ node: 'a', token: 6 })).toEqual({ kind: { kind: 'mean' }, place: 'all' });
    expect(changes({ node: 'b', token: 1 })).toEqual({ kind: { kind: 'mean' }, place: 'all' });
    expect([changes({ node: 'c', token: 1 }), changes({ node: null, token: 1 })]).toEqual([
      null,
      null,
    ]);
    // A weight is not the node that it reads.
    expect(changes({ node: 'a', token: 6, into: 'e' })?.kind).toEqual({ kind: 'scale', scale: 2 });
    expect(changes({ node: 'a', token: 6, into: 'f' })).toBeNull();
    expect([3, 4, 5].map((token) => changes({ node: 'd', token })?.place)).toEqual([
      ...[undefined, 'from', 'from'],
    ]);
  });
});
