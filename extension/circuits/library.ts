/** All circuits there are for the model in use, and the one that is shown. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { CIRCUITS } from '../../models/bundles/bundle';
import { proofsOf, type Circuit } from '../../models/circuits/file/circuitFile';
import { readIndex } from '../../models/circuits/file/circuitIndex';
import { judge } from '../../models/circuits/file/criteria';
import { Emitter } from '../emitter';
import { oneLine } from '../../models/oneLine';
import { keptFiles } from '../kept';
import { readText } from '../readText';
import {
  circuitKey,
  idOf,
  listed,
  readKnown,
  type BadCircuit,
  type CircuitId,
  type KnownCircuit,
  type ListedCircuit,
  type Origin,
  type ReadText,
} from './known';

export class CircuitLibrary {
  /** There is another circuit, another one is shown, or one was judged. */
  readonly changed = new Emitter();
  private current: KnownCircuit | null = null;
  /** Found in this window, the last one first; those that could not be kept are nowhere else. */
  private readonly found: KnownCircuit[] = [];
  /** Circuits with the proofs that were made in this window and are in no file, by their key. */
  private readonly proven = new Map<string, Circuit>();

  /** @param bundleDir folder of the bundle in use; throws one line when there is none */
  constructor(readonly bundleDir: () => string) {}

  /** The circuit that colors the file, if one does. */
  get shown(): KnownCircuit | null {
    return this.current;
  }

  show(circuit: KnownCircuit | null): void {
    this.current = circuit;
    this.changed.fire();
  }

  /** Remembers a circuit for as long as the window is open. */
  add(circuit: KnownCircuit): void {
    this.found.unshift(circuit);
    // What was said of an earlier one in its place is not said of it.
    this.proven.delete(circuitKey(idOf(circuit)));
    this.changed.fire();
  }

  /**
   * Takes a circuit with new proofs, and remembers them for as long as the window is open.
   * @param saved whether its file has them, which then tells more than memory
   */
  prove(circuit: KnownCircuit, saved: boolean): void {
    const key = circuitKey(idOf(circuit));
    if (saved) this.proven.delete(key);
    else this.proven.set(key, circuit.circuit);
    if (this.isShown(idOf(circuit))) this.current = circuit;
    this.changed.fire();
  }

  /** A circuit with the proofs that were made of it in this window. */
  withProofs(known: KnownCircuit): KnownCircuit {
    const proven = this.proven.get(circuitKey(idOf(known)));
    // Of one name there may have been another circuit.
    if (!proven || !isDeepStrictEqual(unproven(proven), unproven(known.circuit))) return known;
    return { ...known, circuit: proven };
  }

  /** Whether a circuit passed its proof in this window; undefined when nobody asked, or its file tells. */
  verdict(circuit: CircuitId): boolean | undefined {
    const proven = this.proven.get(circuitKey(circuit));
    return proven && judge(proofsOf(proven)).passes;
  }

  /** Whether a circuit is the one that colors the file. */
  isShown(circuit: CircuitId): boolean {
    return this.current !== null && circuitKey(idOf(this.current)) === circuitKey(circuit);
  }

  /** Those found in this window, kept in the workspace and shipped in a bundle's folder. */
  async list(): Promise<ListedCircuit[]> {
    const kept = await Promise.all(
      (await keptFiles(CIRCUITS)).map((file) => circuitAt(file, 'kept')),
    );
    const keys = new Set(kept.flatMap((one) => ('circuit' in one ? [circuitKey(idOf(one))] : [])));
    const only = this.found.filter((one) => !keys.has(circuitKey(idOf(one))));
    return [...[...only, ...kept].map(listed), ...(await shipped(this.bundleDir()))];
  }
}

/** A circuit without its proofs. */
const unproven = (circuit: Circuit): Circuit => ({ ...circuit, proof: null, repeats: [] });

/** The circuit in a file. */
export async function circuitAt(
  file: vscode.Uri,
  origin: Origin,
): Promise<KnownCircuit | BadCircuit> {
  const name = basename(file.path, '.json');
  const where = vscode.workspace.asRelativePath(file);
  const beside: ReadText = (other) =>
    readText(vscode.Uri.joinPath(file, '..', other)).catch(() => null);
  try {
    const kept = origin === 'kept' ? { file } : {};
    return readKnown(await readText(file), { name, origin, where, beside, ...kept });
  } catch (error) {
    return { name, origin, problem: oneLine(error) };
  }
}

/** The circuits in a bundle's folder; those that its index knows are not read before they are chosen. */
async function shipped(bundleDir: string): Promise<ListedCircuit[]> {
  const dir = join(bundleDir, CIRCUITS);
  const read: ReadText = (name) => readText(vscode.Uri.file(join(dir, name))).catch(() => null);
  const index = readIndex(bundleDir);
  const files = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.json'));
  return await Promise.all(
    files.sort().map(async (file) => {
      const name = basename(file, '.json');
      const source = { name, origin: 'shipped', where: file, beside: read } as const;
      const open = async () => {
        const known = readKnown((await read(file)) ?? '', source);
        if ('problem' in known) throw new Error(known.problem);
        return known;
      };
      const about = index.get(file);
      const size = about && (await stat(join(dir, file)).catch(() => null))?.size;
      if (about && size === about.bytes) {
        return { name, origin: source.origin, about, problem: null, open };
      }
      return listed(readKnown((await read(file)) ?? '', source));
    }),
  );
}
