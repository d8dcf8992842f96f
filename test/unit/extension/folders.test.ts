/** Which folder of several a thing belongs to, and which documents are Python to look into. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  documentOf,
  editorOf,
  opened,
  openFolders,
  reset,
  show,
  Uri,
  workspace,
} from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { keptFiles, keptFolder } = await import('../../../extension/kept');
const { fileNames, fileNamesIn, placeOf } = await import('../../../extension/interventions/folder');
const { isSource } = await import('../../../extension/sources');
const { LastEditor } = await import('../../../extension/panel/lastEditor');

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-folders-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
const [a, b] = ['a', 'b'].map((name) => join(dir, name));
for (const folder of [a, b]) {
  mkdirSync(join(folder, '.circuitscope', 'circuits'), { recursive: true });
  writeFileSync(join(folder, '.circuitscope', 'circuits', 'one.json'), '{}');
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'main.py'), 'x = 1\n');
}
writeFileSync(join(b, 'only.py'), 'x = 1\n');
const editor = (path: string, languageId = 'python') =>
  editorOf(documentOf(path.includes(':') ? path : `file://${path}`, 'x = 1\n', languageId));

beforeEach(reset);

describe('with several folders open', () => {
  it.each(['interventions', 'circuits', 'labels', 'notes'] as const)(
    'new %s are kept in that of the document in front',
    (kind) => {
      openFolders(a, b);
      expect(keptFolder(kind)?.fsPath).toBe(join(a, '.circuitscope', kind));
      show(editor(join(b, 'only.py')));
      expect(keptFolder(kind)?.fsPath).toBe(join(b, '.circuitscope', kind));
      // A panel has the keyboard; the text beside it is what people look at.
      show(undefined, editor('git:/x.py') as never, editor(join(b, 'only.py')));
      expect(keptFolder(kind)?.fsPath).toBe(join(b, '.circuitscope', kind));
      openFolders();
      expect(keptFolder(kind)).toBeUndefined();
    },
  );

  it('what is kept is found in all of them', async () => {
    openFolders(a, b);
    expect((await keptFiles('circuits')).map(({ fsPath }) => fsPath)).toEqual(
      [a, b].map((folder) => join(folder, '.circuitscope', 'circuits', 'one.json')),
    );
  });

  it('a saved set names its file so that it is found again, open or not', () => {
    openFolders(a, b);
    const uri = `file://${join(b, 'src', 'main.py')}`;
    const file = fileNames.fileOf(uri);
    expect(file).toBe('b/src/main.py');
    expect(fileNames.uriOf(file)).toBe(uri);
    show(editor(join(b, 'src', 'main.py')));
    expect(fileNames.uriOf(file)).toBe(uri);
    // Saved while another number of folders was open.
    expect(fileNames.uriOf('only.py')).toBe(`file://${join(b, 'only.py')}`);
    show(undefined);
    openFolders(b);
    expect(fileNames.uriOf(file)).toBe(uri);
    expect(fileNames.fileOf(uri)).toBe('src/main.py');
    expect(fileNames.uriOf('gone.py')).toBeNull();
  });

  it('a saved set means the file of its own folder, whatever that is called by now', () => {
    const set = (folder: string) =>
      Uri.file(join(folder, '.circuitscope', 'interventions', 's.json')) as unknown as Parameters<
        typeof fileNamesIn
      >[0];
    const main = (folder: string) => `file://${join(folder, 'src', 'main.py')}`;
    openFolders(a, b);
    // Both folders have such a file.
    for (const folder of [a, b]) {
      expect(fileNamesIn(set(folder)).fileOf(main(folder))).toBe('src/main.py');
      expect(fileNamesIn(set(folder)).uriOf('src/main.py')).toBe(main(folder));
    }
    expect(fileNamesIn(set(a)).fileOf(main(b))).toBe('b/src/main.py');
    expect(fileNamesIn(set(a)).uriOf('b/src/main.py')).toBe(main(b));
    // Also where the other one's is open.
    show(editor(join(a, 'src', 'main.py')));
    expect(fileNamesIn(set(b)).uriOf('src/main.py')).toBe(main(b));
    const renamed = join(dir, 'c');
    cpSync(b, renamed, { recursive: true });
    openFolders(a, renamed);
    expect(fileNamesIn(set(renamed)).uriOf('src/main.py')).toBe(main(renamed));
  });

  it('a document is in its folder by its path below that', () => {
    const uri = `file://${join(b, 'src', 'main.py')}`;
    for (const folders of [[b], [a, b]]) {
      openFolders(...folders);
      expect(placeOf(uri)).toEqual({ folder: `file://${b}`, path: 'src/main.py' });
    }
    openFolders(a);
    expect(placeOf(uri)).toEqual({ folder: null, path: join(b, 'src', 'main.py') });
  });

  it('a cell of a notebook is in the folder of the notebook, and keeps its own name', () => {
    openFolders(a);
    workspace.notebookDocuments = [{ uri: Uri.file(join(a, 'nb.ipynb')) }];
    const uri = `vscode-notebook-cell://${join(a, 'nb.ipynb')}#W1sdn`;
    expect(fileNames.fileOf(uri)).toBe('nb.ipynb#W1sdn');
    expect(placeOf(uri)).toEqual({ folder: `file://${a}`, path: 'nb.ipynb#W1sdn' });
  });
});

describe('Python to look into', () => {
  const shown = (uri: string, languageId?: string) =>
    isSource(editor(uri, languageId).document as never);

  it('is a file that people write, a new one or a cell', () => {
    for (const uri of [
      'file:///a.py',
      'untitled:Untitled-1',
      'vscode-notebook-cell:///a.ipynb#1',
    ]) {
      expect(shown(uri), uri).toBe(true);
    }
    expect(shown('vscode-remote:///a.py')).toBe(false);
    opened.writable = ['vscode-remote'];
    expect(shown('vscode-remote:///a.py')).toBe(true);
  });

  it('is no old side of a diff, no block of a chat, no output, and no other language', () => {
    for (const scheme of [
      'git',
      'gitfs',
      'vscode-chat-code-block',
      'output',
      'circuitscope-page',
    ]) {
      expect(shown(`${scheme}:///a.py`), scheme).toBe(false);
    }
    expect(shown('file:///a.js', 'javascript')).toBe(false);
  });

  it('is what the panel follows, and nothing else', () => {
    const [own, old] = [editor('file:///a.py'), editor('git:///a.py')];
    show(own as never, old);
    const last = new LastEditor();
    last.notice(old as never);
    expect(last.cursor()?.document).toBe(own.document);
    show(old);
    last.look();
    expect(last.cursor()).toBeNull();
  });
});
