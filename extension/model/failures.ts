/** Says once that a model cannot be loaded, with ways out. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { toast, type Said } from '../toast';
import type { Models } from './models';

/** A log that people can be shown. */
type Shown = Said['log'];

const CHOOSE = t('Choose Model');
const RETRY = t('Try Again');
const LOG = t('Show Log');

/** Shows a message each time that loading fails; requests that need the model cause no more. */
export function reportFailures(models: Models, log: Shown): { dispose(): void } {
  let reported: string | null = null;
  return models.changed.on(() => {
    const { state } = models;
    if (state.kind !== 'failed') {
      reported = null;
    } else if (reported !== state.message) {
      reported = state.message;
      void reportFailure(models, log, state.message);
    }
  });
}

/** Says that the model cannot be loaded, with ways out. */
export async function reportFailure(models: Models, log: Shown, message: string): Promise<void> {
  const text = t('Circuitscope cannot load its model: {0}', message);
  const actions = [CHOOSE, RETRY, LOG];
  const answer = await toast({ log }, { kind: 'Error', text, actions });
  if (answer === CHOOSE) await vscode.commands.executeCommand('circuitscope.chooseModel');
  if (answer === RETRY) await models.reset();
  if (answer === LOG) log.show();
}
