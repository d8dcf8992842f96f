/** The circuit panels: beside the text, restored after a reload. One follows the cursor, others stay. */
import * as vscode from 'vscode';
import { readState, type ViewState } from '../../webview/protocol';
import type { ActivationMap } from '../decorations/activationMap';
import { isSource } from '../sources';
import type { Anchor } from '../trace/anchor';
import type { DrawnCircuit } from './drawn';
import { LastEditor } from './lastEditor';
import { NO_TITLE, panelOptions, PanelView, type PanelParts } from './panelView';
import type { SessionParts } from './parts';
import type { RecordedCircuit } from './recorded';
import { openAgain } from './reveal';

/** What the editor calls a panel by. */
export const PANEL_TYPE = 'circuitscope.circuit';
/** Within this time (ms) of the last move or key the panels do not follow yet. */
const CURSOR_CALM_MS = 40;
const TYPING_CALM_MS = 250;

/** A token of a document. */
interface TokenPlace {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
}

export class CircuitPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  /** The one that was used last comes first. */
  private views: PanelView[] = [];
  private readonly editor = new LastEditor();
  private readonly parts: PanelParts;
  private readonly listeners: vscode.Disposable;

  constructor(
    private readonly extensionUri: vscode.Uri,
    session: SessionParts,
    activationMap: ActivationMap,
  ) {
    this.parts = {
      ...{ extensionUri, session, activationMap },
      cursor: () => this.editor.cursor(),
    };
    const { store, models, documents, labels, notes } = session;
    const soon = (milliseconds: number) => {
      for (const view of this.views) view.soon(milliseconds);
    };
    this.listeners = vscode.Disposable.from(
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        this.editor.notice(editor);
        soon(CURSOR_CALM_MS);
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        soon(CURSOR_CALM_MS);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.editor.notice(textEditor);
        soon(CURSOR_CALM_MS);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isSource(document)) soon(TYPING_CALM_MS);
      }),
      vscode.workspace.onDidCloseTextDocument(() => {
        soon(CURSOR_CALM_MS);
      }),
      documents.encoded.on((edit) => {
        notes.follow(edit);
        for (const { session } of this.views) session.follow(edit);
      }),
      store.changed.on(() => {
        for (const { visible, session } of this.views) if (visible) void session.changed();
      }),
      labels.changed.on(() => {
        for (const { session } of this.views) session.sendLabels();
      }),
      notes.changed.on(() => {
        for (const { session } of this.views) session.sendNotes();
      }),
      models.replaced.on(() => {
        for (const { session } of this.views) session.forget();
        soon(CURSOR_CALM_MS);
      }),
      models.changed.on(() => {
        if (models.state.kind === 'failed') soon(CURSOR_CALM_MS);
      }),
      activationMap.changed.on((node) => {
        for (const view of this.views) view.send({ type: 'colored', node });
      }),
    );
  }

  /**
   * Brings the panel that follows the cursor to the front, or opens one.
   * @param at a token that it is then pinned to; the cursor stays where it is
   */
  async open(at?: TokenPlace): Promise<void> {
    const view = this.bring(({ follows }) => follows);
    if (at) await view.session.pinTo({ document: at.document, place: at.position });
  }

  /** Moves the panels' pins, as a renamed file moves its tokens. */
  move(change: (anchor: Anchor) => Anchor): void {
    for (const { session } of this.views) session.movePin(change);
  }

  /** Shows the dense model at a token, to be steered by a node. */
  async steer({ document, position }: TokenPlace, node: string): Promise<void> {
    const view = this.bring(({ follows }) => follows);
    await view.session.steerAt({ document, place: position }, node);
  }

  /** Opens one more panel, which stays at a token. */
  async openAnother(at: TokenPlace): Promise<void> {
    const view = this.bring(() => false);
    await view.session.pinTo({ document: at.document, place: at.position });
  }

  /** Draws a task's circuit: where one is drawn already, else in the panel that follows the cursor. */
  showCircuit(circuit: DrawnCircuit): void {
    const drawing = this.views.some(({ session }) => session.drawnName !== null);
    this.bring(({ session, follows }) => (drawing ? session.drawnName !== null : follows)).draw(
      circuit,
    );
  }

  /** Draws an exported circuit in a panel that stays at it. */
  openRecorded(recorded: RecordedCircuit): void {
    this.bring(({ follows }) => follows).session.open(recorded);
  }

  /** Called by the editor with a panel of the window before. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, data: unknown): Promise<void> {
    const state = readState(data);
    const uri = state.pinned?.uri;
    if (typeof uri === 'string') await openAgain(uri);
    this.adopt(panel, state);
  }

  dispose(): void {
    this.listeners.dispose();
    for (const view of [...this.views]) view.dispose();
  }

  /** The first panel that will do, in front; a new one where none does. */
  private bring(willDo: (view: PanelView) => boolean): PanelView {
    this.editor.look();
    const found = this.views.find(willDo);
    if (!found) {
      // The next one joins those that are there; a group without anything in it waits for the first.
      const beside = this.views.find(({ visible }) => visible)?.column;
      const empty = vscode.window.tabGroups.all.find(({ tabs }) => tabs.length === 0)?.viewColumn;
      const viewColumn = beside ?? empty ?? vscode.ViewColumn.Beside;
      const panel = vscode.window.createWebviewPanel(
        PANEL_TYPE,
        NO_TITLE,
        { viewColumn, preserveFocus: true },
        panelOptions(this.extensionUri),
      );
      return this.adopt(panel, readState(undefined));
    }
    this.views = [found, ...this.views.filter((view) => view !== found)];
    found.bring();
    return found;
  }

  private adopt(panel: vscode.WebviewPanel, state: ViewState): PanelView {
    const view = new PanelView(panel, state, this.parts, (closed) => {
      this.views = this.views.filter((one) => one !== closed);
    });
    this.views = [view, ...this.views];
    return view;
  }
}
