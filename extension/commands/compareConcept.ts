/** Frames the tokens at which the label of the node that colors the file holds, or stops it. */
import { t } from '../../shared/l10n';
import type { Command, Needs } from './command';

export const compareConcept: Command = {
  id: 'circuitscope.compareConcept',
  run({ activationMap, conceptMarks }: Needs<'activationMap' | 'conceptMarks'>) {
    if (activationMap.node === null) {
      throw new Error(
        t('no node colors the file; choose one with Color File by Node… or Find Nodes by Concept…'),
      );
    }
    conceptMarks.show(!conceptMarks.active);
    return Promise.resolve();
  },
};
