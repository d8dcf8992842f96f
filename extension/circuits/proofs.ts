/** Proofs as pages of Markdown that nobody has to save. */
import * as vscode from 'vscode';

const SCHEME = 'circuitscope-proof';

export class ProofPages implements vscode.Disposable {
  private readonly pages = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.Disposable.from(
    this.changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.changed.event,
      provideTextDocumentContent: ({ path }) => this.pages.get(path) ?? '',
    }),
  );

  /** Shows the proof of a circuit beside the text, in the place of an older one of it. */
  async show(name: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/Proof of ${name.replaceAll('/', ' ')}.md`,
    });
    this.pages.set(uri.path, markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  }

  dispose(): void {
    this.registration.dispose();
  }
}
