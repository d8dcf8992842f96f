/** Puts an intervention in force and says what it did to the prediction at hand. */
import { percent } from '../../shared/format';
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Ablation, Intervention } from '../../models/inference/interventions';
import type { HoverToken } from '../hover/work';
import { kindText, nodeLabel } from '../interventions/describe';
import { shownText } from '../trace/shownToken';
import { tokenOf, type Target, type Needs } from './command';

const MESSAGE_MS = 10_000;

/**
 * Adds the change of one node to the set.
 * @param token what the positions were chosen at
 */
export async function change(
  { store, work }: Needs<'store' | 'work'>,
  target: Target,
  token: HoverToken,
  node: string,
  kind: Ablation,
  positions: Intervention['positions'],
): Promise<void> {
  const intervention = { nodes: [node], positions, kind };
  store.add(intervention, token.snapshot);
  const { view, snapshot } = await tokenOf({ work }, target);
  const [top] = view.candidates;
  const label = `${nodeLabel(node, snapshot.info.config)} ${kindText(intervention)}`;
  const from = top.before === null ? '' : `${percent(top.before)} → `;
  vscode.window.setStatusBarMessage(
    t('{0}: next {1} {2}', label, shownText(top), `${from}${percent(top.share)}`),
    MESSAGE_MS,
  );
}
