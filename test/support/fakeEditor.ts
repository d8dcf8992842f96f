/**
 * The editor's API, as far as tests of the extension without an editor need it: a test file says
 * `vi.mock('vscode', () => import('../../support/fakeEditor'))`. What people see is kept in `seen`; what they
 * answer, and what is open, the test says in `people` and `opened`. Files are those of the machine.
 */
import { posix } from 'node:path';
import {
  Disposable,
  EventEmitter,
  type MarkdownString,
  Position,
  Range,
  Uri,
  ViewColumn,
} from './editorValues';
import { filesOf } from './fakeFiles';
import { QuickPick, WebviewPanel } from './fakeWidgets';

export * from './editorValues';
export { QuickPick, WebviewPanel };

/** Something that is shown, and what can be chosen of it. */
interface Message {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
  readonly actions: readonly string[];
}

/** What people saw since `reset`. */
export const seen = {
  messages: [] as Message[],
  picks: [] as QuickPick[],
  /** Items and options of lists that were shown whole. */
  lists: [] as { readonly items: unknown[]; readonly options: { readonly title?: string } }[],
  /** Uris of the documents that were put in front. */
  documents: [] as string[],
  saveDialogs: [] as { readonly defaultUri?: Uri }[],
  openDialogs: [] as { readonly defaultUri?: Uri }[],
  panels: [] as WebviewPanel[],
  statusBar: [] as { readonly text: string; readonly tooltip: string }[],
  clipboard: '',
  commands: [] as unknown[][],
  log: [] as string[],
};

/** What people do; each test says what it needs. */
export const people: {
  /** The action of a message that they choose. */
  answers: (text: string) => string | undefined;
  chooses: (items: readonly { readonly label: string }[]) => unknown;
  savesAs: () => Uri | undefined;
  /** What they type into a box. */
  types: () => string | undefined;
} = {
  ...{ answers: () => undefined, chooses: () => undefined },
  ...{ savesAs: () => undefined, types: () => undefined },
};

/** What is open, and the settings that are not the default. */
export const opened = {
  settings: {} as Record<string, unknown>,
  /** Schemes with a file system that can be written to. */
  writable: ['file'],
};

/** A window in which nothing is open and nothing was seen. */
export function reset(): void {
  Object.assign(seen, { messages: [], picks: [], lists: [], saveDialogs: [], panels: [] });
  Object.assign(seen, { openDialogs: [], documents: [], log: [] });
  Object.assign(seen, { statusBar: [], clipboard: '', commands: [] });
  Object.assign(people, {
    answers: () => undefined,
    chooses: () => undefined,
    savesAs: () => undefined,
    types: () => undefined,
  });
  Object.assign(opened, { settings: {}, writable: ['file'] });
  Object.assign(window, { activeTextEditor: undefined, visibleTextEditors: [] });
  window.tabGroups.all = [];
  Object.assign(workspace, {
    workspaceFolders: undefined,
    textDocuments: [],
    isTrusted: true,
    notebookDocuments: [],
  });
}

/** A document with a text that tests change as people do. */
export function documentOf(uri: string, text: string, languageId = 'python') {
  return { uri: Uri.parse(uri), languageId, version: 1, getText: () => text };
}
type Document = ReturnType<typeof documentOf>;

/** An editor that shows a document, the cursor in a line, all of it in sight. */
export function editorOf(document: Document, line = 0, character = 0) {
  return {
    document,
    viewColumn: ViewColumn.One,
    selection: { active: new Position(line, character), isEmpty: true },
    visibleRanges: [new Range(0, 0, document.getText().split('\n').length, 0)],
    /** What was last set of each type, and how often something was set. */
    painted: new Map<unknown, unknown[]>(),
    calls: 0,
    setDecorations(type: unknown, ranges: unknown[]) {
      this.calls++;
      this.painted.set(type, ranges);
    },
  };
}
type Editor = ReturnType<typeof editorOf>;

/** Whoever says something of a place in a document. */
interface HoverProvider {
  provideHover(
    document: Document,
    position: Position,
    cancel: { readonly isCancellationRequested: boolean },
  ): Promise<Hover | undefined>;
}
export const hoverProviders = new Set<HoverProvider>();

/** What stands in a hover. */
export class Hover {
  constructor(
    readonly contents: MarkdownString,
    readonly range?: Range,
  ) {}
}

/** Whoever writes documents of a scheme. */
interface PageProvider {
  provideTextDocumentContent(uri: Uri): string;
}
export const pageProviders = new Map<string, PageProvider>();

const activated = new EventEmitter<Editor | undefined>();
const madeVisible = new EventEmitter<Editor[]>();
const scrolled = new EventEmitter<unknown>();
const selected = new EventEmitter<unknown>();
const changed = new EventEmitter<unknown>();
const closed = new EventEmitter<unknown>();
const renamed = new EventEmitter<unknown>();

function message(kind: Message['kind']) {
  return (text: string, ...all: (string | object)[]): Promise<string | undefined> => {
    const actions = all.filter((one) => typeof one === 'string');
    seen.messages.push({ kind, text, actions });
    return Promise.resolve(people.answers(text));
  };
}

export const window = {
  activeTextEditor: undefined as Editor | undefined,
  activeNotebookEditor: undefined,
  visibleTextEditors: [] as Editor[],
  tabGroups: {
    all: [] as {
      tabs: { input: unknown }[];
      viewColumn: number;
      activeTab?: { input: unknown };
    }[],
  },
  onDidChangeActiveTextEditor: activated.event,
  onDidChangeVisibleTextEditors: madeVisible.event,
  onDidChangeTextEditorVisibleRanges: scrolled.event,
  onDidChangeTextEditorSelection: selected.event,
  showInformationMessage: message('information'),
  showWarningMessage: message('warning'),
  showErrorMessage: message('error'),
  setStatusBarMessage: () => new Disposable(() => undefined),
  showQuickPick: async (items: unknown, options: { readonly title?: string }) => {
    const all = (await items) as { readonly label: string }[];
    seen.lists.push({ items: all, options });
    return people.chooses(all);
  },
  /** Nobody opens anything. */
  showOpenDialog: (options: { readonly defaultUri?: Uri }) => {
    seen.openDialogs.push(options);
    return Promise.resolve(undefined);
  },
  showInputBox: () => Promise.resolve(people.types()),
  createQuickPick: () => {
    const pick = new QuickPick();
    seen.picks.push(pick);
    return pick;
  },
  showSaveDialog: (options: { readonly defaultUri?: Uri }) => {
    seen.saveDialogs.push(options);
    return Promise.resolve(people.savesAs());
  },
  withProgress: <T>(_: unknown, run: (progress: object, cancel: object) => Promise<T>) =>
    run({ report: () => undefined }, { onCancellationRequested: () => undefined }),
  createTextEditorDecorationType: (options: object) => ({ options, dispose: () => undefined }),
  createStatusBarItem: () => {
    const item = {
      ...{ name: '', text: '', tooltip: '', command: '' },
      show: () => undefined,
      hide: () => undefined,
      dispose: () => undefined,
    };
    seen.statusBar.push(item);
    return item;
  },
  createOutputChannel: () => {
    const quiet = () => undefined;
    const write = (line: string) => void seen.log.push(line);
    return { info: write, warn: write, error: write, debug: quiet, show: quiet, dispose: quiet };
  },
  registerTreeDataProvider: () => new Disposable(() => undefined),
  createTreeView: () => ({
    onDidChangeCheckboxState: new EventEmitter<unknown>().event,
    dispose: () => undefined,
  }),
  registerWebviewPanelSerializer: () => new Disposable(() => undefined),
  showTextDocument: (shown: Uri | Document, where: { viewColumn?: number } = {}) => {
    const document = 'uri' in shown ? shown : documentOf(shown.toString(), '');
    seen.documents.push(document.uri.toString());
    const known = window.visibleTextEditors.find((one) => one.document.uri === document.uri);
    const editor = known ?? editorOf(document);
    if (where.viewColumn !== undefined) editor.viewColumn = where.viewColumn;
    show(editor, ...window.visibleTextEditors.filter((one) => one !== editor));
    return Promise.resolve(editor);
  },
  createWebviewPanel: (viewType: string, title: string, where: { viewColumn: number }) => {
    const panel = new WebviewPanel(viewType, title, where.viewColumn);
    seen.panels.push(panel);
    return panel;
  },
};

/** A folder that is open. */
interface Folder {
  readonly uri: Uri;
  readonly name: string;
  readonly index: number;
}

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined as Folder[] | undefined,
  textDocuments: [] as Document[],
  notebookDocuments: [] as { readonly uri: Uri }[],
  fs: filesOf((scheme) => opened.writable.includes(scheme)),
  onDidChangeTextDocument: changed.event,
  onDidRenameFiles: renamed.event,
  onDidGrantWorkspaceTrust: new EventEmitter<unknown>().event,
  onDidChangeConfiguration: new EventEmitter<unknown>().event,
  onDidChangeWorkspaceFolders: new EventEmitter<unknown>().event,
  createFileSystemWatcher: () => {
    const { event } = new EventEmitter<unknown>();
    const watched = { onDidChange: event, onDidCreate: event, onDidDelete: event };
    return { ...watched, dispose: () => undefined };
  },
  onDidCloseTextDocument: closed.event,
  getWorkspaceFolder: (uri: Uri) =>
    workspace.workspaceFolders?.find(
      (folder) => uri.scheme === folder.uri.scheme && uri.path.startsWith(`${folder.uri.path}/`),
    ),
  /** As the editor does it: with the folder's name before where several are open. */
  asRelativePath: (uri: Uri, named?: boolean): string => {
    const folder = workspace.getWorkspaceFolder(uri);
    if (!folder) return uri.path;
    const path = uri.path.slice(folder.uri.path.length + 1);
    return (named ?? workspace.workspaceFolders!.length > 1) ? `${folder.name}/${path}` : path;
  },
  registerTextDocumentContentProvider: (scheme: string, provider: PageProvider) => {
    pageProviders.set(scheme, provider);
    return new Disposable(() => pageProviders.delete(scheme));
  },
  getConfiguration: () => ({
    get: (key: string) => opened.settings[key],
    inspect: () => undefined,
    update: (key: string, value: unknown) => Promise.resolve(void (opened.settings[key] = value)),
  }),
};

/** Opens folders, the first one first. */
export function openFolders(...paths: string[]): void {
  workspace.workspaceFolders = paths.map((path, index) => ({
    ...{ uri: Uri.file(path), name: posix.basename(path), index },
  }));
}

/** Puts an editor in front, beside others. */
export function show(active: Editor | undefined, ...others: Editor[]): void {
  window.activeTextEditor = active;
  window.visibleTextEditors = [...(active ? [active] : []), ...others];
  workspace.textDocuments = window.visibleTextEditors.map(({ document }) => document);
  activated.fire(active);
  madeVisible.fire(window.visibleTextEditors);
}

/** Types into a document, until it has another text. */
export function retype(document: Document, text: string): void {
  Object.assign(document, { version: document.version + 1, getText: () => text });
  changed.fire({ document });
}

/** Closes an editor and its document. */
export function close(editor: Editor): void {
  show(undefined, ...window.visibleTextEditors.filter((one) => one !== editor));
  closed.fire(editor.document);
}

/** Gives files other names. */
export function rename(oldUri: Uri, newUri: Uri): void {
  renamed.fire({ files: [{ oldUri, newUri }] });
}

/** Moves the cursor of an editor. */
export function moveCursor(editor: Editor, line: number, character: number): void {
  editor.selection = { active: new Position(line, character), isEmpty: true };
  selected.fire({ textEditor: editor });
}

export const languages = {
  createLanguageStatusItem: () => ({ dispose: () => undefined }),
  registerHoverProvider: (_: unknown, provider: HoverProvider) => {
    hoverProviders.add(provider);
    return new Disposable(() => hoverProviders.delete(provider));
  },
};

const registered = new Map<string, (argument: unknown) => unknown>();
export const commands = {
  registerCommand: (id: string, run: (argument: unknown) => unknown) => {
    registered.set(id, run);
    return new Disposable(() => registered.delete(id));
  },
  executeCommand: async (id: string, ...args: unknown[]): Promise<unknown> => {
    seen.commands.push([id, ...args]);
    return await registered.get(id)?.(args[0]);
  },
};

/** Words of another language: there are none. */
export const l10n = { bundle: undefined };

export const env = {
  language: 'en',
  clipboard: {
    readText: () => Promise.resolve(seen.clipboard),
    writeText: (text: string) => Promise.resolve(void (seen.clipboard = text)),
  },
};
