/** Circuits that a person can choose: shipped with the model, kept in the workspace, just found. */
import { createHash } from 'node:crypto';
import { checkModel, parseCircuit, type Circuit } from '../../models/circuits/circuitFile';
import { indexEntry, type IndexEntry } from '../../models/circuits/circuitIndex';
import { oneLine } from '../../models/runtime/oneLine';
import type { BundleInfo } from '../../models/runtime/engine';
import type { PairsRequest } from '../../models/tasks/source';
import { counted } from '../text/counted';

/** Where a circuit comes from, in words. */
export type Origin =
  'shipped with the model' | 'kept in this workspace' | 'found just now' | 'a file';

/** A file's text, null where there is none of that name. */
export type ReadText = (name: string) => Promise<string | null>;

/** A circuit by name. */
export interface KnownCircuit {
  readonly name: string;
  readonly origin: Origin;
  /** What error messages call it. */
  readonly where: string;
  readonly circuit: Circuit;
  /** Reads files beside it. */
  readonly beside: ReadText;
}

/** A circuit's file that cannot be used. */
export interface BadCircuit {
  readonly name: string;
  readonly origin: Origin;
  /** One line. */
  readonly problem: string;
}

/** What is known of a circuit without reading it. */
type About = Omit<IndexEntry, 'bytes'>;

/** A circuit that can be chosen, read when it is. */
export interface ListedCircuit {
  readonly name: string;
  readonly origin: Origin;
  /** What is known without reading it; null when its file cannot be used. */
  readonly about: About | null;
  /** One line, when its file cannot be used. */
  readonly problem: string | null;
  /** @throws one line when it cannot be read */
  open(): Promise<KnownCircuit>;
}

/** A circuit that was read already as one of a list. */
export function listed(known: KnownCircuit | BadCircuit): ListedCircuit {
  const { name, origin } = known;
  if ('problem' in known) {
    const { problem } = known;
    return { name, origin, about: null, problem, open: () => Promise.reject(new Error(problem)) };
  }
  const about = indexEntry(known.circuit, 0);
  return { name, origin, about, problem: null, open: () => Promise.resolve(known) };
}

/** A circuit from the text of its file; what is wrong with it otherwise. */
export function readKnown(
  text: string,
  source: Omit<KnownCircuit, 'circuit'>,
): KnownCircuit | BadCircuit {
  const { name, origin, where } = source;
  try {
    return { ...source, circuit: parseCircuit(parsed(text, where), where) };
  } catch (error) {
    return { name, origin, problem: oneLine(error) };
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${where} is not JSON; find the circuit anew`);
  }
}

/**
 * Checks that a circuit is of the model in use.
 * @throws one line that names both models
 */
export function checkFits({ circuit, where }: KnownCircuit, info: BundleInfo): void {
  const { name, hash } = circuit.bundle;
  if (hash !== info.hash) {
    throw new Error(
      `${where} is a circuit of ${name} ${hash.slice(0, 12)}, and the model in use is ${info.name} ${info.hash.slice(0, 12)}; choose its model, or find the circuit anew`,
    );
  }
  checkModel(circuit, info, where);
}

/**
 * The pairs that a circuit was pruned for.
 * @throws one line when they are not found, or are no longer the same
 */
export async function pairsOf({ circuit, where, beside }: KnownCircuit): Promise<PairsRequest> {
  const { pairs } = circuit;
  if ('task' in pairs) return { task: pairs.task };
  const { file } = pairs;
  if (!isBaseName(file)) {
    throw new Error(
      `${where} names pairs elsewhere (${JSON.stringify(file)}); pairs lie beside their circuit, so write the name of a file there`,
    );
  }
  const text = await beside(file);
  if (text === null) {
    throw new Error(`the pairs ${file} of ${where} are not beside it; put them there`);
  }
  if (createHash('sha256').update(text).digest('hex') !== pairs.sha256) {
    throw new Error(`${file} has changed since ${where} was found for it; find the circuit anew`);
  }
  return { name: file, text, where: file };
}

/** Whether a name is that of a file in the same folder, on any system. */
function isBaseName(file: string): boolean {
  return file !== '' && file !== '.' && file !== '..' && !/[\\/:\0]/.test(file);
}

/** Nodes, edges and backups, the loss on the pairs that nodes were selected by (nats), and the proof. */
export function sizeText({ nodes, edges, backups, loss, passes }: About): string {
  const size = `${counted(nodes, 'node')}, ${counted(edges, 'edge')}`;
  if (loss === null) return `${size}, of an older format: not proven`;
  const more = `${counted(backups, 'backup')}, loss ${loss.toFixed(3)}`;
  const state = passes === null ? '' : passes ? ', proven' : ', not all criteria hold';
  return `${size}, ${more}${state}`;
}

/** The same in a few letters, for a list: `81 nodes · loss 0.12 · proven`. */
export function stateText({ nodes, loss, passes }: About): string {
  const state =
    loss === null ? 'older format' : passes === null ? '' : passes ? 'proven' : 'not proven';
  return [counted(nodes, 'node'), loss === null ? '' : `loss ${loss.toFixed(2)}`, state]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The same of a circuit that was read. */
export function circuitSize(circuit: Circuit): string {
  return sizeText(indexEntry(circuit, 0));
}
