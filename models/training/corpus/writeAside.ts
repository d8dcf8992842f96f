import * as fs from 'node:fs';
import * as path from 'node:path';

/** Writes a file under another name and renames it, making its folder if need be. */
export function writeAside(file: string, data: string | Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.part`;
  fs.writeFileSync(aside, data);
  fs.renameSync(aside, file);
}
