import { describe, expect, it } from 'vitest';
import { changesOf, emptyModel, take } from '../../../webview/model';
import { Newest } from '../../../webview/newest';
import { readState, readToHost, readToPanel, type ToPanel } from '../../../webview/protocol';
import { channel, circuit } from './graphs';

const subject = (seq: number): ToPanel => ({
  type: 'subject',
  seq,
  subject: {
    ...{ mode: 'next', file: 'a.py', model: 'tiny', target: { text: ')', observed: true } },
    cursor: { token: 3, text: '·x', line: 0, column: 2 },
    reader: { token: 3, text: '·x' },
  },
});
const drawn = (seq: number): ToPanel => ({
  ...{ type: 'circuit', seq, circuit: circuit([channel('a', 1, 1)], []) },
});

describe('messages', () => {
  it('are read when they are well formed', () => {
    expect(readToPanel(subject(1))).toEqual(subject(1));
    expect(readToPanel(drawn(1))).toEqual(drawn(1));
    expect(readToHost({ type: 'undo' })).toEqual({ type: 'undo' });
  });

  it.each([
    ['no object', 7],
    ['nothing', null],
    ['an unknown type', { type: 'format-disk' }],
    ['a missing number', { type: 'card', node: '0.mlp.post_act.1' }],
    ['no nodes', { type: 'ablate', seq: 1, vertices: [], kind: null, place: 'all' }],
    [
      'a number that is none',
      {
        type: 'ablate',
        seq: 1,
        vertices: [{ node: 'a', token: 1 }],
        kind: { kind: 'value', value: NaN },
        place: 'all',
      },
    ],
    [
      'a foreign place',
      {
        type: 'isolate',
        seq: 1,
        vertices: [{ node: 'a', token: 1 }],
        kind: { kind: 'mean' },
        place: 'moon',
      },
    ],
    ['a negative token', { type: 'reveal', seq: 1, token: -4 }],
  ])('are refused with a reason: %s', (_, data) => {
    expect(readToHost(data)).toEqual(expect.any(String));
    expect(readToPanel(data)).toEqual(expect.any(String));
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

describe('Newest', () => {
  it('drops what is about an older subject, and what comes before its own', () => {
    const newest = new Newest();
    const taken = [
      subject(2),
      drawn(2),
      drawn(1),
      subject(1),
      drawn(3),
      subject(3),
      drawn(2),
      drawn(3),
    ];
    expect(taken.map((message) => newest.takes(message))).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('takes what is about no subject at any time', () => {
    expect(new Newest().takes({ type: 'pinned', place: null })).toBe(true);
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
    take(model, { type: 'empty', seq: 3, text: 'none', busy: false });
    expect([model.circuit, model.subject]).toEqual([null, null]);
  });

  it('shows activations under the ablations, and those of the model again without', () => {
    const model = emptyModel();
    take(model, drawn(1));
    take(model, { type: 'now', seq: 1, now: { a: 7 } });
    expect(model.circuit!.nodes[0]).toMatchObject({ activation: 2, now: 7 });
    take(model, { type: 'now', seq: 1, now: {} });
    expect(model.circuit!.nodes[0].now).toBe(2);
  });

  it('finds what is done to a node at a token: the last entry that is on, acts here and reaches it', () => {
    const entry = { label: '', change: '', where: '', on: true, acts: true };
    const all = { ...entry, place: 'all' as const, token: null };
    const entries = [
      { ...all, nodes: ['a', 'b'], kind: { kind: 'mean' } as const },
      { ...entry, nodes: ['a'], kind: { kind: 'zero' } as const, place: 'at' as const, token: 7 },
      { ...all, nodes: ['b'], kind: { kind: 'zero' } as const, on: false },
      { ...all, nodes: ['c'], kind: { kind: 'zero' } as const, acts: false },
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
    expect([3, 4, 5].map((token) => changes({ node: 'd', token })?.place)).toEqual([
      ...[undefined, 'from', 'from'],
    ]);
  });
});
