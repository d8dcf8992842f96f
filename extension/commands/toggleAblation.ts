/** The list of interventions, each with a box to tick. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { kindText, namesText, nodesText, waitsText, whereText } from '../interventions/describe';
import { anchorOf } from '../interventions/entry';
import { nameOfAblated, namesOf } from '../nodes/names';
import { fileNames } from '../interventions/folder';
import type { Command, Needs } from './command';

export const toggleAblation: Command = {
  id: 'circuitscope.toggleAblation',
  async run(parts: Needs<'store' | 'models' | 'labels' | 'meanings'>) {
    const { store } = parts;
    const items = await listItems(parts);
    if (items.length === 0) {
      void vscode.window.showInformationMessage(
        t('Nothing is ablated. Run "{0}" on a token.', `Circuitscope: ${t('Ablate Node…')}`),
      );
      return;
    }
    const chosen = await vscode.window.showQuickPick(items, {
      title: t('{0}: checked ablations are on', store.state.name),
      placeHolder: t('Space toggles, Enter applies'),
      canPickMany: true,
      matchOnDescription: true,
    });
    if (chosen) store.switch(items.map((item) => chosen.includes(item)));
  },
};

/** Names that a list shows; an intervention may have thousands. */
const NAMES = 8;

async function listItems(parts: Needs<'store' | 'models' | 'labels' | 'meanings'>) {
  const { store, models } = parts;
  const info = models.state.kind === 'ready' ? models.state.info : null;
  const names = info && (await namesOf(parts, info));
  return store.state.entries.map((entry) => {
    const uri = anchorOf(entry)?.uri;
    const waits = waitsText(entry, info?.hash ?? null);
    const name = nameOfAblated(waits === null ? names : null, entry);
    const details = [
      ...(name === '' ? [] : [name]),
      ...(uri === undefined ? [] : [t('in {0}', fileNames.fileOf(uri))]),
      ...(waits === null ? [] : [waits]),
    ];
    return {
      label: `${nodesText(entry, waits === null ? (info?.config ?? null) : null)} ${kindText(entry)}`,
      description: [whereText(entry), namesText(entry, NAMES)].join(' · '),
      ...(details.length > 0 && { detail: details.join(' · ') }),
      picked: entry.on,
    };
  });
}
