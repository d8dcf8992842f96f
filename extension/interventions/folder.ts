/** Where a workspace keeps its intervention sets, and how its files name documents. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { folderOf, notebookOf } from '../folders';
import { keptFiles } from '../kept';
import type { FileNames } from './json';

/** The sets that are saved in the workspace. */
export const savedSets = () => keptFiles('interventions');

/** A document by the folder of the workspace that has it, and its path below that. */
export interface FilePlace {
  /** Uri of the folder; null for a document outside all. */
  readonly folder: string | null;
  readonly path: string;
}

/** Where a document is; a notebook's cells by the path of the notebook and their own id. */
export function placeOf(uri: string): FilePlace {
  const parsed = vscode.Uri.parse(uri);
  const file = notebookOf(parsed) ?? parsed;
  const folder = folderOf(file)?.uri.toString() ?? null;
  return { folder, path: withCell(vscode.workspace.asRelativePath(file, false), parsed) };
}

/**
 * How a file names documents: those of its own folder by their path below that, so that they are found
 * whatever the folder is called and whatever else is open; others as the editor shows them.
 * @param home the file that names them, or is to; undefined where it is of no folder
 */
export function fileNamesIn(home: vscode.Uri | undefined): FileNames {
  const own = home && vscode.workspace.getWorkspaceFolder(home)?.uri;
  const names: FileNames = {
    fileOf(uri) {
      const { folder, path } = placeOf(uri);
      if (own && folder === own.toString()) return path;
      const parsed = vscode.Uri.parse(uri);
      return withCell(vscode.workspace.asRelativePath(notebookOf(parsed) ?? parsed), parsed);
    },
    uriOf(file) {
      const open = vscode.workspace.textDocuments.find(
        ({ uri }) => names.fileOf(uri.toString()) === file,
      );
      if (open) return open.uri.toString();
      const folders = vscode.workspace.workspaceFolders ?? [];
      const below = folders.map(({ uri }) => vscode.Uri.joinPath(uri, file));
      // Where several folders are open, a path begins with the name of its own, and goes on doing so.
      const named = folders
        .filter(({ name }) => file.startsWith(`${name}/`))
        .map(({ uri, name }) => vscode.Uri.joinPath(uri, file.slice(name.length + 1)));
      const others = folders.length > 1 ? [...named, ...below] : [...below, ...named];
      const all = [...(own ? [vscode.Uri.joinPath(own, file)] : []), ...others];
      const found = all.find((uri) => uri.scheme === 'file' && existsSync(uri.fsPath));
      return found?.toString() ?? null;
    },
  };
  return names;
}

/** Documents as they are shown to people. */
export const fileNames = fileNamesIn(undefined);

function withCell(path: string, { fragment }: vscode.Uri): string {
  return fragment === '' ? path : `${path}#${fragment}`;
}
