/** Finds the nodes that tell a concept of Python text; the one that is chosen colors the file, beside its label. */
import { plural, t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { labelScores } from '../labels/scores';
import { nodeLabel } from '../interventions/describe';
import { beside } from '../nodes/names';
import type { Command, Needs } from './command';
import { pickByName } from './pickByName';

export const findByConcept: Command = {
  id: 'circuitscope.findByConcept',
  async run({
    models,
    activationMap,
    conceptMarks,
  }: Needs<'models' | 'activationMap' | 'conceptMarks'>) {
    const info = await models.info();
    const ask = (concept: string | null) =>
      models.useModel('concepts', info, (runtime) => runtime.concepts(concept));
    const { concepts } = await ask(null);
    const chosen = await vscode.window.showQuickPick(
      concepts.map(({ concept, description, alone, others }) => ({
        label: concept,
        description: t(
          '{0}, {1} combined with another concept',
          plural(alone, '{0} node', '{0} nodes'),
          others,
        ),
        detail: description,
      })),
      {
        title: t('Concepts that nodes of {0} detect', info.name),
        placeHolder: t('Search by name or description'),
        matchOnDetail: true,
      },
    );
    if (!chosen) return;
    const { nodes } = await ask(chosen.label);
    const words = {
      title: t('Nodes that detect {0}', chosen.label),
      placeholder: t('The node you choose colors the file'),
    };
    const rows = nodes.map((one) => ({
      label: nodeLabel(one.node, info.config),
      description: beside(`${one.sign === 'positive' ? '+' : '−'} ${one.text}`, one.node),
      detail: labelScores(one),
      node: one.node,
      sign: one.sign,
    }));
    const node = await pickByName(words, rows);
    if (!node) return;
    activationMap.show(node.node);
    // Where the node and the concept differ is what a person came for.
    const picked = { concept: chosen.label, sign: node.sign };
    conceptMarks.show(true, { node: node.node, picked });
  },
};
