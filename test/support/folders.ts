/** A folder of what a workspace keeps, in memory. */
import { NodeLabels, type LabelFolder } from '../../extension/labels/labels';
import { NodeNotes } from '../../extension/notes/store';

/** A folder and what is in it. */
export function memoryFolder(files = new Map<string, string>()): {
  readonly folder: LabelFolder;
  readonly files: Map<string, string>;
} {
  const folder: LabelFolder = {
    read: (name) => Promise.resolve(files.get(name) ?? null),
    write: (name, text) => Promise.resolve(void files.set(name, text)),
  };
  return { folder, files };
}

/** Labels and notes that are kept in one folder. */
export function keptIn(folder: LabelFolder, onLost: (message: string) => void) {
  const folders = () => [folder];
  const fileOf = (uri: string) => uri.replace(/^file:\/\/\//, '');
  return {
    labels: new NodeLabels(folders, onLost),
    notes: new NodeNotes({ folders, fileOf }, onLost),
  };
}
