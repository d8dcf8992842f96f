/** Saves the interventions that are on as JSON in the workspace. */
import { ablationsText, countAblations } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { anchorOf } from '../interventions/entry';
import { fileNamesIn } from '../interventions/folder';
import { fileName } from '../../models/keptFiles';
import { setToJson } from '../interventions/json';
import { outgoing } from '../interventions/outgoing';
import { exists, keptFolder, writeKept } from '../kept';
import { toast } from '../toast';
import type { Command, Needs } from './command';

const OPEN = t('Open');
const REPLACE = t('Replace');

export const saveSet: Command = {
  id: 'circuitscope.saveSet',
  async run({ store, documents, models, log }: Needs<'store' | 'documents' | 'models' | 'log'>) {
    const set = await outgoing({ store, documents, models });
    if (!vscode.workspace.isTrusted) {
      throw new Error(t('the workspace is not trusted; trust it before saving into it'));
    }
    const name = await vscode.window.showInputBox({
      title: t('Save the ablations that are on'),
      prompt: t('Name of the set'),
      value: store.state.name,
      validateInput: (text) => (text.trim() === '' ? t('Type a name') : undefined),
    });
    if (name === undefined) return;
    const about = set.entries.flatMap((entry) => anchorOf(entry)?.uri ?? []);
    const folder = keptFolder('interventions', ...about);
    const file = await fileFor(name.trim(), folder);
    if (!file) return;
    const json = setToJson({ ...set, name: name.trim() }, set.model, fileNamesIn(file));
    if (folder) await writeKept(file, json);
    else await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(json));
    store.rename(name.trim());
    const where = vscode.workspace.asRelativePath(file);
    const saved =
      t('Saved {0} to {1}.', ablationsText(countAblations(set.entries)), where) + set.left;
    const answer = await toast({ log }, { kind: 'Information', text: saved, actions: [OPEN] });
    if (answer === OPEN) {
      await vscode.window.showTextDocument(file);
    }
  },
};

/** In the folder for sets; where there is none, or the name is taken, the person decides. */
async function fileFor(
  name: string,
  folder: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  if (!folder) return await vscode.window.showSaveDialog({ filters: { JSON: ['json'] } });
  const file = vscode.Uri.joinPath(folder, fileName(name));
  if (!(await exists(file))) return file;
  const question = t('{0} already exists.', vscode.workspace.asRelativePath(file));
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, REPLACE);
  return answer === REPLACE ? file : undefined;
}
