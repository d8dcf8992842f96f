/** Tells a circuit layer by layer beside the text, from what is measured on its pairs. */
import { circuitMarkdown } from '../../models/labels/explain/markdown';
import { pairsOf } from '../circuits/known';
import { withProgress } from '../progress';
import { circuitOf } from './circuitOf';
import type { Command, Needs } from './command';

export const explainCircuit: Command = {
  id: 'circuitscope.explainCircuit',
  async run({ models, circuits, pages }: Needs<'models' | 'circuits' | 'pages'>, argument) {
    const known = await circuitOf({ models, circuits }, argument, 'Explain a circuit', true);
    if (!known) return;
    const pairs = await pairsOf(known);
    const { name, circuit } = known;
    const { hash } = circuit.bundle;
    const story = await withProgress(`explaining the circuit ${name}`, (signal, report) =>
      models.useModel('explain', { hash }, (runtime) =>
        runtime.explainCircuit(circuit, pairs, {
          signal,
          onProgress: (done, total) => {
            report(done / total, `${done} of ${total} prompts`);
          },
        }),
      ),
    );
    await pages.show(`Explanation of ${name}`, circuitMarkdown(story));
  },
};
