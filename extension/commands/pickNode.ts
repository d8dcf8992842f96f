/** A quick pick of all nodes, the strongest at a token first. */
import * as vscode from 'vscode';
import { siteWidth } from '../../models/transformer/config';
import { allSites, nodeName } from '../../models/transformer/nodes';
import { soon } from '../cancel';
import type { HoverToken } from '../hover/work';
import { nodeLabel, signed } from '../interventions/describe';
import { strongestNodes } from '../trace/tokenTrace';
import type { TokenEffects } from '../trace/traces';

const STRONGEST = 12;
/** How long the list waits for effects before it goes by activation. */
const PATIENCE_MS = 4000;

interface NodeItem extends vscode.QuickPickItem {
  readonly node?: string;
}

/** Lets a person choose a node; undefined when they do not. */
export async function pickNode(
  token: Promise<HoverToken>,
  title: string,
  first: readonly NodeItem[] = [],
): Promise<NodeItem | undefined> {
  const all = async () => {
    const here = await token;
    return [...first, ...items(here, await soon(here.effects(), PATIENCE_MS))];
  };
  return await vscode.window.showQuickPick(all(), {
    title,
    placeHolder: 'Search by name, e.g. L2 head 5, MLP neuron 118 or 2.mlp.post_act',
    matchOnDescription: true,
  });
}

/** All nodes: by effect where that is known, then by activation, then those that are not active. */
function items({ view, snapshot }: HoverToken, effects: TokenEffects | null): NodeItem[] {
  const { config } = snapshot.info;
  const label = (node: string) => nodeLabel(node, config);
  const activeItems = effects
    ? effects.nodes.map(({ node, activation, effect }) => {
        const numbers = `effect ${signed(effect)} nats  activation ${signed(activation)}`;
        return { label: label(node), description: `${node}  ${numbers}`, node };
      })
    : strongestNodes(view.trace).map(({ node, activation }) => {
        const description = `${node}  activation ${signed(activation)}`;
        return { label: label(node), description, node };
      });
  const active = new Set(activeItems.map(({ node }) => node));
  const others = allSites(config).flatMap(({ layer, site }) =>
    Array.from({ length: siteWidth(config, site) }, (_, index) => nodeName({ layer, site, index })),
  );
  return [
    separator(effects ? 'largest effect when ablated at this token' : 'most active here'),
    ...activeItems.slice(0, STRONGEST),
    separator('active here'),
    ...activeItems.slice(STRONGEST),
    separator('not active here'),
    ...others
      .filter((node) => !active.has(node))
      .map((node) => ({ label: label(node), description: node, node })),
  ];
}

function separator(label: string): NodeItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
