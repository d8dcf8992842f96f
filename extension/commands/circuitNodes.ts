/** Lists the nodes of the circuit that is shown, and what can be done with it. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { circuitSize, type KnownCircuit } from '../circuits/known';
import { pickCircuit, showCircuit } from '../circuits/show';
import { namesOf } from '../nodes/names';
import type { Command, Needs } from './command';
import { nodeRow } from './nodeRows';
import { pickByName, type NodeItem } from './pickByName';

export const circuitNodes: Command = {
  id: 'circuitscope.circuitNodes',
  async run(
    parts: Needs<'models' | 'circuits' | 'activationMap' | 'panel' | 'labels' | 'meanings'>,
  ) {
    const { circuits } = parts;
    const known = circuits.shown ?? (await pickCircuit(parts, t('Nodes of which circuit?')));
    if (!known) return;
    await showCircuit(parts, known);
    await chooseInCircuit(parts, known);
  },
};

interface Item extends NodeItem {
  readonly run?: () => Thenable<unknown>;
}

/** Lets a person choose a node, which then colors the file, or an action. */
async function chooseInCircuit(
  parts: Needs<'models' | 'activationMap' | 'labels' | 'meanings'>,
  known: KnownCircuit,
): Promise<void> {
  const { models, activationMap } = parts;
  const info = await models.info();
  const { config } = info;
  const names = await namesOf(parts, info);
  const { core, backups, edges, unlisted } = known.circuit;
  const [into, out] = [tally(edges.map(({ to }) => to)), tally(edges.map(({ from }) => from))];
  const row = (node: string) => nodeRow(config, names, node, null);
  const joins = (node: string) =>
    unlisted ? {} : { detail: t('edges in {0}, out {1}', into.get(node) ?? 0, out.get(node) ?? 0) };
  const items: Item[] = [
    { label: t('actions'), kind: vscode.QuickPickItemKind.Separator },
    ...ACTIONS,
    { label: t('color the file by a core node'), kind: vscode.QuickPickItemKind.Separator },
    ...core.map((node) => ({ ...row(node), ...joins(node) })),
    ...(backups.length > 0
      ? [{ label: t('or by a backup'), kind: vscode.QuickPickItemKind.Separator }]
      : []),
    ...backups.map(row),
  ];
  const title = t('Circuit {0}: {1}', known.name, circuitSize(known.circuit));
  const placeholder = t('The file is colored by how strongly the circuit is active');
  const item = await pickByName({ title, placeholder }, items);
  if (item?.node !== undefined) activationMap.show(item.node);
  else if (item?.run) await item.run();
  else if (item) activationMap.show(null);
}

/** How often each name occurs. */
function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const ACTIONS: readonly Item[] = [
  {
    label: `$(circle-slash) ${t('Ablate This Circuit')}`,
    description: t('is it needed?'),
    run: () => vscode.commands.executeCommand('circuitscope.ablateCircuit'),
  },
  {
    label: `$(circle-filled) ${t('Ablate All But This Circuit')}`,
    description: t('is it enough?'),
    run: () => vscode.commands.executeCommand('circuitscope.ablateAllButCircuit'),
  },
  { label: `$(close) ${t('Stop coloring')}` },
];
