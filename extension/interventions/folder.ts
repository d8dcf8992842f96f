/** Where a workspace keeps its intervention sets. */
import * as vscode from 'vscode';

/** Folder of the sets, within a workspace folder. */
const FOLDER = ['.circuitscope', 'interventions'];

/** Folder for the sets of the workspace; undefined when no folder is open. */
export function setsFolder(): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder && vscode.Uri.joinPath(folder.uri, ...FOLDER);
}

/** The sets that are saved there. */
export async function savedSets(): Promise<vscode.Uri[]> {
  const folder = setsFolder();
  if (!folder) return [];
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries
      .filter(([name, type]) => type === vscode.FileType.File && name.endsWith('.json'))
      .map(([name]) => vscode.Uri.joinPath(folder, name));
  } catch {
    return []; // Nothing was saved yet.
  }
}
