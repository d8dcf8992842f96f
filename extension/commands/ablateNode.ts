/** Switches a node off: which one, how, and at which tokens. */
import { t } from '../../shared/l10n';
import { nodeLabel } from '../interventions/describe';
import { change } from './change';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { pickKind, pickPositions } from './pickChange';
import { pickNode } from './pickNode';

export const ablateNode: Command = {
  id: 'circuitscope.ablateNode',
  async run(parts: Needs<'models' | 'work' | 'labels' | 'meanings' | 'store'>, argument) {
    const target = targetOf(argument);
    const token = tokenOf(parts, target);
    const node =
      (await nodeOf(parts, argument)) ?? (await pickNode(parts, token, t('Ablate a node')))?.node;
    if (node === undefined) return;
    const { view, snapshot } = await token;
    const title = t('Ablate {0}', nodeLabel(node, snapshot.info.config));
    const kind = await pickKind(title);
    const positions = kind && (await pickPositions(title, view));
    if (positions) await change(parts, target, await token, node, kind, positions);
  },
};
