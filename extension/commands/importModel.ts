/** Makes a bundle of a model that another project published, and uses it. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { importInWorker } from '../../models/import/inWorker';
import { giga, memoryNeeded } from '../../models/import/memory';
import { ModelFolder } from '../../models/import/modelFolder';
import { withProgress } from '../progress';
import { settings } from '../settings';
import type { Command } from './command';

/** Folder of imported models in the extension's own storage. */
const MODELS = 'models';

export const importModel: Command = {
  id: 'circuitscope.importModel',
  async run({ extension }) {
    const folder = await chosenFolder(
      'Folder of a model of OpenAI’s circuit_sparsity, as downloaded',
    );
    if (folder === undefined) return;
    const { name, numbers } = ModelFolder.open(folder);
    const corpus = await chosenCorpus(name, numbers);
    if (!corpus) return;
    const out = join(extension.storage.fsPath, MODELS, name);
    const workerFile = join(extension.folder.fsPath, 'dist', 'import-worker.js');
    await withProgress(`importing ${name}`, (signal, report) => {
      const options = { folder, out, corpus, tokenizer: null, date: new Date().toISOString() };
      const onProgress = (what: string, done: number, total: number) => {
        report(0, `${what}: ${Math.round(done)} of ${Math.round(total)}`);
      };
      return importInWorker(options, { workerFile, signal, onProgress });
    });
    await settings.setBundle(out);
    void vscode.window.showInformationMessage(`Circuitscope: ${name} is in use, from ${out}.`);
  },
};

/** Says how much memory it takes, and asks for text that means are taken over; none when dismissed. */
async function chosenCorpus(name: string, numbers: number): Promise<string[] | undefined> {
  const python = { label: 'Python files of a folder…', detail: 'about 100,000 tokens are read' };
  const generated = { label: 'Generated beginner programs', detail: 'when you have no Python' };
  const item = await vscode.window.showQuickPick([python, generated], {
    title: `Import ${name}: ${numbers.toLocaleString('en')} numbers, up to ${giga(memoryNeeded(numbers))} of memory`,
    placeHolder: 'Text over which the mean of every node is taken, which ablations put it to',
  });
  if (item === generated) return [];
  if (item !== python) return undefined;
  const folder = await chosenFolder('Folder of Python files');
  return folder === undefined ? undefined : [folder];
}

async function chosenFolder(title: string): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title,
    })) ?? [];
  return uri?.fsPath;
}
