/** What a workspace keeps of this extension: JSON in folders of its own. */
import { t } from '../shared/l10n';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { writeFileAtomic } from '../models/files';
import { KEPT_FOLDER } from '../models/keptFiles';
import { foldersBy } from './folders';
import { isWithin } from './within';

/** A kind of thing that is kept, each in one folder. */
export type Kept = 'interventions' | 'circuits' | 'labels' | 'notes';

/**
 * Folder of what is kept of a kind, undefined when no folder is open.
 * @param about uris of the documents that it is about, which need not be in front
 */
export function keptFolder(kind: Kept, ...about: readonly string[]): vscode.Uri | undefined {
  return keptFolders(kind, ...about).at(0);
}

/** The same in every folder that is open, in the order of `foldersBy`. */
export function keptFolders(kind: Kept, ...about: readonly string[]): vscode.Uri[] {
  return foldersBy(...about).map(({ uri }) => vscode.Uri.joinPath(uri, KEPT_FOLDER, kind));
}

/** The JSON files that are kept of a kind in all folders; none where a link leads out of the workspace. */
export async function keptFiles(kind: Kept): Promise<vscode.Uri[]> {
  return (await Promise.all(keptFolders(kind).map(filesIn))).flat();
}

/** The same of one folder. */
export async function filesIn(folder: vscode.Uri): Promise<vscode.Uri[]> {
  if (leadsAway(folder)) return [];
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
      t('a symbolic link puts {0} outside the workspace; remove the link and save again', where),
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
