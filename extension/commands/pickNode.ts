/** A quick pick of all nodes, the strongest at a token first. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { soon } from '../cancel';
import type { HoverToken } from '../hover/work';
import { namesOf, type NameParts } from '../nodes/names';
import { nodeGroups } from './nodeRows';
import { pickByName, type NodeItem } from './pickByName';

/** How long the list waits for effects before it goes by activation. */
const PATIENCE_MS = 2000;

/**
 * Lets a person choose a node; undefined when they do not.
 * @param token null where there is none, and nothing but the first rows to choose
 * @param first rows that are there at once, and need no model
 * @param fits says of a node's name whether it can be chosen; every node can by default
 */
export async function pickNode(
  parts: NameParts,
  token: Promise<HoverToken> | null,
  title: string,
  first: readonly NodeItem[] = [],
  fits: (node: string) => boolean = () => true,
): Promise<NodeItem | undefined> {
  const placeholder = token
    ? t('Search by name or label, e.g. L2 head 5, MLP neuron 118 or 2.mlp.post_act.118')
    : t('no Python file is active; open one and put the cursor on a token');
  const later = token && token.then((known) => items(parts, known, fits));
  return await pickByName({ title, placeholder }, first, later);
}

/** All nodes: those that matter most here, then by activation, then those that are not active. */
async function items(
  parts: NameParts,
  token: HoverToken,
  fits: (node: string) => boolean,
): Promise<NodeItem[]> {
  const { info } = token.snapshot;
  const [effects, names] = await Promise.all([
    soon(token.leading(), PATIENCE_MS),
    namesOf(parts, info),
  ]);
  const leading = effects?.nodes ?? [];
  const seen = new Set(leading.map(({ node }) => node));
  const others = token.strongest.filter(({ node }) => !seen.has(node));
  return nodeGroups(info.config, names, [...leading, ...others]).flatMap(({ title, rows }) => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...rows.filter(({ node }) => fits(node)),
  ]);
}
