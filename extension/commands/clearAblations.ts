/** Removes all interventions; undo brings them back. */
import * as vscode from 'vscode';
import { ablationsText } from '../interventions/describe';
import type { Command } from './command';

export const clearAblations: Command = {
  id: 'circuitscope.clearAblations',
  async run({ store }) {
    const before = store.state;
    const { length } = before.entries;
    if (length === 0) {
      void vscode.window.showInformationMessage('Nothing is ablated.');
      return;
    }
    store.clear();
    const removed = `Removed ${ablationsText(length)}.`;
    if ((await vscode.window.showInformationMessage(removed, 'Undo')) === 'Undo') {
      store.replace(before);
    }
  },
};
