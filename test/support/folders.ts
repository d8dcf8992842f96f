/** A folder of what a workspace keeps, in memory. */
import { NodeLabels } from '../../extension/labels/labels';
import { NodeNotes, type NotesFolder } from '../../extension/notes/store';

/** A folder and what is in it. */
export function memoryFolder(
  files = new Map<string, string>(),
  home = 'file:///',
): {
  readonly folder: NotesFolder;
  readonly files: Map<string, string>;
} {
  const folder: NotesFolder = {
    home,
    list: () => Promise.resolve([...files.keys()]),
    remove: (name) => Promise.resolve(void files.delete(name)),
    read: (name) => Promise.resolve(files.get(name) ?? null),
    write: (name, text) => Promise.resolve(void files.set(name, text)),
  };
  return { folder, files };
}

/** Labels and notes that are kept in one folder. */
export function keptIn(folder: NotesFolder, onLost: (message: string) => void) {
  const folders = () => [folder];
  const placeOf = (uri: string) => ({ folder: folder.home, path: uri.replace(folder.home, '') });
  return {
    labels: new NodeLabels(folders, onLost),
    notes: new NodeNotes({ folders, placeOf }, onLost),
  };
}
