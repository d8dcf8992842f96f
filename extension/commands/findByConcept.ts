/** Finds the nodes that tell a concept of Python text; the one that is chosen colors the file. */
import * as vscode from 'vscode';
import { labelScores } from '../labels/scores';
import { nodeLabel } from '../interventions/describe';
import { counted } from '../text/counted';
import type { Command } from './command';

export const findByConcept: Command = {
  id: 'circuitscope.findByConcept',
  async run(app) {
    const info = await app.models.info();
    const ask = (concept: string | null) =>
      app.models.useModel('concepts', info, (runtime) => runtime.concepts(concept));
    const { concepts } = await ask(null);
    const chosen = await vscode.window.showQuickPick(
      concepts.map(({ concept, description, alone, others }) => ({
        label: concept,
        description: `${counted(alone, 'node')}, ${others} with another concept`,
        detail: description,
      })),
      {
        title: `Concepts that the nodes of ${info.name} tell`,
        placeHolder: 'Search by name or description',
        matchOnDetail: true,
      },
    );
    if (!chosen) return;
    const { nodes } = await ask(chosen.label);
    const node = await vscode.window.showQuickPick(
      nodes.map((one) => ({
        label: nodeLabel(one.node, info.config),
        description: `${one.sign === 'positive' ? '+' : '−'} ${one.text}`,
        detail: `${labelScores(one)} · ${one.node}`,
        node: one.node,
      })),
      {
        title: `Nodes that tell ${chosen.label}`,
        placeHolder: 'The node that you choose colors the file',
        matchOnDescription: true,
        matchOnDetail: true,
      },
    );
    if (node) app.activationMap.show(node.node);
  },
};
