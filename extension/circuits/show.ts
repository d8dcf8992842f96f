/** Draws a circuit and lets it color the file, and lets a person choose one. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { taskNamed } from '../../models/tasks';
import type { ActivationMap } from '../decorations/activationMap';
import type { Models } from '../model/models';
import type { CircuitPanels } from '../panel/panel';
import { inWords } from '../panel/taskView';
import { drawnOf } from './drawn';
import {
  checkFits,
  circuitKey,
  listed,
  listedId,
  ORIGINS,
  sizeText,
  type CircuitId,
  type KnownCircuit,
  type ListedCircuit,
  type Origin,
} from './known';
import { circuitAt, type CircuitLibrary } from './library';

interface CircuitItem extends vscode.QuickPickItem {
  readonly known?: ListedCircuit;
  readonly does?: 'browse' | 'find';
}

/** What lists circuits, and knows of which model they are. */
export interface ListParts {
  readonly models: Models;
  readonly circuits: CircuitLibrary;
}

/** What shows one. */
export interface ShowParts extends ListParts {
  readonly activationMap: ActivationMap;
  readonly panel: CircuitPanels;
}

/**
 * Draws a circuit in the panel, and colors the visible Python files by it.
 * @throws one line when it is of another model, or its edges are not the model's weights
 */
export async function showCircuit(
  { models, circuits, activationMap, panel }: ShowParts,
  asked: KnownCircuit,
): Promise<void> {
  const known = circuits.withProofs(asked);
  checkFits(known, await models.info());
  const { circuit, where } = known;
  const { hash } = circuit.bundle;
  await models.useModel('circuit', { hash }, (runtime) => runtime.checkCircuit(circuit, where));
  activationMap.showCircuit({ name: known.name, nodes: known.circuit.core });
  circuits.show(known);
  panel.showCircuit(await drawnOf(known));
}

/**
 * Lets a person choose a circuit of the model in use.
 * @throws one line when it cannot be read or is of another model
 */
export async function pickCircuit(
  parts: ListParts,
  title: string,
): Promise<KnownCircuit | undefined> {
  const item = await vscode.window.showQuickPick(items(parts), {
    title,
    placeHolder: t('Search by name'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (item?.does === 'find') {
    await vscode.commands.executeCommand('circuitscope.findCircuit');
    return undefined;
  }
  const chosen = item?.does === 'browse' ? await browse() : item?.known;
  if (!chosen) return undefined;
  const known = parts.circuits.withProofs(await chosen.open());
  checkFits(known, await parts.models.info());
  return known;
}

async function items({ models, circuits }: ListParts): Promise<CircuitItem[]> {
  const { name, hash } = await models.info();
  const all = await circuits.list();
  const groups = new Map<Origin, CircuitItem[]>();
  for (const known of all) {
    const own = groups.get(known.origin) ?? [];
    groups.set(known.origin, [...own, itemOf(known, hash)]);
  }
  const listed = [...groups].flatMap(([origin, own]) => [separator(ORIGINS[origin]), ...own]);
  const noneShipped = all.every(({ origin }) => origin !== 'shipped');
  return [
    ...listed,
    separator(noneShipped ? t('no circuits are shipped with {0}', name) : t('more')),
    { label: `$(search) ${t('Find the circuit for this prediction…')}`, does: 'find' },
    {
      label: `$(folder-opened) ${t('File…')}`,
      description: t('a circuit on this machine'),
      does: 'browse',
    },
  ];
}

function itemOf(known: ListedCircuit, hash: string): CircuitItem {
  const { name, about, problem } = known;
  if (!about) {
    return {
      label: `$(error) ${name}`,
      description: t('cannot be read'),
      detail: problem ?? '',
      known,
    };
  }
  if (about.bundle.hash === hash) {
    const task = taskNamed(name);
    return {
      label: `$(circuit-board) ${name}`,
      description: sizeText(about),
      // A name says little to who has not read of the task.
      ...(task && { detail: inWords(task.description) }),
      known,
    };
  }
  const model = `${about.bundle.name} ${about.bundle.hash.slice(0, 12)}`;
  const description = t('of another model, {0}', model);
  return { label: `$(warning) ${name}`, description, known };
}

/** A circuit as a link or a list names it. */
export type NamedCircuit = Pick<CircuitId, 'name'> & {
  readonly origin?: Origin | undefined;
  readonly model?: string | undefined;
};

/** Whether a circuit is one that was named. */
export function isNamed({ name, origin, model }: NamedCircuit, id: CircuitId): boolean {
  return (
    circuitKey(id) === circuitKey({ name, origin: origin ?? id.origin, model: model ?? id.model })
  );
}

/**
 * The circuit of a name; of several, that of the model in use first.
 * @throws one line when there is none, or it cannot be read or is of another model
 */
export async function circuitNamed(
  { models, circuits }: ListParts,
  named: NamedCircuit,
): Promise<KnownCircuit> {
  const info = await models.info();
  const all = (await circuits.list()).filter((one) =>
    isNamed(named, listedId(one) ?? { ...one, model: named.model ?? '' }),
  );
  const found = all.find(({ about }) => about?.bundle.hash === info.hash) ?? all.at(0);
  if (!found) {
    const name = JSON.stringify(named.name);
    throw new Error(t('there is no circuit {0}; choose one from the list', name));
  }
  const known = circuits.withProofs(await found.open());
  checkFits(known, info);
  return known;
}

function separator(label: string): CircuitItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function browse(): Promise<ListedCircuit | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ filters: { JSON: ['json'] } })) ?? [];
  return file && listed(await circuitAt(file, 'file'));
}
