/** Makes a bundle of a model that another project published, and uses it. */
import { t, whole } from '../../shared/l10n';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { importInWorker } from '../../models/import/inWorker';
import { giga, memoryNeeded, type ModelSize } from '../../models/import/memory';
import { ModelFolder } from '../../models/import/modelFolder';
import { withProgress } from '../progress';
import { settings } from '../settings';
import { toast } from '../toast';
import type { Command, Needs } from './command';

/** Folder of imported models in the extension's own storage. */
const MODELS = 'models';

export const importModel: Command = {
  id: 'circuitscope.importModel',
  async run({ extension, log }: Needs<'extension' | 'log'>) {
    const folder = await chosenFolder(
      t('Folder of an OpenAI circuit_sparsity model, as downloaded'),
    );
    if (folder === undefined) return;
    const { name, size } = ModelFolder.open(folder);
    const corpus = await chosenCorpus(name, size);
    if (!corpus) return;
    const out = join(extension.storage.fsPath, MODELS, name);
    const workerFile = join(extension.folder.fsPath, 'dist', 'import-worker.js');
    await withProgress(t('importing {0}', name), (signal, report) => {
      const options = { folder, out, corpus, tokenizer: null, date: new Date().toISOString() };
      const onProgress = (what: string, done: number, total: number) => {
        report(0, t('{0}: {1} of {2}', what, Math.round(done), Math.round(total)));
      };
      return importInWorker(options, { workerFile, signal, onProgress });
    });
    await settings.setBundle(out);
    const text = `Circuitscope: ${t('{0} is in use, from {1}.', name, out)}`;
    void toast({ log }, { kind: 'Information', text });
  },
};

/** Says how much memory it takes, and asks for text that means are taken over; none when dismissed. */
async function chosenCorpus(name: string, size: ModelSize): Promise<string[] | undefined> {
  const python = {
    label: t('Python files in a folder…'),
    detail: t('about 100,000 tokens are read'),
  };
  const generated = {
    label: t('Generated beginner programs'),
    detail: t('when you have no Python'),
  };
  const item = await vscode.window.showQuickPick([python, generated], {
    title: t(
      'Import {0}: {1} numbers, up to {2} of memory',
      name,
      whole(size.numbers),
      giga(memoryNeeded(size)),
    ),
    placeHolder: t('Text to average nodes over; ablations set them to these means'),
  });
  if (item === generated) return [];
  if (item !== python) return undefined;
  const folder = await chosenFolder(t('Folder of Python files'));
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
