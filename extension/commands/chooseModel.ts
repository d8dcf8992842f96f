/** Chooses the bundle that is in use, or tries the present one again. */
import { t } from '../../shared/l10n';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { settings } from '../settings';
import { bundleFolder, cardFacts, shippedBundles, type CardFacts } from '../model/bundles';
import type { Command, Needs } from './command';

interface ModelItem extends vscode.QuickPickItem {
  readonly bundle?: string;
  readonly does?: 'browse' | 'retry' | 'card';
}

export const chooseModel: Command = {
  id: 'circuitscope.chooseModel',
  async run(parts: Needs<'models' | 'bundlePlaces'>) {
    const item = await vscode.window.showQuickPick(items(parts), {
      title: `Circuitscope: ${t('choose a model')}`,
      placeHolder: t('Files, hovers and circuits use the model you choose'),
      matchOnDescription: true,
    });
    if (item?.does === 'card') {
      await vscode.commands.executeCommand('circuitscope.openModelCard');
    } else if (item?.does === 'retry') {
      await parts.models.reset();
    } else if (item) {
      const bundle = item.bundle ?? (await browse(parts));
      if (bundle !== undefined) await settings.setBundle(bundle);
    }
  },
};

async function items({
  models,
  bundlePlaces,
}: Needs<'models' | 'bundlePlaces'>): Promise<ModelItem[]> {
  const chosen = settings.bundle();
  const { shipped } = bundlePlaces();
  const names = await shippedBundles(shipped);
  const named = await Promise.all(
    [...new Set([chosen, ...names])].map(async (bundle) => {
      const facts = names.includes(bundle) ? factTexts(await cardFacts(join(shipped, bundle))) : [];
      if (bundle === chosen) facts.unshift(t('in use'));
      return { label: bundle, description: facts.join(' · '), bundle };
    }),
  );
  const again = models.state.kind === 'failed';
  return [
    ...named,
    {
      label: `$(folder-opened) ${t('Folder…')}`,
      description: t('a bundle on this machine'),
      does: 'browse',
    },
    { label: `$(book) ${t('Model card')}`, description: t('of the model in use'), does: 'card' },
    ...(again ? [{ label: `$(refresh) ${t('Try again')}`, does: 'retry' } as const] : []),
  ];
}

function factTexts({ loss, bridgedTo }: CardFacts): string[] {
  return [
    ...(bridgedTo === null ? [] : [t('bridged to {0}', bridgedTo)]),
    ...(loss === null ? [] : [t('{0} nats per token on unseen Python', loss.toFixed(2))]),
  ];
}

async function browse({ bundlePlaces }: Needs<'bundlePlaces'>): Promise<string | undefined> {
  const folders = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    title: t('Bundle folder (contains bundle.json)'),
  });
  if (!folders) return undefined;
  return bundleFolder(folders[0].fsPath, bundlePlaces());
}
