/** Which documents are Python that people write. */
import * as vscode from 'vscode';

/** Schemes without a file system of their own. */
const IN_MEMORY = ['untitled', 'vscode-notebook-cell'];

/** Whether a document is Python to look into: not the old side of a diff, nor a block in a chat. */
export function isSource({ languageId, uri }: vscode.TextDocument): boolean {
  const { isWritableFileSystem } = vscode.workspace.fs;
  return (
    languageId === 'python' &&
    (IN_MEMORY.includes(uri.scheme) || isWritableFileSystem(uri.scheme) === true)
  );
}
