/** The file system of the stand-in for the editor. */
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, posix } from 'node:path';
import { FileType, type Uri } from './editorValues';

/** What the editor tells of a file; of one that is neither file nor folder, that it does not know it. */
function typeOf(stats: Stats): number {
  if (stats.isFile()) return FileType.File;
  return stats.isDirectory() ? FileType.Directory : FileType.Unknown;
}

/** The editor's file system, which is the machine's. @param writable whether files of a scheme can be written */
export const filesOf = (writable: (scheme: string) => boolean) => ({
  isWritableFileSystem: (scheme: string) => (writable(scheme) ? true : undefined),
  stat: async ({ fsPath }: Uri) => {
    const stats = await Promise.resolve(statSync(fsPath));
    const link = lstatSync(fsPath).isSymbolicLink() ? FileType.SymbolicLink : 0;
    return { type: typeOf(stats) | link, size: stats.size, ctime: 0, mtime: 0 };
  },
  readFile: async ({ fsPath }: Uri) => new Uint8Array(await Promise.resolve(readFileSync(fsPath))),
  readDirectory: async ({ fsPath }: Uri) =>
    await Promise.resolve(
      readdirSync(fsPath).map((name) => {
        const link = lstatSync(posix.join(fsPath, name)).isSymbolicLink();
        const type = typeOf(statSync(posix.join(fsPath, name)));
        return [name, type | (link ? FileType.SymbolicLink : 0)] as const;
      }),
    ),
  createDirectory: async ({ fsPath }: Uri) => {
    await Promise.resolve(mkdirSync(fsPath, { recursive: true }));
  },
  copy: async (from: Uri, to: Uri) => {
    await Promise.resolve(copyFileSync(from.fsPath, to.fsPath));
  },
  writeFile: async ({ fsPath }: Uri, data: Uint8Array) => {
    mkdirSync(dirname(fsPath), { recursive: true });
    await Promise.resolve(writeFileSync(fsPath, data));
  },
});
