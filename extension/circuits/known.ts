/** Circuits that a person can choose: shipped with the model, kept in the workspace, just found. */
import { createHash } from 'node:crypto';
import {
  checkModel,
  edgeCount,
  parseCircuit,
  type Circuit,
} from '../../models/circuits/circuitFile';
import { judge } from '../../models/circuits/proof/criteria';
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

/** Nodes, edges and backups, and the loss on the pairs that nodes were selected by (nats). */
export function sizeText(circuit: Circuit): string {
  const { core, backups, search, proof } = circuit;
  const size = `${counted(core.length, 'node')}, ${counted(edgeCount(circuit), 'edge')}`;
  if (!search) return `${size}, of an older format: not proven`;
  const more = `${counted(backups.length, 'backup')}, loss ${search.loss.core.toFixed(3)}`;
  const state = proof ? (judge(proof).passes ? ', proven' : ', not all criteria hold') : '';
  return `${size}, ${more}${state}`;
}
