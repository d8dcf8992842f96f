/** What people hear of commands that fail, and what commands take for an argument. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, people, reset, seen, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
/** What the commands under test do. */
const does = vi.hoisted(() => ({ run: (): Promise<void> => Promise.resolve() }));
vi.mock('../../../extension/commands/index', () => ({
  commands: [{ id: 'circuitscope.test', run: () => does.run() }],
}));
const { registerCommands } = await import('../../../extension/commands/register');
const { nodeOf, placeIn, targetOf } = await import('../../../extension/commands/command');
const { offerUndo } = await import('../../../extension/commands/offerUndo');
const { Models } = await import('../../../extension/model/models');
const { reportFailures } = await import('../../../extension/model/failures');
const { InterventionStore } = await import('../../../extension/interventions/store');
const { LONGEST } = await import('../../../extension/toast');
const { abortError } = await import('../../../extension/cancel');
const { fakeRuntime } = await import('../panel/fakeModel');
const { snapshotOf } = await import('../../support/snapshots');
const vscode = await import('../../support/fakeEditor');
type Parts = Parameters<typeof registerCommands>[0];

const log = {
  ...{ info: () => undefined, warn: () => undefined, debug: () => undefined },
  ...{ error: () => undefined, show: () => undefined },
};
beforeEach(() => {
  reset();
  does.run = () => Promise.resolve();
});

/** Commands on a model that cannot be opened as long as `broken` says so. */
function registered(broken = { now: true }, logs: (line: string) => void = () => undefined) {
  const open = () =>
    broken.now
      ? Promise.reject(new Error('there is no bundle here'))
      : Promise.resolve(fakeRuntime().runtime);
  const models = new Models(open, log);
  reportFailures(models, log);
  const parts = { models, log: { ...log, info: logs, show: () => void logs('shown') } };
  registerCommands(parts as unknown as Parts);
  const run = () => vscode.commands.executeCommand('circuitscope.test');
  return { models, run };
}
const texts = () => seen.messages.map(({ text }) => text);

describe('an error of a command', () => {
  it('is shown in one line, also when the model has failed before', async () => {
    const { models, run } = registered();
    does.run = () => models.info().then(() => undefined);
    expect(await run()).toBe(false);
    expect(texts()).toEqual([expect.stringMatching(/cannot load its model: there is no bundle/)]);
    // As "Choose Model > Folder…", the way out, may fail.
    does.run = () => Promise.reject(new Error('no bundle.json in this folder'));
    expect(await run()).toBe(false);
    expect(texts()[1]).toBe('Circuitscope: no bundle.json in this folder');
  });

  it('that is the failed model’s says so each time, with the ways out', async () => {
    const { models, run } = registered();
    does.run = () => models.info().then(() => undefined);
    await run();
    await run();
    // Once by the state, once because somebody asked again.
    expect(texts()).toHaveLength(2);
    for (const { actions } of seen.messages) expect(actions[0]).toBe('Choose Model');
  });

  it('is cut to what the editor shows, and whole in the log that a button opens', async () => {
    const logged: string[] = [];
    const { run } = registered({ now: false }, (line) => void logged.push(line));
    const long = `${'this and that went wrong '.repeat(12)}at the end`;
    does.run = () => Promise.reject(new Error(long));
    people.answers = () => 'Details…';
    await run();
    const [{ text, actions }] = seen.messages;
    expect(text).toMatch(/^Circuitscope: (this and that went wrong )+.*…$/);
    expect(text.length).toBeLessThanOrEqual(LONGEST);
    expect(actions).toEqual(['Details…']);
    expect(logged).toContain(`Circuitscope: ${long}`);
    await expect.poll(() => logged.at(-1)).toBe('shown');
    // Without a button the editor shows one line, so only what fits has none.
    does.run = () => Promise.reject(new Error('no Python file is active'));
    await run();
    expect(seen.messages[1].actions).toEqual([]);
    does.run = () =>
      Promise.reject(new Error('no Python file is active; open one and put the cursor on it'));
    await run();
    expect(seen.messages[2].actions).toEqual(['Details…']);
  });

  it('is none when the person cancelled, and is told when the model has changed', async () => {
    const { models, run } = registered({ now: false });
    does.run = () => Promise.reject(abortError());
    expect(await run()).toBe(false);
    expect(texts()).toEqual([]);
    does.run = async () => {
      await models.reset();
      throw abortError();
    };
    await run();
    expect(texts()).toEqual([expect.stringMatching(/model has changed/)]);
  });

  it('is no part of what worked', async () => {
    expect(await registered({ now: false }).run()).toBe(true);
    expect(texts()).toEqual([]);
  });
});

describe('what a link gives a command', () => {
  const models = new Models(() => Promise.resolve(fakeRuntime().runtime), log);

  it('is a node of the model in use, or refused in one line', async () => {
    expect(await nodeOf({ models }, { node: '0.mlp.post_act.3' })).toBe('0.mlp.post_act.3');
    expect(await nodeOf({ models }, { uri: 'file:///a.py' })).toBeUndefined();
    for (const node of ['9.mlp.post_act.3', '0.mlp.post_act.99999', '../../etc/passwd', '']) {
      await expect(nodeOf({ models }, { node })).rejects.toThrow(/^[^\n]+$/);
    }
  });

  it('is a place of a file that is open, and never another one', () => {
    const [a, b] = ['file:///a.py', 'file:///b.py'].map((uri) =>
      editorOf(documentOf(uri, 'x = 1')),
    );
    show(a, b);
    const place = { uri: 'file:///b.py', line: 0, character: 4 };
    expect(targetOf(place)).toMatchObject({ document: b.document, position: { character: 4 } });
    expect(placeIn({ node: '0.mlp.post_act.3' })).toBeUndefined();
    expect(targetOf(undefined).document).toBe(a.document);
    show(a);
    expect(() => targetOf(place)).toThrow(/closed; open it/);
  });
});

describe('Undo in a message', () => {
  const intervention = { nodes: ['a'], positions: 'all' as const, kind: { kind: 'mean' as const } };
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const snapshot = snapshotOf('a');

  it('takes back the change that it speaks of', async () => {
    const store = new InterventionStore(memory, () => undefined);
    store.add(intervention, snapshot);
    store.clear();
    people.answers = () => 'Undo';
    await offerUndo(store, 'Removed 1 ablation.');
    expect(store.count).toBe(1);
  });

  it('leaves what was changed since', async () => {
    const store = new InterventionStore(memory, () => undefined);
    store.clear();
    people.answers = (text) => {
      if (!text.startsWith('Removed')) return undefined;
      store.add(intervention, snapshot);
      return 'Undo';
    };
    await offerUndo(store, 'Removed 1 ablation.');
    expect(store.count).toBe(1);
    expect(texts()[1]).toMatch(/changed since/);
  });
});
