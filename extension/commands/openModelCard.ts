/** Opens the card of the model in use. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { bundleFolder } from '../model/bundles';
import { settings } from '../settings';
import type { Command } from './command';

export const openModelCard: Command = {
  id: 'circuitscope.openModelCard',
  async run({ bundlePlaces }) {
    const card = vscode.Uri.file(
      join(bundleFolder(settings.bundle(), bundlePlaces()), 'README.md'),
    );
    await vscode.commands.executeCommand('markdown.showPreview', card);
  },
};
