/** Copies the interventions that are on as JSON, for somebody else to load. */
import { ablationsText, countAblations } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { fileNames } from '../interventions/folder';
import { setToJson } from '../interventions/json';
import { outgoing } from '../interventions/outgoing';
import { toast } from '../toast';
import type { Command, Needs } from './command';

export const shareSet: Command = {
  id: 'circuitscope.shareSet',
  async run(parts: Needs<'store' | 'documents' | 'models' | 'log'>) {
    const set = await outgoing(parts);
    await vscode.env.clipboard.writeText(setToJson(set, set.model, fileNames));
    const text = t(
      'Copied {0} as JSON.{1} Others can load it with "{2}" or circuitscope trace --interventions.',
      ablationsText(countAblations(set.entries)),
      set.left,
      `Circuitscope: ${t('Load Ablations…')}`,
    );
    void toast(parts, { kind: 'Information', text });
  },
};
