/** The Python editor that people are in, or were in last as long as its file is open. */
import * as vscode from 'vscode';
import { isSource } from '../sources';
import type { Cursor } from './viewpoint';

export class LastEditor {
  private last: vscode.TextEditor | undefined = pythonEditor();

  /** An editor was chosen, or the cursor was moved in one. */
  notice(editor: vscode.TextEditor | undefined): void {
    if (editor && isSource(editor.document)) this.last = editor;
  }

  /** Looks which one is in front. */
  look(): void {
    this.last = pythonEditor() ?? this.last;
  }

  /** Where people are; null without a Python editor. */
  cursor(): Cursor | null {
    const { last } = this;
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
  return [activeTextEditor, ...visibleTextEditors].find(
    (editor) => editor !== undefined && isSource(editor.document),
  );
}
