/** Draws a circuit and lets it color the file, and lets a person choose one. */
import * as vscode from 'vscode';
import type { App } from '../commands/command';
import { drawnOf } from './drawn';
import { checkFits, sizeText, type BadCircuit, type KnownCircuit } from './known';
import { circuitAt } from './library';

interface CircuitItem extends vscode.QuickPickItem {
  readonly known?: KnownCircuit | BadCircuit;
  readonly does?: 'browse' | 'find';
}

/**
 * Draws a circuit in the panel, and colors the visible Python files by it.
 * @throws one line when it is of another model
 */
export async function showCircuit(app: App, known: KnownCircuit): Promise<void> {
  checkFits(known, await app.models.info());
  app.circuits.shown = known;
  app.activationMap.showCircuit({ name: known.name, nodes: known.circuit.core });
  app.panel.showCircuit(await drawnOf(known));
}

/**
 * Lets a person choose a circuit of the model in use.
 * @throws one line when it cannot be read or is of another model
 */
export async function pickCircuit(app: App, title: string): Promise<KnownCircuit | undefined> {
  const item = await vscode.window.showQuickPick(items(app), {
    title,
    placeHolder: 'Search by name',
    matchOnDescription: true,
  });
  if (item?.does === 'find') {
    await vscode.commands.executeCommand('circuitscope.findCircuit');
    return undefined;
  }
  const known = item?.does === 'browse' ? await browse() : item?.known;
  if (!known) return undefined;
  if ('problem' in known) throw new Error(known.problem);
  checkFits(known, await app.models.info());
  return known;
}

async function items(app: App): Promise<CircuitItem[]> {
  const { name, hash } = await app.models.info();
  const all = await app.circuits.list();
  const groups = new Map<string, CircuitItem[]>();
  for (const known of all) {
    const own = groups.get(known.origin) ?? [];
    groups.set(known.origin, [...own, itemOf(known, hash)]);
  }
  const listed = [...groups].flatMap(([origin, own]) => [separator(origin), ...own]);
  const noneShipped = all.every(({ origin }) => origin !== 'shipped with the model');
  return [
    ...listed,
    ...(noneShipped ? [separator(`no circuits are shipped with ${name}`)] : [separator('more')]),
    { label: '$(search) Find the circuit for this prediction…', does: 'find' },
    { label: '$(folder-opened) File…', description: 'a circuit on this machine', does: 'browse' },
  ];
}

function itemOf(known: KnownCircuit | BadCircuit, hash: string): CircuitItem {
  const { name } = known;
  if ('problem' in known) {
    return {
      label: `$(error) ${name}`,
      description: 'cannot be read',
      detail: known.problem,
      known,
    };
  }
  const { bundle } = known.circuit;
  if (bundle.hash === hash) {
    return { label: `$(circuit-board) ${name}`, description: sizeText(known.circuit), known };
  }
  const description = `of another model, ${bundle.name} ${bundle.hash.slice(0, 12)}`;
  return { label: `$(warning) ${name}`, description, known };
}

function separator(label: string): CircuitItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

async function browse(): Promise<KnownCircuit | BadCircuit | undefined> {
  const [file] = (await vscode.window.showOpenDialog({ filters: { JSON: ['json'] } })) ?? [];
  return file && (await circuitAt(file, 'a file'));
}
