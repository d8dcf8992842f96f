/** The one way in for files that a person or a workspace has: regular, bounded, as text. */
import * as vscode from 'vscode';
import { decodeUnicode } from '../models/encodings';
import { t } from '../shared/l10n';

const MOST_BYTES = 32 * 2 ** 20;

/**
 * Text of a file; a byte order mark is no part of it.
 * @throws one line when it is missing, no regular file, too large or no text
 */
export async function readText(file: vscode.Uri): Promise<string> {
  const where = vscode.workspace.asRelativePath(file);
  const { type, size } = await known(vscode.workspace.fs.stat(file), where);
  if (!(type & vscode.FileType.File)) {
    throw new Error(t('{0} is a folder, a device or a pipe; choose a file', where));
  }
  if (size > MOST_BYTES) {
    const [has, most] = [size, MOST_BYTES].map((bytes) => Math.ceil(bytes / 2 ** 20));
    throw new Error(
      t('{0} is {1} MB, over the limit of {2}; choose a smaller file', where, has, most),
    );
  }
  return decodeUnicode(await known(vscode.workspace.fs.readFile(file), where), where);
}

/** What is known of a file; one line where it is missing, or not to be read. */
async function known<T>(asked: Thenable<T>, where: string): Promise<T> {
  return await asked.then(
    (found) => found,
    () => {
      throw new Error(t('{0} cannot be read; check the file', where));
    },
  );
}
