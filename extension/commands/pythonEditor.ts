/** The editor that commands act on: of a Python file, or of a notebook's cell. */
import * as vscode from 'vscode';
import { isSource } from '../sources';

/** The active editor, if it shows Python; beside a page that is no editor, the one in sight that does. */
export function pythonEditor(): vscode.TextEditor | undefined {
  const inSight = () => vscode.window.visibleTextEditors.find(({ document }) => isSource(document));
  const editor = vscode.window.activeTextEditor ?? cellEditor() ?? inSight();
  return editor && isSource(editor.document) ? editor : undefined;
}

/**
 * Gives the keyboard to the editor again, without which no hover stays: a notebook keeps it for itself
 * after the palette, and a page takes it back once its button was clicked.
 */
export async function focusEditor(): Promise<void> {
  if (cellEditor()) {
    await vscode.commands.executeCommand('notebook.cell.edit');
    return;
  }
  const editor = pythonEditor();
  if (!editor) return;
  const { document, viewColumn, selection } = editor;
  await vscode.window.showTextDocument(document, { selection, ...(viewColumn && { viewColumn }) });
}

/** Editor of the chosen cell; it is not active while the palette is open. */
function cellEditor(): vscode.TextEditor | undefined {
  const active = vscode.window.activeNotebookEditor;
  if (!active || active.notebook.cellCount === 0) return undefined;
  const { document } = active.notebook.cellAt(active.selection.start);
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}
