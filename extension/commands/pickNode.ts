/** A quick pick of all nodes, the strongest at a token first. */
import * as vscode from 'vscode';
import { soon } from '../cancel';
import type { HoverToken } from '../hover/work';
import type { NodeLabels } from '../labels/labels';
import { strongestNodes } from '../trace/tokenTrace';
import { nodeGroups } from './nodeRows';

/** How long the list waits for effects before it goes by activation. */
const PATIENCE_MS = 4000;

interface NodeItem extends vscode.QuickPickItem {
  readonly node?: string;
}

/** Lets a person choose a node; undefined when they do not. */
export async function pickNode(
  labels: NodeLabels,
  token: Promise<HoverToken>,
  title: string,
  first: readonly NodeItem[] = [],
): Promise<NodeItem | undefined> {
  const all = async () => [...first, ...(await items(labels, await token))];
  return await vscode.window.showQuickPick(all(), {
    title,
    placeHolder: 'Search by name or label, e.g. L2 head 5, MLP neuron 118 or 2.mlp.post_act',
    matchOnDescription: true,
  });
}

/** All nodes: by effect where that is known, then by activation, then those that are not active. */
async function items(labels: NodeLabels, token: HoverToken): Promise<NodeItem[]> {
  const { info } = token.snapshot;
  const [effects] = await Promise.all([soon(token.effects(), PATIENCE_MS), labels.load(info)]);
  const active = effects?.nodes ?? strongestNodes(token.view.trace);
  return nodeGroups(info.config, labels.of(info), active).flatMap(({ title, rows }) => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...rows,
  ]);
}
