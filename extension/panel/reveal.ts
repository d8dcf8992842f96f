/** Documents of the panel in the editor. */
import * as vscode from 'vscode';
import type { Current } from './subject';

/** An open document; null when it is not. */
export function openDocument(uri: string): vscode.TextDocument | null {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri) ?? null;
}

/** Loads a document that was open in the window before. */
export async function openAgain(uri: string): Promise<void> {
  try {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  } catch {
    // It is gone; the panel follows the cursor again.
  }
}

/** Puts the cursor of the subject's document on a token. */
export async function reveal({ question: { snapshot } }: Current, token: number): Promise<void> {
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
