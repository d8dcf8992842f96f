/** Saves the interventions that are on as JSON in the workspace. */
import * as vscode from 'vscode';
import { ablationsText } from '../interventions/describe';
import { fileNames, setsFolder } from '../interventions/folder';
import { fileName, setToJson } from '../interventions/json';
import { exists, writeKept } from '../kept';
import type { Command, Needs } from './command';
import { outgoing } from './outgoing';

export const saveSet: Command = {
  id: 'circuitscope.saveSet',
  async run({ store, documents, models }: Needs<'store' | 'documents' | 'models'>) {
    const set = await outgoing({ store, documents, models }, 'saving');
    if (!vscode.workspace.isTrusted) {
      throw new Error('the workspace is not trusted; trust it before saving into it');
    }
    const name = await vscode.window.showInputBox({
      title: 'Save the interventions that are on',
      prompt: 'Name of the set',
      value: store.state.name,
      validateInput: (text) => (text.trim() === '' ? 'Type a name' : undefined),
    });
    if (name === undefined) return;
    const file = await fileFor(name.trim());
    if (!file) return;
    const json = setToJson({ ...set, name: name.trim() }, set.model, fileNames);
    if (setsFolder()) await writeKept(file, json);
    else await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(json));
    store.rename(name.trim());
    const saved = `Saved ${ablationsText(set.entries)} to ${vscode.workspace.asRelativePath(file)}.${set.left}`;
    if ((await vscode.window.showInformationMessage(saved, 'Open')) === 'Open') {
      await vscode.window.showTextDocument(file);
    }
  },
};

/** In the workspace's own folder; where none is open, or the name is taken, the person decides. */
async function fileFor(name: string): Promise<vscode.Uri | undefined> {
  const folder = setsFolder();
  if (!folder) return await vscode.window.showSaveDialog({ filters: { JSON: ['json'] } });
  const file = vscode.Uri.joinPath(folder, fileName(name));
  if (!(await exists(file))) return file;
  const question = `${vscode.workspace.asRelativePath(file)} is there already.`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, 'Replace');
  return answer === 'Replace' ? file : undefined;
}
