/** Copies the interventions that are on as JSON, for somebody else to load. */
import * as vscode from 'vscode';
import { ablationsText } from '../interventions/describe';
import { setToJson } from '../interventions/json';
import type { Command } from './command';

export const shareSet: Command = {
  id: 'circuitscope.shareSet',
  async run({ store }) {
    if (store.count === 0) throw new Error('nothing is ablated; ablate a node before sharing');
    await vscode.env.clipboard.writeText(setToJson(store.state));
    void vscode.window.showInformationMessage(
      `Copied ${ablationsText(store.count)} as JSON. ` +
        'Others load it with "Circuitscope: Load Ablations…" or circuitscope trace --interventions.',
    );
  },
};
