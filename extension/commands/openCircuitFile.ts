/** Draws a circuit from a file: one that was exported from a panel, or a task's that was kept. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../shared/l10n';
import { circuitAt } from '../circuits/library';
import { showCircuit } from '../circuits/show';
import { isRecorded, readRecorded } from '../panel/recorded';
import { foldersBy } from '../folders';
import { readText } from '../readText';
import type { Command, Needs } from './command';

export const openCircuitFile: Command = {
  id: 'circuitscope.openCircuitFile',
  async run(parts: Needs<'models' | 'circuits' | 'activationMap' | 'panel'>, argument) {
    const file = argument instanceof vscode.Uri ? argument : await choose();
    if (!file) return;
    const where = basename(file.path);
    const data = parsed(await readText(file), where);
    if (!isRecorded(data)) {
      const known = await circuitAt(file, 'file');
      if ('problem' in known) throw new Error(known.problem);
      await showCircuit(parts, known);
      return;
    }
    const read = readRecorded(data, where, await parts.models.info());
    if ('recorded' in read) parts.panel.openRecorded(read.recorded);
    else parts.panel.showCircuit(read.drawn);
  },
};

async function choose(): Promise<vscode.Uri | undefined> {
  const [folder] = foldersBy();
  const files = await vscode.window.showOpenDialog({
    title: t('Open a circuit'),
    filters: { [t('Circuits')]: ['json'] },
    ...(folder && { defaultUri: folder.uri }),
  });
  return files?.[0];
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(t('{0} is not JSON; choose another file', where));
  }
}
