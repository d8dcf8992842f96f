/** Which folder of the workspace a document is in, and which of several comes first. */
import * as vscode from 'vscode';

/** The notebook of a cell: it is in a folder, which a cell's own address does not say. */
export function notebookOf({ scheme, path }: vscode.Uri): vscode.Uri | undefined {
  if (scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find(({ uri }) => uri.path === path)?.uri;
}

/** The folder that a document or a notebook's cell is in. */
export function folderOf(uri: vscode.Uri): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.getWorkspaceFolder(notebookOf(uri) ?? uri);
}

/**
 * The folders that are open, first that of the first of these documents that is in one, else that of the
 * document in front.
 */
export function foldersBy(...uris: readonly string[]): vscode.WorkspaceFolder[] {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const inFront = [activeTextEditor, ...visibleTextEditors].map((editor) => editor?.document.uri);
  const [first] = [...uris.map((uri) => vscode.Uri.parse(uri)), ...inFront].flatMap((uri) => {
    const folder = uri && folderOf(uri);
    return folder ? [folder] : [];
  });
  return [...new Set([...(first ? [first] : []), ...(vscode.workspace.workspaceFolders ?? [])])];
}
