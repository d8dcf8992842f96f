/** One circuit panel: a page, and the session that it talks to. */
import { t } from '../../shared/l10n';
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { titleText } from '../../shared/title';
import type { ToPanel, ViewState } from '../../webview/protocol';
import type { ActivationMap } from '../decorations/activationMap';
import type { DrawnCircuit } from './drawn';
import { saveExport } from './exports';
import type { Doings } from './handlers';
import { pageHtml } from './html';
import type { SessionParts } from './parts';
import { Requests } from './requests';
import { openDocument, reveal } from './reveal';
import { Session } from './session';
import type { Cursor } from './viewpoint';

/** What a panel is called as long as it is about nothing. */
export const NO_TITLE = t('Circuit');
/** Letters of a tab's title. */
const LONGEST_TITLE = 40;

/** What all panels share. */
export interface PanelParts {
  readonly extensionUri: vscode.Uri;
  readonly session: SessionParts;
  readonly activationMap: ActivationMap;
  /** Where people are. */
  readonly cursor: () => Cursor | null;
}

export class PanelView implements vscode.Disposable {
  readonly session: Session;
  private timer: NodeJS.Timeout | undefined;

  /** @param onClosed is called when a person, or the editor, has closed it */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    { mode, pinned }: ViewState,
    parts: PanelParts,
    onClosed: (view: PanelView) => void,
  ) {
    const { extensionUri, session: shared, activationMap, cursor } = parts;
    const session = new Session(shared, {
      cursor,
      document: openDocument,
      colored: () => activationMap.node,
      send: (message) => {
        this.send(message);
      },
    });
    session.restore(mode, pinned);
    this.session = session;
    const doings: Doings = {
      color: (node) => {
        activationMap.show(node);
      },
      reveal: (current, token) => void reveal(current, token),
      drawn: actOnCircuit,
      open: async (way) => {
        await vscode.commands.executeCommand(`circuitscope.${WAYS[way]}`);
      },
      export: (current, format, content) =>
        saveExport(shared, current, session.notesOf(current), format, content),
    };
    const requests = new Requests(session, shared, doings, (answer) => {
      this.send(answer);
    });
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.png');
    panel.webview.onDidReceiveMessage((data: unknown) => {
      requests.receive(data);
    });
    const rest = () => {
      clearTimeout(this.timer);
      session.rest();
      requests.rest();
    };
    panel.onDidChangeViewState(() => {
      if (!panel.visible) rest();
    });
    panel.onDidDispose(() => {
      rest();
      onClosed(this);
    });
    panel.webview.options = panelOptions(extensionUri);
    panel.webview.html = html(panel.webview, extensionUri);
  }

  get visible(): boolean {
    return this.panel.visible;
  }

  /** Group of editors that it stands in. */
  get column(): vscode.ViewColumn | undefined {
    return this.panel.viewColumn;
  }

  /** Whether it goes with the cursor, so that something else may be shown in it. */
  get follows(): boolean {
    return !this.session.isPinned && this.session.drawnName === null;
  }

  /** Brings it to the front, without the focus. */
  bring(): void {
    this.panel.reveal(undefined, true);
    this.soon(0);
  }

  draw(circuit: DrawnCircuit): void {
    this.session.draw(circuit);
  }

  /** Looks where people are, in some milliseconds; a later call takes the place of an earlier one. */
  soon(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.visible) return;
    this.timer = setTimeout(() => void this.session.update(), milliseconds);
  }

  send(message: ToPanel): void {
    if (message.type === 'subject') {
      const { subject } = message;
      this.entitle(subject.drawn?.name ?? titleText(subject));
    } else if (message.type === 'empty') this.entitle(NO_TITLE);
    // A hidden page is gone; it asks for everything when it is there again.
    if (this.visible) void this.panel.webview.postMessage(message);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private entitle(title: string): void {
    const letters = Array.from(title);
    this.panel.title =
      letters.length > LONGEST_TITLE ? `${letters.slice(0, LONGEST_TITLE - 1).join('')}…` : title;
  }
}

/** How a page may behave. It has a search of its own, which knows its nodes. */
export function panelOptions(
  extensionUri: vscode.Uri,
): vscode.WebviewOptions & vscode.WebviewPanelOptions {
  return {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
  };
}

function html(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const file = (name: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  return pageHtml({
    ...{ script: file('panel.js'), sheet: file('style.css') },
    ...{ source: webview.cspSource, nonce: randomBytes(16).toString('base64url') },
  });
}

const WAYS = { walkthrough: 'openWalkthrough', model: 'chooseModel' } as const;
const ACTS = {
  explain: 'explainCircuit',
  necessary: 'ablateCircuit',
  sufficient: 'ablateAllButCircuit',
  verify: 'verifyCircuit',
} as const;

/** Commands act on the circuit that is drawn. */
async function actOnCircuit(act: keyof typeof ACTS, drawn: DrawnCircuit): Promise<void> {
  const { name: circuit, origin, model } = drawn;
  await vscode.commands.executeCommand(`circuitscope.${ACTS[act]}`, { circuit, origin, model });
}
