/** Labels in the workspace's own folder. */
import * as vscode from 'vscode';
import { exists, keptFolder, writeKept } from '../kept';
import type { LabelFiles, NodeLabels } from './labels';

/** The files of the first folder that is open. */
export const labelFiles: LabelFiles = {
  async read(name) {
    const file = fileOf(name);
    if (!file || !(await exists(file))) return null;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  },
  async write(name, text) {
    const file = fileOf(name);
    if (!file) throw new Error('no folder is open; open one to keep labels in it');
    if (!vscode.workspace.isTrusted) {
      throw new Error('the workspace is not trusted; trust it before labels are kept in it');
    }
    await writeKept(file, text);
  },
};

/** Reads labels again when their files change, by a pull for instance. */
export function watchLabels(labels: NodeLabels): vscode.Disposable {
  const folder = keptFolder('labels');
  if (!folder) return new vscode.Disposable(() => undefined);
  const pattern = new vscode.RelativePattern(folder, '*.json');
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const again = () => {
    labels.forget();
  };
  watcher.onDidChange(again);
  watcher.onDidCreate(again);
  watcher.onDidDelete(again);
  return watcher;
}

function fileOf(name: string): vscode.Uri | undefined {
  const folder = keptFolder('labels');
  return folder && vscode.Uri.joinPath(folder, name);
}
