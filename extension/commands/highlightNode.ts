/** Colors the file by the activation of a node, or stops it. */
import { t } from '../../shared/l10n';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { pickNode } from './pickNode';

export const highlightNode: Command = {
  id: 'circuitscope.highlightNode',
  async run(parts: Needs<'models' | 'work' | 'labels' | 'activationMap'>, argument) {
    const { activationMap } = parts;
    const named = await nodeOf(parts, argument);
    if (named !== undefined) {
      activationMap.show(named === activationMap.node ? null : named);
      return;
    }
    const stop = activationMap.node === null ? [] : [{ label: `$(close) ${t('Stop coloring')}` }];
    const token = tokenOf(parts, targetOf(argument));
    const item = await pickNode(parts.labels, token, t('Color the file by a node'), stop);
    if (item) activationMap.show(item.node ?? null);
  },
};
