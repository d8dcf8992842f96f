/** Tells a circuit layer by layer beside the text, from what is measured on its pairs. */
import { t, template } from '../../shared/l10n';
import { circuitMarkdown } from '../../models/labels/explain/markdown';
import { pairsOf } from '../circuits/known';
import { nodeLabel } from '../interventions/describe';
import { ownLabel } from '../nodes/names';
import { withProgress } from '../progress';
import { circuitOf } from './circuitOf';
import type { Command, Needs } from './command';

export const explainCircuit: Command = {
  id: 'circuitscope.explainCircuit',
  async run(
    { models, circuits, pages, labels }: Needs<'models' | 'circuits' | 'pages' | 'labels'>,
    argument,
  ) {
    const known = await circuitOf({ models, circuits }, argument, t('Explain a circuit'), true);
    if (!known) return;
    const pairs = await pairsOf(known);
    const { name, circuit } = known;
    const { hash } = circuit.bundle;
    const story = await withProgress(t('explaining the circuit {0}', name), (signal, report) =>
      models.useModel('explain', { hash }, (runtime) =>
        runtime.explainCircuit(circuit, pairs, {
          signal,
          onProgress: (done, total) => {
            report(done / total, t('{0} of {1} prompts', done, total));
          },
        }),
      ),
    );
    const info = await models.info();
    const { config } = info;
    await labels.load(info);
    const given = labels.of(info);
    const reader = {
      words: template,
      node: ({ node }: { readonly node: string }) => nodeLabel(node, config),
      unlabelled: t('no label'),
      own: (node: string) => (given.has(node) ? ownLabel(given.get(node)!) : null),
    };
    await pages.show(t('Explanation of {0}', name), circuitMarkdown(story, reader));
  },
};
