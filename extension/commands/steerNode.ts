/** Pushes a node to a value of one's own choice. */
import { t } from '../../shared/l10n';
import { nodeLabel } from '../interventions/describe';
import { activationOf } from '../trace/tokenTrace';
import { change } from './change';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { askNumber, pickPositions } from './pickChange';
import { pickNode } from './pickNode';

export const steerNode: Command = {
  id: 'circuitscope.steerNode',
  async run(parts: Needs<'models' | 'work' | 'labels' | 'meanings' | 'store'>, argument) {
    const target = targetOf(argument);
    const token = tokenOf(parts, target);
    const node =
      (await nodeOf(parts, argument)) ?? (await pickNode(parts, token, t('Steer a node')))?.node;
    if (node === undefined) return;
    const { view, snapshot } = await token;
    const here = activationOf(view.trace, node);
    const title = t('Steer {0}', nodeLabel(node, snapshot.info.config));
    const prompt = t('Activation to hold it at; it is {0} here', here.toFixed(2));
    const value = await askNumber(title, prompt, (2 * here).toFixed(2));
    if (value === undefined) return;
    const positions = await pickPositions(title, view);
    if (positions)
      await change(parts, target, await token, node, { kind: 'value', value }, positions);
  },
};
