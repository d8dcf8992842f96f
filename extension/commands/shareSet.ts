/** Copies the interventions that are on as JSON, for somebody else to load. */
import * as vscode from 'vscode';
import { ablationsText } from '../interventions/describe';
import { fileNames } from '../interventions/folder';
import { setToJson } from '../interventions/json';
import type { Command, Needs } from './command';
import { outgoing } from './outgoing';

export const shareSet: Command = {
  id: 'circuitscope.shareSet',
  async run(parts: Needs<'store' | 'documents' | 'models'>) {
    const set = await outgoing(parts, 'sharing');
    await vscode.env.clipboard.writeText(setToJson(set, set.model, fileNames));
    void vscode.window.showInformationMessage(
      `Copied ${ablationsText(set.entries)} as JSON.${set.left} ` +
        'Others load it with "Circuitscope: Load Ablations…" or circuitscope trace --interventions.',
    );
  },
};
