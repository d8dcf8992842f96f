/** Colors the file by the activation of a node, or stops what colors it. */
import { t } from '../../shared/l10n';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { pickNode } from './pickNode';
import { pythonEditor } from './pythonEditor';

export const highlightNode: Command = {
  id: 'circuitscope.highlightNode',
  async run(parts: Needs<'models' | 'work' | 'labels' | 'meanings' | 'activationMap'>, argument) {
    const { activationMap } = parts;
    const named = await nodeOf(parts, argument);
    if (named !== undefined) {
      activationMap.show(named === activationMap.node ? null : named);
      return;
    }
    const stop = activationMap.active ? [{ label: `$(close) ${t('Stop coloring')}` }] : [];
    // Where no Python is in sight there is no node to choose, and still something to stop.
    const token = stop.length > 0 && !pythonEditor() ? null : tokenOf(parts, targetOf(argument));
    const item = await pickNode(parts, token, t('Color the file by a node'), stop);
    if (item) activationMap.show(item.node ?? null);
  },
};
