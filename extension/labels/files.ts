/** Labels in the workspace's own folders. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { exists, keptFolders, writeKept } from '../kept';
import type { LabelFolders, NodeLabels } from './labels';

/** The folders that are open. */
export const labelFolders: LabelFolders = () =>
  keptFolders('labels').map((folder) => ({
    async read(name) {
      const file = vscode.Uri.joinPath(folder, name);
      if (!(await exists(file))) return null;
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    },
    async write(name, text) {
      if (!vscode.workspace.isTrusted) {
        throw new Error(t('the workspace is not trusted; trust it before labels are kept in it'));
      }
      await writeKept(vscode.Uri.joinPath(folder, name), text);
    },
  }));

/** Reads labels again when their files change, by a pull for instance, or folders are opened. */
export function watchLabels(labels: NodeLabels): vscode.Disposable {
  const again = () => {
    labels.forget();
  };
  const watcher = vscode.workspace.createFileSystemWatcher('**/.circuitscope/labels/*.json');
  watcher.onDidChange(again);
  watcher.onDidCreate(again);
  watcher.onDidDelete(again);
  return vscode.Disposable.from(watcher, vscode.workspace.onDidChangeWorkspaceFolders(again));
}
