/** What a workspace keeps of this extension: JSON in folders of its own. */
import * as vscode from 'vscode';

const FOLDER = '.circuitscope';

/** A kind of thing that is kept, each in one folder. */
type Kept = 'interventions' | 'circuits';

/** Folder of what is kept of a kind; undefined when no folder is open. */
export function keptFolder(kind: Kept): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder && vscode.Uri.joinPath(folder.uri, FOLDER, kind);
}

/** The JSON files that are kept of a kind, by name. */
export async function keptFiles(kind: Kept): Promise<vscode.Uri[]> {
  const folder = keptFolder(kind);
  if (!folder) return [];
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    const names = entries
      .filter(([name, type]) => type === vscode.FileType.File && name.endsWith('.json'))
      .map(([name]) => name);
    return names.sort().map((name) => vscode.Uri.joinPath(folder, name));
  } catch {
    return []; // Nothing was kept yet.
  }
}

/** Whether there is a file. */
export async function exists(file: vscode.Uri): Promise<boolean> {
  return await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}
