/** A quick pick of all nodes, the strongest at a token first, and before all the one that is typed by name. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { soon } from '../cancel';
import type { HoverToken } from '../hover/work';
import { namesOf, type NameParts } from '../nodes/names';
import { nodeGroups } from './nodeRows';

/** How long the list waits for effects before it goes by activation. */
const PATIENCE_MS = 2000;

interface NodeItem extends vscode.QuickPickItem {
  readonly node?: string;
}

/**
 * Lets a person choose a node; undefined when they do not.
 * @param token null where there is none, and nothing but the first rows to choose
 * @param first rows that are there at once, and need no model
 */
export async function pickNode(
  parts: NameParts,
  token: Promise<HoverToken> | null,
  title: string,
  first: readonly NodeItem[] = [],
): Promise<NodeItem | undefined> {
  const pick = vscode.window.createQuickPick<NodeItem>();
  pick.title = title;
  pick.placeholder = token
    ? t('Search by name or label, e.g. L2 head 5, MLP neuron 118 or 2.mlp.post_act.118')
    : t('no Python file is active; open one and put the cursor on a token');
  pick.matchOnDescription = true;
  pick.items = first;
  pick.busy = token !== null;
  let rows: readonly NodeItem[] = first;
  const show = () => {
    const typed = exactly(rows, pick.value);
    pick.items = typed ? [typed, ...rows.filter((row) => row !== typed)] : rows;
    if (typed) pick.activeItems = [typed];
  };
  let typedBefore = false;
  pick.onDidChangeValue(() => {
    const typed = exactly(rows, pick.value) !== undefined;
    // Thousands of rows are not set again for every key.
    if (typed || typedBefore) show();
    typedBefore = typed;
  });
  try {
    return await new Promise<NodeItem | undefined>((resolve, reject) => {
      pick.onDidAccept(() => {
        // Enter before the rows are there, or where none fits, chooses nothing and closes nothing.
        const [chosen] = pick.activeItems;
        if (chosen) resolve(chosen);
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
      pick.show();
      token
        ?.then((known) => items(parts, known))
        .then((found) => {
          rows = [...first, ...found];
          show();
          pick.busy = false;
        })
        .catch(reject);
    });
  } finally {
    pick.dispose();
  }
}

/** The row of the node whose name is typed. */
function exactly(rows: readonly NodeItem[], value: string): NodeItem | undefined {
  const typed = value.trim();
  return typed === '' ? undefined : rows.find(({ node }) => node === typed);
}

/** All nodes: those that matter most here, then by activation, then those that are not active. */
async function items(parts: NameParts, token: HoverToken): Promise<NodeItem[]> {
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
    ...rows,
  ]);
}
