/** Where a workspace keeps its intervention sets, and how they name its files. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { keptFiles, keptFolder } from '../kept';
import type { FileNames } from './json';

/** Folder for the sets of the workspace; undefined when no folder is open. */
export const setsFolder = () => keptFolder('interventions');

/** The sets that are saved there. */
export const savedSets = () => keptFiles('interventions');

/** Documents by their path in the workspace; a notebook's cells by that of the notebook and their own id. */
export const fileNames: FileNames = {
  fileOf(uri) {
    const parsed = vscode.Uri.parse(uri);
    const path = vscode.workspace.asRelativePath(parsed);
    return parsed.fragment === '' ? path : `${path}#${parsed.fragment}`;
  },
  uriOf(file) {
    const open = vscode.workspace.textDocuments.find(
      ({ uri }) => fileNames.fileOf(uri.toString()) === file,
    );
    if (open) return open.uri.toString();
    const folders = vscode.workspace.workspaceFolders ?? [];
    const below = folders.map(({ uri }) => vscode.Uri.joinPath(uri, file));
    // Where several folders are open, a path begins with the name of its own, and goes on doing so.
    const named = folders
      .filter(({ name }) => file.startsWith(`${name}/`))
      .map(({ uri, name }) => vscode.Uri.joinPath(uri, file.slice(name.length + 1)));
    const all = folders.length > 1 ? [...named, ...below] : [...below, ...named];
    const found = all.find((uri) => uri.scheme === 'file' && existsSync(uri.fsPath));
    return found?.toString() ?? null;
  },
};
