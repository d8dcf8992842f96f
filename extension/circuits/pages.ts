/** Proofs and explanations as pages of Markdown that nobody has to save. */
import * as vscode from 'vscode';

const SCHEME = 'circuitscope-page';

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

  /** Shows a page beside the text, in the place of an older one of its title. */
  async show(title: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${title.replaceAll('/', ' ')}.md`,
    });
    this.pages.set(uri.path, markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  dispose(): void {
    this.registration.dispose();
  }
}
