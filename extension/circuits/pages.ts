/** Proofs and explanations as pages of Markdown that nobody has to save. */
import * as vscode from 'vscode';
import { PANEL_TYPE } from '../panel/panel';

const SCHEME = 'circuitscope-page';
/** The editor's own view of Markdown. */
const PREVIEW = 'vscode.markdown.preview.editor';

/** The group in which one of our panels is in front. */
function columnOfPanels(): vscode.ViewColumn | undefined {
  const own = ({ activeTab }: vscode.TabGroup) =>
    activeTab?.input instanceof vscode.TabInputWebview &&
    activeTab.input.viewType.endsWith(PANEL_TYPE);
  return vscode.window.tabGroups.all.find(own)?.viewColumn;
}

export class MarkdownPages implements vscode.Disposable {
  private readonly pages = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.Disposable.from(
    this.changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changed.event,
      provideTextDocumentContent: ({ path }) => this.pages.get(path) ?? '',
    }),
  );

  /** Shows a page where the panels are, or else beside the text; in the place of an older one of its title. */
  async show(title: string, markdown: string): Promise<void> {
    const uri = this.fill(title, markdown);
    const viewColumn = columnOfPanels();
    // One column more would leave none of them enough room.
    if (viewColumn === undefined) {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    } else {
      await vscode.commands.executeCommand('vscode.openWith', uri, PREVIEW, {
        ...{ viewColumn, preserveFocus: true },
      });
    }
  }

  /** Changes what a page says; one that was closed stays closed. */
  fill(title: string, markdown: string): vscode.Uri {
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${title.replaceAll('/', ' ')}.md`,
    });
    this.pages.set(uri.path, markdown);
    this.changed.fire(uri);
    return uri;
  }

  dispose(): void {
    this.registration.dispose();
  }
}
