/** The list of interventions, each with a box to tick. */
import * as vscode from 'vscode';
import { kindText, nodesText, positionsText } from '../interventions/describe';
import type { App, Command } from './command';

export const toggleAblation: Command = {
  id: 'circuitscope.toggleAblation',
  async run(app) {
    const items = listItems(app);
    if (items.length === 0) {
      void vscode.window.showInformationMessage(
        'Nothing is ablated. Run "Circuitscope: Ablate Node…" on a token.',
      );
      return;
    }
    const chosen = await vscode.window.showQuickPick(items, {
      title: `${app.store.state.name}: what is ticked is in force`,
      placeHolder: 'Space ticks, Enter applies',
      canPickMany: true,
      matchOnDescription: true,
    });
    if (chosen) app.store.switch(items.map((item) => chosen.includes(item)));
  },
};

/** Names that a list shows; an intervention may have thousands. */
const NAMES = 8;

function namesText(nodes: readonly string[]): string {
  return [...nodes.slice(0, NAMES), ...(nodes.length > NAMES ? ['…'] : [])].join(', ');
}

function listItems({ store, models }: App) {
  const config = models.state.kind === 'ready' ? models.state.info.config : null;
  return store.state.entries.map(({ intervention, on, uri }) => ({
    label: `${nodesText(intervention, config)} ${kindText(intervention)}`,
    description: [positionsText(intervention), namesText(intervention.nodes)].join(' · '),
    ...(uri !== null && { detail: `in ${vscode.workspace.asRelativePath(vscode.Uri.parse(uri))}` }),
    picked: on,
  }));
}
