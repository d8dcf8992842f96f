/** A quick pick of all nodes, the strongest at a token first. */
import * as vscode from 'vscode';
import { siteWidth } from '../../models/transformer/config';
import { allSites, nodeName } from '../../models/transformer/nodes';
import type { HoverToken } from '../hover/work';
import { nodeLabel, signed } from '../interventions/describe';
import { strongestNodes } from '../trace/tokenTrace';

const STRONGEST = 12;

interface NodeItem extends vscode.QuickPickItem {
  readonly node?: string;
}

/** Lets a person choose a node; undefined when they do not. */
export async function pickNode(
  token: Promise<HoverToken>,
  title: string,
  first: readonly NodeItem[] = [],
): Promise<NodeItem | undefined> {
  const all = async () => [...first, ...items(await token)];
  return await vscode.window.showQuickPick(all(), {
    title,
    placeHolder: 'Search by name, e.g. L2 head 5, MLP neuron 118 or 2.mlp.post_act',
    matchOnDescription: true,
  });
}

function items({ view, snapshot }: HoverToken): NodeItem[] {
  const { config } = snapshot.info;
  const active = strongestNodes(view.trace);
  const names = new Set(active.map(({ node }) => node));
  const label = (node: string) => nodeLabel(node, config);
  const activeItems = active.map(({ node, activation }) => ({
    ...{ label: label(node), description: `${node}  ${signed(activation)}`, node },
  }));
  const others = allSites(config).flatMap(({ layer, site }) =>
    Array.from({ length: siteWidth(config, site) }, (_, index) => nodeName({ layer, site, index })),
  );
  return [
    separator('strongest here'),
    ...activeItems.slice(0, STRONGEST),
    separator('active here'),
    ...activeItems.slice(STRONGEST),
    separator('not active here'),
    ...others
      .filter((node) => !names.has(node))
      .map((node) => ({ label: label(node), description: node, node })),
  ];
}

function separator(label: string): NodeItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
