/** Which editors are painted, with editors and a model that are stood in for. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

type Edited = (event: { readonly document: unknown }) => void;
const host = vi.hoisted(() => ({
  visible: [] as unknown[],
  seen: (() => undefined) as () => void,
  edited: (() => undefined) as Edited,
}));
vi.mock('vscode', () => {
  const listener = { dispose: () => undefined };
  return {
    window: {
      get visibleTextEditors() {
        return host.visible;
      },
      onDidChangeVisibleTextEditors: (seen: typeof host.seen) => {
        host.seen = seen;
        return listener;
      },
      onDidChangeTextEditorVisibleRanges: () => listener,
    },
    workspace: {
      onDidChangeTextDocument: (edited: Edited) => {
        host.edited = edited;
        return listener;
      },
      // Read-only, and not known, as the editor says it.
      fs: { isWritableFileSystem: (scheme: string) => ({ file: true, git: false })[scheme] },
    },
  };
});
const { Painter } = await import('../../../extension/decorations/painter');
const { SourceText } = await import('../../../extension/text/sourceText');

const text = 'x = 1\n';
const [starts, ends] = [
  [0, 1, 3, 5],
  [1, 3, 5, 6],
];
const snapshot = { source: new SourceText(text), encoding: { starts, ends } };
const documentOf = (scheme: string) => ({ languageId: 'python', uri: { scheme } });
const editorOf = (document: object) => {
  const place = { line: 0, character: 0 };
  return { document, visibleRanges: [{ start: place, end: place }], selection: { active: place } };
};
const event = { on: () => ({ dispose: () => undefined }) };
let painted: unknown[];
let cleared: unknown[];
let painter: InstanceType<typeof Painter>;

/** Everything that the pause before painting lets happen. */
async function later(): Promise<unknown[]> {
  painted = [];
  await vi.advanceTimersByTimeAsync(1000);
  return painted;
}

beforeEach(() => {
  vi.useFakeTimers();
  [host.visible, painted, cleared] = [[], [], []];
  const layer = {
    active: true,
    paint: (editor: unknown) => Promise.resolve(painted.push(editor)),
    clear: (editor: unknown) => cleared.push(editor),
  };
  const services = {
    documents: { snapshot: () => Promise.resolve(snapshot) },
    store: { changed: event },
  };
  const models = { state: { kind: 'ready' }, replaced: event, changed: event };
  const log = { warn: (line: string) => expect.unreachable(line) };
  const given = [services, models, [layer], log] as unknown as ConstructorParameters<
    typeof Painter
  >;
  painter = new Painter(...given);
});
afterEach(() => {
  painter.dispose();
  vi.useRealTimers();
});

it('both of two groups that show one file are painted, at first and after an edit in one', async () => {
  const document = documentOf('file');
  host.visible = [editorOf(document), editorOf(document)];
  expect(await later()).toEqual(host.visible);
  host.edited({ document });
  expect(await later()).toEqual(host.visible);
});

it('the old side of a diff, and other text that nobody writes, is not', async () => {
  const schemes = ['file', 'git', 'untitled', 'vscode-notebook-cell', 'vscode-chat-code-block'];
  const editors = schemes.map((scheme) => editorOf(documentOf(scheme)));
  host.visible = editors;
  expect(await later()).toEqual([editors[0], editors[2], editors[3]]);
});

it('cells of a long notebook are painted as they come into sight, and again when they come back', async () => {
  const cells = Array.from({ length: 50 }, () => documentOf('vscode-notebook-cell'));
  for (const first of [0, 20, 40, 0]) {
    // An editor that was scrolled away is another one when it comes back.
    host.visible = cells.slice(first, first + 10).map(editorOf);
    host.seen();
    expect(await later(), `from cell ${first}`).toEqual(host.visible);
  }
});

it('what is no longer Python loses its colors', async () => {
  const document = documentOf('file');
  const editor = editorOf(document);
  host.visible = [editor];
  await later();
  document.languageId = 'plaintext';
  host.seen();
  expect(await later()).toEqual([]);
  expect(cleared).toEqual([editor]);
});
