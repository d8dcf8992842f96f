/** The folders of what a workspace keeps, for the parts that know nothing of the editor. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { t } from '../shared/l10n';
import { exists, filesIn, keptFolders, writeKept, type Kept } from './kept';
import { readText } from './readText';
import type { NotesFolder } from './notes/store';

/** The folders of a kind that are open at a time, that of the documents in question first. */
export const keptTexts =
  (kind: Kept): ((...about: readonly string[]) => NotesFolder[]) =>
  (...about) =>
    keptFolders(kind, ...about).map((folder) => ({
      home: vscode.workspace.getWorkspaceFolder(folder)?.uri.toString() ?? '',
      async read(name) {
        const file = vscode.Uri.joinPath(folder, name);
        if (!(await exists(file))) return null;
        return await readText(file);
      },
      async list() {
        return (await filesIn(folder)).map(({ path }) => basename(path));
      },
      async remove(name) {
        await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, name));
      },
      async write(name, text) {
        if (!vscode.workspace.isTrusted) {
          throw new Error(t('the workspace is not trusted; trust it to save anything in it'));
        }
        await writeKept(vscode.Uri.joinPath(folder, name), text);
      },
    }));

/** Calls when files of a kind change, by a pull for instance, or folders are opened. */
export function watchKept(kind: Kept, again: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(`**/.circuitscope/${kind}/*.json`);
  watcher.onDidChange(again);
  watcher.onDidCreate(again);
  watcher.onDidDelete(again);
  return vscode.Disposable.from(watcher, vscode.workspace.onDidChangeWorkspaceFolders(again));
}
