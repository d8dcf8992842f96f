/** Steps back and forth through the changes of the intervention set. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Command } from './command';

export const undoChange: Command = {
  id: 'circuitscope.undo',
  run({ store }) {
    if (!store.undo()) void vscode.window.showInformationMessage(t('Nothing to undo.'));
    return Promise.resolve();
  },
};

export const redoChange: Command = {
  id: 'circuitscope.redo',
  run({ store }) {
    if (!store.redo()) void vscode.window.showInformationMessage(t('Nothing to redo.'));
    return Promise.resolve();
  },
};
