/** Says what was changed of the ablations, and takes it back when a person wants that. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { InterventionStore } from '../interventions/store';

const UNDO = t('Undo');

/** Offers to undo the change just made; newer changes are never undone with it. */
export async function offerUndo(store: InterventionStore, done: string): Promise<void> {
  const { revision } = store;
  if ((await vscode.window.showInformationMessage(done, UNDO)) !== UNDO) return;
  if (store.revision === revision) {
    store.undo();
    return;
  }
  void vscode.window.showInformationMessage(
    t(
      'The ablations have changed since. Run "{0}" to go back step by step.',
      `Circuitscope: ${t('Undo Change of Ablations')}`,
    ),
  );
}
