/** The side bar's boxes, the model's state among those of the language, and hovers switched by a command. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EventEmitter, languages, reset, seen, window } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { Emitter } = await import('../../../extension/emitter');
const { settings } = await import('../../../extension/settings');
const { AblationStatus, ModelStatus } = await import('../../../extension/status');
const { AblationsTree } = await import('../../../extension/views/ablations');
const { toggleHover, toggleHoverDetail } = await import('../../../extension/commands/toggleHover');
const { conversation, NODE } = await import('../panel/fakeModel');

beforeEach(() => {
  reset();
  vi.restoreAllMocks();
});

describe('the tree of ablations', () => {
  it('has a box a row, which switches it alone', async () => {
    const { parts, move, session } = conversation();
    await move('abcd', 1);
    const { store, models } = parts;
    const { snapshot } = session.current!.question;
    for (const node of [NODE, '0.mlp.post_act.5']) {
      store.add({ nodes: [node], positions: { at: 1 }, kind: { kind: 'zero' } }, snapshot);
    }
    const boxes = new EventEmitter<{ items: unknown[] }>();
    const dispose = () => undefined;
    vi.spyOn(window, 'createTreeView').mockReturnValue({
      ...{ onDidChangeCheckboxState: boxes.event, dispose },
    });
    const tree = new AblationsTree(store, models, parts);
    const rows = await tree.getChildren();
    const checked = () =>
      Promise.all(rows.map(async (row) => (await tree.getTreeItem(row)).checkboxState));
    expect(await checked()).toEqual([1, 1]);
    boxes.fire({ items: [[rows[1], 0]] });
    expect(store.state.entries.map(({ on }) => on)).toEqual([true, false]);
    expect(await checked()).toEqual([1, 0]);
    // What can be done at a row hangs on its kind.
    expect((await tree.getTreeItem(rows[0])).contextValue).toBe('anchored');
    store.undo();
    expect(await checked()).toEqual([1, 1]);
    tree.dispose();
  });
});

describe('the status bar', () => {
  it('says of the model what it does, in one item of the language', () => {
    vi.useFakeTimers();
    const item = {
      name: '',
      text: '',
      detail: '',
      severity: -1,
      busy: false,
      dispose: () => undefined,
    };
    const made = vi.spyOn(languages, 'createLanguageStatusItem').mockReturnValue(item);
    const changed = new Emitter();
    const models = { changed, state: { kind: 'idle' } as object, working: false };
    const status = new ModelStatus(models as never);
    const become = (state: object, working = false) => {
      Object.assign(models, { state, working });
      changed.fire();
      vi.runAllTimers();
      return [item.text, item.busy, item.severity];
    };
    expect(item.text).toBe('Circuitscope: no model loaded');
    expect(become({ kind: 'loading' })).toEqual(['Circuitscope: loading the model', true, 0]);
    const ready = { kind: 'ready', info: { name: 'tiny' } };
    expect(become(ready, true)).toEqual(['Circuitscope: tiny', true, 0]);
    expect(become(ready)).toEqual(['Circuitscope: tiny', false, 0]);
    expect(become({ kind: 'failed', message: 'no bundle' })[2]).toBe(2);
    expect(item.detail).toBe('no bundle');
    expect(made).toHaveBeenCalledOnce();
    status.dispose();
    vi.useRealTimers();
  });

  it('has one item for ablations, in the colors of the editor', () => {
    const { parts } = conversation();
    const status = new AblationStatus(parts.store, parts.models);
    expect(seen.statusBar).toHaveLength(1);
    expect(Object.keys(seen.statusBar[0]).filter((key) => /color/i.test(key))).toEqual([]);
    expect(seen.statusBar[0]).toMatchObject({ command: 'circuitscope.ablations.focus' });
    status.dispose();
  });
});

it('hovers are switched off and on by a command, and between little and everything', async () => {
  const now = { hover: true, detail: 'compact' as 'compact' | 'full' };
  vi.spyOn(settings, 'hover').mockImplementation(() => now.hover);
  vi.spyOn(settings, 'hoverDetail').mockImplementation(() => now.detail);
  vi.spyOn(settings, 'setHover').mockImplementation((on) => Promise.resolve(void (now.hover = on)));
  vi.spyOn(settings, 'setHoverDetail').mockImplementation((to) =>
    Promise.resolve(void (now.detail = to)),
  );
  const said: string[] = [];
  Object.assign(window, { setStatusBarMessage: (text: string) => said.push(text) });
  for (const { run } of [toggleHover, toggleHover, toggleHoverDetail]) {
    await run({} as Parameters<typeof run>[0], undefined);
    said.push(`${now.hover} ${now.detail}`);
  }
  expect(said.filter((text) => !text.startsWith('Circuitscope'))).toEqual([
    ...['false compact', 'true compact', 'true full'],
  ]);
  expect(said[0]).toBe('Circuitscope: hovers are off');
});
