/** Circuits that a person can choose: shipped with the model, kept in the workspace, just found. */
import { plural, series, t } from '../../shared/l10n';
import { createHash } from 'node:crypto';
import type { Uri } from 'vscode';
import { checkModel, parseCircuit, type Circuit } from '../../models/circuits/file/circuitFile';
import { indexEntry, type IndexEntry } from '../../models/circuits/file/circuitIndex';
import { oneLine } from '../../models/oneLine';
import type { BundleInfo } from '../../models/inference/engine';
import type { PairsRequest } from '../../models/tasks/source';

/** Where a circuit comes from. */
export const ORIGIN_NAMES = ['shipped', 'kept', 'found', 'file'] as const;
export type Origin = (typeof ORIGIN_NAMES)[number];

/** The same in words. */
export const ORIGINS: Readonly<Record<Origin, string>> = {
  shipped: t('shipped with the model'),
  kept: t('kept in this workspace'),
  found: t('found just now'),
  file: t('a file'),
};

/** What a circuit is told from others by: a name alone is that of several. */
export interface CircuitId {
  readonly name: string;
  readonly origin: Origin;
  /** Hash of its model. */
  readonly model: string;
}

/** The same as one text; what was just found is what is kept of it. */
export function circuitKey({ name, origin, model }: CircuitId): string {
  return JSON.stringify([model, origin === 'found' ? 'kept' : origin, name]);
}

/** The id of a circuit that was read. */
export function idOf({ name, origin, circuit }: KnownCircuit): CircuitId {
  return { name, origin, model: circuit.bundle.hash };
}

/** The id of one in a list; null where its file cannot be used. */
export function listedId({ name, origin, about }: ListedCircuit): CircuitId | null {
  return about && { name, origin, model: about.bundle.hash };
}

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
  /** Its own file, where the workspace keeps it; it is written only there. */
  readonly file?: Uri | undefined;
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
    throw new Error(t('{0} is not JSON; find the circuit again', where));
  }
}

/**
 * Checks that a circuit is of the model in use.
 * @throws one line that names both models
 */
export function checkFits({ circuit, where }: KnownCircuit, info: BundleInfo): void {
  const { name, hash } = circuit.bundle;
  if (hash !== info.hash) {
    const model = (named: string, of: string) => `${named} ${of.slice(0, 12)}`;
    throw new Error(
      t(
        '{0} is a circuit of {1}, but the model in use is {2}; choose its model or find the circuit again',
        where,
        model(name, hash),
        model(info.name, info.hash),
      ),
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
      t(
        '{0} names a pairs file elsewhere ({1}); name one in the circuit’s own folder',
        where,
        JSON.stringify(file),
      ),
    );
  }
  const text = await beside(file);
  if (text === null) {
    throw new Error(t('the pairs file {0} is not beside {1}; put it there', file, where));
  }
  if (createHash('sha256').update(text).digest('hex') !== pairs.sha256) {
    throw new Error(t('{0} has changed since {1} was found; find the circuit again', file, where));
  }
  return { name: file, text, where: file };
}

/** Whether a name is that of a file in the same folder, on any system. */
function isBaseName(file: string): boolean {
  return file !== '' && file !== '.' && file !== '..' && !/[\\/:\0]/.test(file);
}

/** Nodes, edges and backups, the loss on the pairs that nodes were selected by (nats), and the proof. */
export function sizeText({ nodes, edges, backups, loss, passes }: About): string {
  const size = [nodesText(nodes), plural(edges, '{0} edge', '{0} edges')];
  if (loss === null) return series([...size, t('older format, not proven')]);
  const more = [
    plural(backups, '{0} backup', '{0} backups'),
    t('loss {0}', loss.toFixed(3)),
    ...(passes === null ? [] : [passes ? t('proven') : t('not all criteria hold')]),
  ];
  return series([...size, ...more]);
}

/** The same in a few letters, for a list: `81 nodes · loss 0.12 · proven`. */
export function stateText({ nodes, loss, passes }: About): string {
  const state =
    loss === null
      ? t('older format')
      : passes === null
        ? ''
        : passes
          ? t('proven')
          : t('not proven');
  return [nodesText(nodes), loss === null ? '' : t('loss {0}', loss.toFixed(2)), state]
    .filter((part) => part !== '')
    .join(' · ');
}

function nodesText(count: number): string {
  return plural(count, '{0} node', '{0} nodes');
}

/** The same of a circuit that was read. */
export function circuitSize(circuit: Circuit): string {
  return sizeText(indexEntry(circuit, 0));
}
