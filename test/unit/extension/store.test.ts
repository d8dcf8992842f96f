import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../../models/runtime/interventions';
import { InterventionStore, type Memory } from '../../../extension/interventions/store';

const everywhere: Intervention = {
  nodes: ['0.mlp.post_act.3'],
  positions: 'all',
  kind: { kind: 'mean' },
};
const here: Intervention = { ...everywhere, positions: { at: 7 }, kind: { kind: 'zero' } };

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
    store.add(everywhere, null);
    store.add(here, 'a.py');
    expect(store.active('a.py')).toEqual([everywhere, here]);
    expect(store.active('b.py')).toEqual([everywhere]);
    store.switch([false, true]);
    expect(store.active('a.py')).toEqual([here]);
    expect(store.count).toBe(1);
  });

  it('replaces what the same node has at the same positions', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(everywhere, null);
    const stronger: Intervention = { ...everywhere, kind: { kind: 'scale', scale: 2 } };
    store.add(stronger, null);
    expect(store.active('a.py')).toEqual([stronger]);
  });

  it('undoes and redoes, and tells its listeners', () => {
    const store = new InterventionStore(memory(), fail);
    let heard = 0;
    store.changed.on(() => heard++);
    store.add(everywhere, null);
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
    store.add(everywhere, null);
    store.add(here, 'a.py');
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

  it('moves token positions along with an edit of their document', () => {
    const store = new InterventionStore(memory(), fail);
    store.add(here, 'a.py');
    store.add(here, 'b.py');
    store.add({ ...here, positions: { from: 2 } }, 'a.py');
    store.follow('a.py', (token) => (token === 7 ? 9 : undefined));
    expect(store.state.entries.map(({ intervention }) => intervention.positions)).toEqual([
      { at: 9 },
      { at: 7 },
    ]);
  });
});
