/** Ablates the circuit that is shown, or everything else, in the place of the present ablations. */
import { t, whole } from '../../shared/l10n';
import { experiment, type Question } from '../circuits/experiment';
import { checkFits } from '../circuits/known';
import { circuitOf } from './circuitOf';
import type { Command, Needs } from './command';
import { offerUndo } from './offerUndo';

export const ablateCircuit: Command = {
  id: 'circuitscope.ablateCircuit',
  run: (parts, argument) => ablate(parts, argument, 'necessary'),
};

export const ablateAllButCircuit: Command = {
  id: 'circuitscope.ablateAllButCircuit',
  run: (parts, argument) => ablate(parts, argument, 'sufficient'),
};

async function ablate(
  { models, circuits, store }: Needs<'models' | 'circuits' | 'store'>,
  argument: unknown,
  question: Question,
): Promise<void> {
  const known = await circuitOf({ models, circuits }, argument, TITLES[question], true);
  if (!known) return;
  const info = await models.info();
  checkFits(known, info);
  const set = experiment(known, question, info);
  store.replace(set);
  const count = set.entries.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const done =
    known.circuit.ablation === 'mean'
      ? t('{0}: {1} nodes are set to their mean at every token.', set.name, whole(count))
      : t('{0}: {1} nodes are set to zero at every token.', set.name, whole(count));
  // Nobody waits for an answer to a message.
  void offerUndo(store, `${done} ${t('Hovers show the prediction before and after.')}`);
}

const TITLES: Record<Question, string> = {
  necessary: t('Ablate which circuit?'),
  sufficient: t('Ablate all but which circuit?'),
};
