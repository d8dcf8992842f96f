import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../../models/inference/interventions';
import { InterventionStore, type Memory } from '../../../extension/interventions/store';
import { anchorAt, follow } from '../../../extension/trace/anchor';
import type { Snapshot } from '../../../extension/trace/documents';
import { snapshotOf } from '../../support/snapshots';

const everywhere: Intervention = {
  nodes: ['0.mlp.post_act.3'],
  positions: 'all',
  kind: { kind: 'mean' },
};
const here: Intervention = { ...everywhere, positions: { at: 7 }, kind: { kind: 'zero' } };
const TEXT = 'a = b + c\nprint(a, b, c)\n';
const a = snapshotOf(TEXT);
const b = snapshotOf(TEXT, { uri: 'file:///b.py' });
/** What an edit does to the store. */
const edit = (store: InterventionStore, before: Snapshot, text: string): Snapshot => {
  const after = snapshotOf(text, { uri: before.uri, version: before.version + 1 });
  store.follow((anchor) => follow(anchor, before.source.text, after));
  return after;
};

function memory(content: Record<string, unknown> = {}): Memory & { content: typeof content } {
  return {
    content,
    get: (key) => content[key],
    update: (key, value) => {
      // As the editor keeps it.
      content[key] = JSON.parse(JSON.stringify(value));
      return Promise.resolve();
    },
  };
}
const fail = (message: string) => {
  throw new Error(message);
};

describe('InterventionStore', () => {
  it('gives a document what is on for it', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(everywhere, a);
    store.add(here, a);
    expect(store.active(a)).toEqual([everywhere, here]);
    expect(store.active(b)).toEqual([everywhere]);
    store.switch([false, true]);
    expect(store.active(a)).toEqual([here]);
    expect(store.count).toBe(1);
  });

  it('replaces what the same node has at the same positions', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(everywhere, a);
    const stronger: Intervention = { ...everywhere, kind: { kind: 'scale', scale: 2 } };
    store.add(stronger, a);
    expect(store.active(a)).toEqual([stronger]);
  });

  it('keeps a weight beside its node, over a reload too', () => {
    const kept = memory();
    const weight: Intervention = { ...everywhere, into: '0.mlp.resid_delta.2' };
    const store = new InterventionStore(kept, fail);
    for (const one of [everywhere, weight, weight]) store.add(one, a);
    expect(store.active(a)).toEqual([everywhere, weight]);
    expect(new InterventionStore(kept, fail).active(a)).toEqual([everywhere, weight]);
  });

  it('undoes and redoes, and tells its listeners', () => {
    const store = new InterventionStore(memory(), fail);
    let heard = 0;
    store.changed.on(() => heard++);
    store.add(everywhere, a);
    store.clear();
    expect(store.undo()).toBe(true);
    expect(store.count).toBe(1);
    expect(store.redo()).toBe(true);
    expect(store.count).toBe(0);
    expect(store.redo()).toBe(false);
    store.undo();
    store.remove(0);
    expect(store.redo()).toBe(false);
    expect(heard).toBe(6);
  });

  it('outlives the window', () => {
    const kept = memory();
    const store = new InterventionStore(kept, fail);
    store.add(everywhere, a);
    store.add(here, a);
    store.switch([false]);
    expect(new InterventionStore(kept, fail).state).toEqual(store.state);
  });

  it('starts empty and says so when what it kept cannot be read', () => {
    const lost: string[] = [];
    const broken = {
      interventions: { name: 'x', entries: [{ intervention: {}, on: true, uri: null }] },
    };
    const store = new InterventionStore(memory(broken), (message) => lost.push(message));
    expect(store.state.entries).toEqual([]);
    expect(lost).toHaveLength(1);
  });

  it('moves what is bound to a token along with an edit of its document, and of no other', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(here, a);
    store.add(here, b);
    store.add({ ...here, positions: { from: 2 } }, a);
    const after = edit(store, a, `# first\n${TEXT}`);
    expect(store.active(after).map(({ positions }) => positions)).toEqual([
      { at: 11 },
      { from: 6 },
    ]);
    expect(store.active(b)).toEqual([here]);
  });

  it('undoes and redoes what was done before an edit at the tokens where it now is', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(here, a);
    store.clear();
    const after = edit(store, a, `# first\n${TEXT}`);
    store.undo();
    expect(store.active(after)).toEqual([{ ...here, positions: { at: 11 } }]);
    store.undo();
    const last = edit(store, after, TEXT);
    store.redo();
    expect(store.active(last)).toEqual([here]);
  });

  it('keeps what lost its token, out of force, until the token is back or another is given', () => {
    const store = new InterventionStore(memory(), fail);
    store.add({ ...here, positions: { at: 4 } }, a);
    const other = edit(store, a, TEXT.replace('= b', '= xyz'));
    expect(store.active(other)).toEqual([]);
    expect(store.state.entries).toMatchObject([
      { on: true, where: { at: { lost: true, text: 'b' } } },
    ]);
    store.place(0, anchorAt(other, 4));
    expect(store.active(other)).toEqual([{ ...here, positions: { at: 4 } }]);
    store.undo();
    const back = edit(store, other, TEXT);
    expect(store.active(back)).toEqual([{ ...here, positions: { at: 4 } }]);
  });

  it('lets nothing act on another model, though it has nodes of the same names', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(everywhere, a);
    store.add(here, a);
    const model = snapshotOf(TEXT, { hash: 'b' });
    expect(store.active(model)).toEqual([]);
    store.add(everywhere, model);
    expect(store.active(model)).toEqual([everywhere]);
    expect(store.active(a)).toEqual([everywhere, here]);
  });

  it('counts changes that people made, and not what an edit moved', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(here, a);
    const { revision } = store;
    edit(store, a, `# first\n${TEXT}`);
    expect(store.revision).toBe(revision);
    store.undo();
    expect(store.revision).toBeGreaterThan(revision);
  });
});
