/** Removes all interventions; undo brings them back. */
import { ablationsText, countAblations } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Command } from './command';
import { offerUndo } from './offerUndo';

export const clearAblations: Command = {
  id: 'circuitscope.clearAblations',
  async run({ store }) {
    const { entries } = store.state;
    if (entries.length === 0) {
      void vscode.window.showInformationMessage(t('Nothing is ablated.'));
      return;
    }
    store.clear();
    await offerUndo(store, t('Removed {0}.', ablationsText(countAblations(entries))));
  },
};
