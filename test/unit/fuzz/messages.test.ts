/** Whatever arrives at the boundary between the extension and the panel is a message or refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAsk, readState, readToPanel } from '../../../webview/protocol';
import { json, mutations, SEED } from './arbitraries';

const options = { seed: SEED, numRuns: 1000 };

/** Anything that postMessage can carry, and more. */
const anything = fc.anything({
  withDate: true,
  withMap: true,
  withTypedArray: true,
  withBigInt: true,
});

const ask = (what: string, asks: unknown) => ({ type: 'ask', id: 7, seq: 3, what, asks });
const vertex = { node: '0.mlp.post_act.3', token: 2 };

/** Messages of the panel. */
const toHost = [
  { type: 'ready' },
  ask('ablate', { vertices: [vertex], kind: { kind: 'value', value: 1 }, place: 'at' }),
  ask('card', vertex),
  ask('label', { node: '0.mlp.post_act.3', text: 'opens a list' }),
  ask('reveal', { token: 4 }),
  ask('export', { format: 'svg', content: '<svg/>' }),
  ask('match', { layer: 0, head: 1, key: -1 }),
  ask('target', { id: 3, contrast: null }),
];
const toPanel = [
  { type: 'empty', seq: 1, text: 'no Python file is active', busy: false, ways: [] },
  { type: 'now', seq: 1, now: { '0.mlp.post_act.3': 0.5 } },
  { type: 'ablations', ablations: { name: 'x', entries: [], canUndo: false, canRedo: true } },
  { type: 'answer', id: 7, what: 'undo', tells: null },
  { type: 'failed', id: 7, what: 'card', text: 'the model has no such node' },
  { type: 'void', id: 7, what: 'isolate' },
  { type: 'problem', seq: 1, part: 'circuit', text: 'the model was restarted' },
];
/** As the extension reads it: the message, or what is wrong with it. */
const readToHost = (data: unknown) => {
  const read = readAsk(data);
  return 'message' in read ? read.message : read.problem;
};
const state = { mode: 'why', pinned: { uri: 'file:///a.py', token: 3 }, selected: ['0.attn.q.1'] };

/** A message that is refused says why in one line; one that is taken has its type and says it again. */
function expectReadOrRefused(read: (data: unknown) => unknown, data: unknown): void {
  const message = read(data);
  if (typeof message === 'string') {
    expect(message).toMatch(/^[^\r\n]+$/);
    return;
  }
  expect(message).toEqual(expect.objectContaining({ type: expect.any(String) as string }));
  expect(read(message)).toEqual(message);
  expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
}

describe.each([
  ['the panel', readToHost, toHost],
  ['the extension', readToPanel, toPanel],
] as const)('a message from %s', (_, read, messages) => {
  it('is read', () => {
    for (const message of messages) expect(read(message)).toEqual(message);
  });

  it('is refused or read, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(anything, json), (data) => {
        expectReadOrRefused(read, data);
      }),
      options,
    );
  });

  it('is refused or read, with parts replaced, removed or added', () => {
    const changed = fc.constantFrom<unknown>(...messages).chain(mutations);
    fc.assert(
      fc.property(changed, (data) => {
        expectReadOrRefused(read, data);
      }),
      options,
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('what a panel remembers', () => {
  it('is a state, whatever was kept', () => {
    fc.assert(
      fc.property(fc.oneof(anything, json, mutations(state)), (data) => {
        const kept = readState(data);
        expect(readState(kept)).toEqual(kept);
        expect(Object.keys(kept)).toEqual(Object.keys(readState(undefined)));
      }),
      options,
    );
  });
});
