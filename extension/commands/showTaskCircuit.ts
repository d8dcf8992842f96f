/** Chooses a circuit, draws it in the panel and colors the file by how strongly it is active. */
import { t } from '../../shared/l10n';
import { showCircuit } from '../circuits/show';
import { circuitOf } from './circuitOf';
import type { Command, Needs } from './command';

export const showTaskCircuit: Command = {
  id: 'circuitscope.showTaskCircuit',
  async run(parts: Needs<'models' | 'circuits' | 'activationMap' | 'panel'>, argument) {
    const known = await circuitOf(parts, argument, t('Draw a circuit'), false);
    if (known) await showCircuit(parts, known);
  },
};
