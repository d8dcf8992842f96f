/** Steers the dense model that the model in use is bridged to, by a node, in the panel. */
import { t } from '../../shared/l10n';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { pickNode } from './pickNode';

export const steerDense: Command = {
  id: 'circuitscope.steerDense',
  async run(parts: Needs<'models' | 'work' | 'labels' | 'meanings' | 'panel'>, argument) {
    const target = targetOf(argument);
    const { bridgedTo, name } = await parts.models.info();
    if (bridgedTo === null) {
      throw new Error(t('{0} has no bridges to a dense model; choose one that does', name));
    }
    const title = t('Steer {0} with a node', bridgedTo);
    const node =
      (await nodeOf(parts, argument)) ??
      (await pickNode(parts, tokenOf(parts, target), title))?.node;
    if (node !== undefined) await parts.panel.steer(target, node);
  },
};
