/** Decorations of editors, of which only changes are told: each call goes through two processes. */
import type * as vscode from 'vscode';

/** The types of which an editor shows something. */
const shown = new WeakMap<vscode.TextEditor, Set<vscode.TextEditorDecorationType>>();

/** Shows a type of decoration at some ranges and nowhere else. */
export function mark(
  editor: vscode.TextEditor,
  type: vscode.TextEditorDecorationType,
  ranges: vscode.Range[] | vscode.DecorationOptions[],
): void {
  const own = shown.get(editor) ?? new Set();
  shown.set(editor, own);
  if (ranges.length > 0) own.add(type);
  else if (!own.delete(type)) return;
  editor.setDecorations(type, ranges);
}
