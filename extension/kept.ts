/** What a workspace keeps of this extension: JSON in folders of its own. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { writeFileAtomic } from '../models/files';
import { isWithin } from './within';

const FOLDER = '.circuitscope';

/** A kind of thing that is kept, each in one folder. */
type Kept = 'interventions' | 'circuits' | 'labels';

/** Folder of what is kept of a kind; undefined when no folder is open. */
export function keptFolder(kind: Kept): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder && vscode.Uri.joinPath(folder.uri, FOLDER, kind);
}

/** The JSON files that are kept of a kind, by name; none where a link leads out of the workspace. */
export async function keptFiles(kind: Kept): Promise<vscode.Uri[]> {
  const folder = keptFolder(kind);
  if (!folder || leadsAway(folder)) return [];
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

/**
 * Writes a file that is kept, whole or not at all.
 * @throws one line when it would not be in the workspace, because a symbolic link leads out of it
 */
export async function writeKept(file: vscode.Uri, text: string): Promise<void> {
  if (leadsAway(file)) {
    const where = vscode.workspace.asRelativePath(file);
    throw new Error(
      `${where} would be written outside the workspace, where a symbolic link leads; remove the link and save again`,
    );
  }
  if (file.scheme === 'file') {
    mkdirSync(dirname(file.fsPath), { recursive: true });
    writeFileAtomic(file.fsPath, text);
  } else {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  }
}

/** Whether something of the workspace is really elsewhere; only local files can be. */
function leadsAway(file: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  return file.scheme === 'file' && !(folder && isWithin(file.fsPath, folder.uri.fsPath));
}

/** Whether there is a file. */
export async function exists(file: vscode.Uri): Promise<boolean> {
  return await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}
