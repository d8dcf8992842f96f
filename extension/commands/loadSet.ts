/** Loads interventions from a JSON file or the clipboard in the place of the present ones. */
import { ablationsText, countAblations } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { waitsFor } from '../interventions/describe';
import { whatIn, type SetState } from '../interventions/entry';
import { fileNamesIn, savedSets } from '../interventions/folder';
import { setFromJson } from '../interventions/json';
import type { Models } from '../model/models';
import { readText } from '../readText';
import type { Command, Needs } from './command';
import { offerUndo } from './offerUndo';
import { pythonEditor } from './pythonEditor';

interface SetItem extends vscode.QuickPickItem {
  readonly file?: vscode.Uri;
  readonly does?: 'browse' | 'paste';
}

export const loadSet: Command = {
  id: 'circuitscope.loadSet',
  async run({ models, documents, store }: Needs<'models' | 'documents' | 'store'>, argument) {
    const named = fileIn(argument);
    const item = named
      ? { label: '', file: named }
      : await vscode.window.showQuickPick(items(), {
          title: t('Load ablations'),
          placeHolder: t('They replace the current ablations; undo restores those'),
        });
    if (!item) return;
    const source = await read(item);
    if (!source) return;
    const info = await models.info();
    const document = pythonEditor()?.document;
    const snapshot = document ? await documents.snapshot(document) : null;
    const files = fileNamesIn(source.file);
    const state = setFromJson(source.json, source.where, { info, snapshot, files });
    await checkWeights(models, state, source.where);
    store.replace(state);
    const waits = state.entries
      .map((entry) => waitsFor(entry, info.hash))
      .find((text) => text !== null);
    const loaded = ablationsText(countAblations(state.entries));
    const message =
      waits === undefined
        ? t('Loaded {0}: {1} on.', state.name, loaded)
        : t(
            'Loaded {0}: {1}. Inactive, for another model: {2}. Choose it to activate them.',
            state.name,
            loaded,
            waits,
          );
    await offerUndo(store, message);
  },
};

/** @throws one line when a set of the model in use names a weight that the model does not have */
async function checkWeights(models: Models, { entries }: SetState, where: string): Promise<void> {
  const info = await models.info();
  const weights = entries
    .filter(({ into, model }) => into !== undefined && model.hash === info.hash)
    .map(whatIn);
  if (weights.length === 0) return;
  await models.useModel('interventions', info, (runtime) =>
    runtime.checkInterventions(weights, where),
  );
}

/** The file of a saved set that the side bar names. */
function fileIn(argument: unknown): vscode.Uri | undefined {
  const { file } = (argument ?? {}) as { file?: unknown };
  return file instanceof vscode.Uri ? file : undefined;
}

async function items(): Promise<SetItem[]> {
  const saved = (await savedSets()).map((file) => ({
    ...{ label: basename(file.path, '.json'), description: t('saved in this workspace'), file },
  }));
  return [
    ...saved,
    {
      label: `$(clippy) ${t('Clipboard')}`,
      description: t('JSON that somebody shared'),
      does: 'paste',
    },
    { label: `$(folder-opened) ${t('File…')}`, does: 'browse' },
  ];
}

/** The JSON, what error messages call it, and the file that it is of, if it is of one. */
interface Source {
  readonly json: string;
  readonly where: string;
  readonly file?: vscode.Uri;
}

async function read({ file, does }: SetItem): Promise<Source | undefined> {
  if (does === 'paste') {
    return { json: await vscode.env.clipboard.readText(), where: t('the clipboard') };
  }
  const [chosen] = file
    ? [file]
    : ((await vscode.window.showOpenDialog({ filters: { JSON: ['json'] } })) ?? []);
  if (!chosen) return undefined;
  const where = vscode.workspace.asRelativePath(chosen);
  return { json: await readText(chosen), where, file: chosen };
}
