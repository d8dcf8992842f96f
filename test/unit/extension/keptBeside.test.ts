/** What people make is kept in the folder of the document that it is about, whatever is in front by then. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  documentOf,
  editorOf,
  openFolders,
  people,
  reset,
  seen,
  show,
  Uri,
  workspace,
} from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
vi.mock('../../../extension/progress', () => ({
  withProgress: (_: string, work: (...of: unknown[]) => unknown) =>
    work(new AbortController().signal, () => undefined),
}));
vi.mock('../../../extension/circuits/counterpart', () => ({
  findCounterpart: () => Promise.resolve({ text: 'abx', before: 'c', now: 'x', other: 5 }),
}));
const { NodeLabels } = await import('../../../extension/labels/labels');
const { NodeNotes } = await import('../../../extension/notes/store');
const { keptTexts } = await import('../../../extension/keptTexts');
const { keptFolder } = await import('../../../extension/kept');
const { placeOf } = await import('../../../extension/interventions/folder');
const { openCircuitFile } = await import('../../../extension/commands/openCircuitFile');
const { saveSet } = await import('../../../extension/commands/saveSet');
const { findCircuit } = await import('../../../extension/commands/findCircuit');
const { findCircuitForPairs } = await import('../../../extension/commands/findCircuitForPairs');
const { conversation, fakeRuntime, NODE } = await import('../panel/fakeModel');
const { sampleCircuit } = await import('../../support/circuits');

const HASH = 'a'.repeat(64);
let dir: string;
/** Folders of the workspace; a file of the first is in front. */
let a: string, b: string;
beforeEach(() => {
  reset();
  dir = mkdtempSync(join(tmpdir(), 'circuitscope-beside-'));
  [a, b] = ['a', 'b'].map((name) => join(dir, name));
  for (const folder of [a, b]) mkdirSync(folder);
  openFolders(a, b);
  show(editorOf(documentOf(`file://${join(a, 'front.py')}`, 'abcd')));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});
const kept = (folder: string, kind: string) => {
  const path = join(folder, '.circuitscope', kind);
  return existsSync(path) ? readdirSync(path).sort() : [];
};
const fail = (message: string) => expect.unreachable(message);

/** A panel that is about a token of a file in the second folder, while one of the first is in front. */
async function panel() {
  const labels = new NodeLabels(keptTexts('labels'), fail);
  const notes = new NodeNotes({ folders: keptTexts('notes'), placeOf }, fail);
  const talk = conversation(fakeRuntime(HASH), { labels, notes });
  await talk.move('abcd', 1, 1, `file://${join(b, 'main.py')}`);
  return talk;
}
const vertices = [{ node: NODE, token: 1 }];

describe('what is done in a panel about a file of another folder than that in front', () => {
  it('a label', async () => {
    const { ask } = await panel();
    expect(await ask('label', { node: NODE, text: 'mine' })).toMatchObject({ type: 'answer' });
    expect([kept(a, 'labels'), kept(b, 'labels')]).toEqual([[], [expect.stringMatching(/^fake-/)]]);
  });

  it.each([
    ['group', { vertices, name: 'one' }],
    ['mark', { vertices, note: 'why?' }],
  ] as const)('a %s', async (what, asks) => {
    const { ask } = await panel();
    expect(await ask(what, asks)).toMatchObject({ type: 'answer' });
    expect([kept(a, 'notes'), kept(b, 'notes')]).toEqual([[], [expect.stringMatching(/^main/)]]);
  });

  it('a group of a circuit that is drawn on it', async () => {
    const { ask, session } = await panel();
    session.draw({
      ...{ name: 'drawn', model: HASH, description: '', ablation: 'mean', core: [NODE] },
      ...{ backups: [], edgeCount: 0, edges: [], facts: [], prompts: [] },
    });
    await session.update();
    await ask('group', { vertices, name: 'one' });
    expect([kept(a, 'notes'), kept(b, 'notes')]).toEqual([[], [expect.stringMatching(/^drawn/)]]);
  });
});

describe('a set of ablations', () => {
  const save = async (positions: 'all' | { at: number }) => {
    const { parts, session } = await panel();
    const { snapshot } = session.current!.question;
    parts.store.add({ nodes: [NODE], positions, kind: { kind: 'mean' } }, snapshot);
    people.types = () => 'mine';
    await saveSet.run(parts as unknown as Parameters<typeof saveSet.run>[0], undefined);
    return [kept(a, 'interventions'), kept(b, 'interventions')];
  };

  it('is saved beside the document that its tokens are of, and names it as its own', async () => {
    expect(await save({ at: 1 })).toEqual([[], ['mine.json']]);
    const text = readFileSync(join(b, '.circuitscope', 'interventions', 'mine.json'), 'utf8');
    expect(text).toMatch(/"file": ?"main\.py"/);
  });

  it('that is about no document in particular is saved beside that in front', async () => {
    expect(await save('all')).toEqual([['mine.json'], []]);
  });
});

describe('a circuit that was found', () => {
  /** Finds one by a command, while a person goes to a file of the first folder. */
  async function find(command: typeof findCircuit, argument?: unknown) {
    const { parts } = await panel();
    const front = editorOf(documentOf(`file://${join(a, 'front.py')}`, 'abcd'));
    const circuit = sampleCircuit({ bundle: { name: 'fake', hash: HASH } });
    const own = {
      ...parts,
      models: {
        info: () => parts.models.info(),
        use: parts.models.use.bind(parts.models),
        useModel: () => Promise.resolve(),
      },
      circuits: {
        ...{ bundleDir: () => dir, add: () => undefined, show: () => undefined },
        withProofs: <T>(one: T) => one,
      },
      circuitJobs: {
        run: () => {
          show(front);
          return Promise.resolve(circuit);
        },
      },
      activationMap: { showCircuit: () => undefined },
      panel: { showCircuit: () => undefined },
    };
    await command.run(own as unknown as Parameters<typeof command.run>[0], argument);
    return [kept(a, 'circuits'), kept(b, 'circuits')].map((files) =>
      files.map((file) => file.replace(/^.*\./, '')),
    );
  }

  it('is kept beside the prompt’s document, as a link names it', async () => {
    const uri = `file://${join(b, 'main.py')}`;
    show(editorOf(documentOf(`file://${join(a, 'front.py')}`, 'abcd')), editorOf(documentOf(uri, 'abcd'))); // prettier-ignore
    people.chooses = ([first]) => first;
    expect(await find(findCircuit, { uri, line: 0, character: 2 })).toEqual([
      ...[[], ['json', 'jsonl']],
    ]);
  });

  it('is kept beside the file of its pairs', async () => {
    show(editorOf(documentOf(`file://${join(b, 'pairs.jsonl')}`, '{}', 'json')));
    expect(await find(findCircuitForPairs)).toEqual([[], ['json', 'jsonl']]);
  });
});

it('a circuit to open is looked for in the folder of the document in front', async () => {
  show(editorOf(documentOf(`file://${join(b, 'main.py')}`, 'abcd')));
  await openCircuitFile.run({} as Parameters<typeof openCircuitFile.run>[0], undefined);
  expect(seen.openDialogs.map(({ defaultUri }) => defaultUri?.fsPath)).toEqual([b]);
});

it('a cell in front is in the folder of its notebook', () => {
  workspace.notebookDocuments = [{ uri: Uri.file(join(b, 'nb.ipynb')) }];
  show(editorOf(documentOf(`vscode-notebook-cell://${join(b, 'nb.ipynb')}#W1sdn`, 'abcd')));
  expect(keptFolder('labels')?.fsPath).toBe(join(b, '.circuitscope', 'labels'));
});
