/** All circuits there are for the model in use, and the one that is shown. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { CIRCUITS } from '../../models/bundles/bundle';
import { keptFiles } from '../kept';
import { readKnown, type BadCircuit, type KnownCircuit, type Origin, type ReadText } from './known';

export class CircuitLibrary {
  /** The circuit that colors the file, if one does. */
  shown: KnownCircuit | null = null;
  /** Found in this window, the last one first; those that could not be kept are nowhere else. */
  private readonly found: KnownCircuit[] = [];

  /** @param bundleDir folder of the bundle in use; throws one line when there is none */
  constructor(readonly bundleDir: () => string) {}

  /** Remembers a circuit for as long as the window is open. */
  add(circuit: KnownCircuit): void {
    this.found.unshift(circuit);
  }

  /** Those found in this window, kept in the workspace and shipped in a bundle's folder. */
  async list(): Promise<(KnownCircuit | BadCircuit)[]> {
    const kept = await Promise.all(
      (await keptFiles(CIRCUITS)).map((file) => circuitAt(file, 'kept in this workspace')),
    );
    const names = new Set(kept.map(({ name }) => name));
    const only = this.found.filter(({ name }) => !names.has(name));
    return [...only, ...kept, ...(await shipped(this.bundleDir()))];
  }
}

/** The circuit in a file. */
export async function circuitAt(
  file: vscode.Uri,
  origin: Origin,
): Promise<KnownCircuit | BadCircuit> {
  const name = basename(file.path, '.json');
  const where = vscode.workspace.asRelativePath(file);
  const beside: ReadText = async (other) => await textOf(vscode.Uri.joinPath(file, '..', other));
  const text = await textOf(file);
  if (text === null) return { name, origin, problem: `${where} cannot be read; check the file` };
  return readKnown(text, { name, origin, where, beside });
}

async function textOf(file: vscode.Uri): Promise<string | null> {
  return await vscode.workspace.fs.readFile(file).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => null,
  );
}

async function shipped(bundleDir: string): Promise<(KnownCircuit | BadCircuit)[]> {
  const dir = join(bundleDir, CIRCUITS);
  const read: ReadText = (name) => readFile(join(dir, name), 'utf8').catch(() => null);
  const files = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.json'));
  return await Promise.all(
    files.sort().map(async (file) => {
      const name = basename(file, '.json');
      const source = { name, origin: 'shipped with the model', where: file, beside: read } as const;
      return readKnown((await read(file)) ?? '', source);
    }),
  );
}
