/** The circuit panel in the editor: beside the text, restored after a reload. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { readState, type ToPanel, type ViewState } from '../../webview/protocol';
import type { ActivationMap } from '../decorations/activationMap';
import { saveExport } from './exports';
import { pageHtml } from './html';
import type { SessionParts } from './parts';
import type { Doings } from './handlers';
import { Requests } from './requests';
import { Session } from './session';
import type { DrawnCircuit } from './drawn';
import type { Current } from './subject';
import type { Cursor } from './viewpoint';

const VIEW_TYPE = 'circuitscope.circuit';
/** Within this time (ms) of the last move or key the panel does not follow yet. */
const CURSOR_CALM_MS = 40;
const TYPING_CALM_MS = 250;

export class CircuitPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | null = null;
  private session: Session | null = null;
  private lastEditor: vscode.TextEditor | undefined = pythonEditor();
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly parts: SessionParts,
    private readonly activationMap: ActivationMap,
  ) {
    const { store, models, documents, labels } = parts;
    this.listeners = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (isPython(editor)) this.lastEditor = editor;
        this.soon(CURSOR_CALM_MS);
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.soon(CURSOR_CALM_MS);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (isPython(textEditor)) this.lastEditor = textEditor;
        this.soon(CURSOR_CALM_MS);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === 'python') this.soon(TYPING_CALM_MS);
      }),
      vscode.workspace.onDidCloseTextDocument(() => {
        this.soon(CURSOR_CALM_MS);
      }),
      documents.encoded.on(({ before, after }) => {
        this.session?.follow({ before, after });
      }),
      store.changed.on(() => {
        if (this.panel?.visible === true) void this.session?.changed();
      }),
      labels.changed.on(() => {
        this.session?.sendLabels();
      }),
      models.replaced.on(() => {
        this.session?.forget();
        this.soon(CURSOR_CALM_MS);
      }),
      models.changed.on(() => {
        if (models.state.kind === 'failed') this.soon(CURSOR_CALM_MS);
      }),
      activationMap.changed.on((node) => {
        this.send({ type: 'colored', node });
      }),
    );
  }

  /**
   * Opens the panel beside the text, or brings it to the front.
   * @param at a place that it is then pinned to; the cursor stays where it is
   */
  async open(at?: {
    readonly document: vscode.TextDocument;
    readonly position: vscode.Position;
  }): Promise<void> {
    this.bring();
    if (at) await this.session?.pinTo({ document: at.document, place: at.position });
  }

  private bring(): void {
    this.lastEditor = pythonEditor() ?? this.lastEditor;
    if (this.panel) {
      this.panel.reveal(undefined, true);
      this.soon(0);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      VIEW_TYPE,
      'Circuit',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      this.options(),
    );
    this.adopt(panel, readState(undefined));
  }

  /** Draws a task's circuit. */
  showCircuit(circuit: DrawnCircuit): void {
    this.bring();
    this.session?.draw(circuit);
  }

  /** Called by the editor with a panel of the window before. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, data: unknown): Promise<void> {
    const state = readState(data);
    const uri = state.pinned?.uri;
    if (typeof uri === 'string') await openAgain(uri);
    this.panel?.dispose();
    panel.webview.options = this.options();
    this.adopt(panel, state);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.dispose();
    this.panel?.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, { mode, pinned }: ViewState): void {
    const session = new Session(this.parts, {
      cursor: () => this.cursor(),
      document: openDocument,
      colored: () => this.activationMap.node,
      send: (message) => {
        this.send(message);
      },
    });
    session.restore(mode, pinned);
    const doings: Doings = {
      color: (node) => {
        this.activationMap.show(node);
      },
      reveal: (current, token) => void reveal(current, token),
      drawn: actOnCircuit,
      export: (current, format, content) => saveExport(this.parts, current, format, content),
    };
    const requests = new Requests(session, this.parts, doings, (answer) => {
      this.send(answer);
    });
    this.panel = panel;
    this.session = session;
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media', 'icon.png');
    panel.webview.onDidReceiveMessage((data: unknown) => {
      requests.receive(data);
    });
    const rest = () => {
      session.rest();
      requests.rest();
    };
    panel.onDidChangeViewState(() => {
      if (!panel.visible) rest();
    });
    panel.onDidDispose(() => {
      rest();
      if (this.panel !== panel) return;
      this.panel = null;
      this.session = null;
    });
    panel.webview.html = this.html(panel.webview);
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    return {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview')],
    };
  }

  private html(webview: vscode.Webview): string {
    const file = (name: string) =>
      webview
        .asWebviewUri(vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview', name))
        .toString();
    return pageHtml({
      ...{ script: file('panel.js'), sheet: file('style.css') },
      ...{ source: webview.cspSource, nonce: randomBytes(16).toString('base64url') },
    });
  }

  private send(message: ToPanel): void {
    // A hidden page is gone; it asks for everything when it is there again.
    if (this.panel?.visible === true) void this.panel.webview.postMessage(message);
  }

  private soon(milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.panel?.visible !== true) return;
    this.timer = setTimeout(() => void this.session?.update(), milliseconds);
  }

  /** Where people are, or were last as long as that file is open. */
  private cursor(): Cursor | null {
    const last = this.lastEditor;
    const editor = last && isOpen(last) ? last : pythonEditor();
    return editor ? { document: editor.document, place: editor.selection.active } : null;
  }
}

function isOpen(editor: vscode.TextEditor): boolean {
  const { tabGroups, visibleTextEditors } = vscode.window;
  if (visibleTextEditors.includes(editor)) return true;
  const uri = editor.document.uri.toString();
  return tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri),
  );
}

function pythonEditor(): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return [activeTextEditor, ...visibleTextEditors].find(isPython);
}

function isPython(editor: vscode.TextEditor | undefined): boolean {
  return editor?.document.languageId === 'python';
}

function openDocument(uri: string): vscode.TextDocument | null {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri) ?? null;
}

const ACTS = {
  explain: 'explainCircuit',
  necessary: 'ablateCircuit',
  sufficient: 'ablateAllButCircuit',
  verify: 'verifyCircuit',
} as const;

/** Commands act on the circuit of the name. */
async function actOnCircuit(act: keyof typeof ACTS, name: string): Promise<void> {
  await vscode.commands.executeCommand(`circuitscope.${ACTS[act]}`, { circuit: name });
}

/** Loads a document that was open in the window before. */
async function openAgain(uri: string): Promise<void> {
  try {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  } catch {
    // It is gone; the panel follows the cursor again.
  }
}

/** Puts the cursor of the subject's document on a token. */
async function reveal({ question: { snapshot } }: Current, token: number): Promise<void> {
  const document = openDocument(snapshot.uri);
  if (!document || token >= snapshot.encoding.ids.length) return;
  const { line, character } = snapshot.source.placeAt(snapshot.encoding.starts[token]);
  const position = new vscode.Position(line, character);
  const open = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  // A notebook's cell is no document to be opened by itself.
  const editor =
    open && document.uri.scheme === 'vscode-notebook-cell'
      ? open
      : await vscode.window.showTextDocument(document, open?.viewColumn);
  editor.selection = new vscode.Selection(position, position);
  const { InCenterIfOutsideViewport } = vscode.TextEditorRevealType;
  editor.revealRange(new vscode.Range(position, position), InCenterIfOutsideViewport);
}
