/** Steers the dense model that the model in use is bridged to, by a node, in the panel. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { hasPlace } from '../../models/bridges/steering';
import { SHIPPED_BRIDGED } from '../../models/bundles/partner';
import { parseNode } from '../../models/transformer/nodes';
import { shippedBundles } from '../model/bundles';
import { settings } from '../settings';
import { toast } from '../toast';
import { nodeOf, targetOf, tokenOf, type Command, type Needs } from './command';
import { pickNode } from './pickNode';

export const steerDense: Command = {
  id: 'circuitscope.steerDense',
  async run(
    parts: Needs<'models' | 'work' | 'labels' | 'meanings' | 'panel' | 'bundlePlaces' | 'log'>,
    argument,
  ) {
    const target = targetOf(argument);
    const { bridgedTo, name, config } = await parts.models.info();
    if (bridgedTo === null) {
      await offerBridged(parts, name);
      return;
    }
    const title = t('Steer {0} with a node', bridgedTo);
    const fits = (node: string) => hasPlace(parseNode(node, config), config);
    const node =
      (await nodeOf(parts, argument)) ??
      (await pickNode(parts, tokenOf(parts, target), title, [], fits))?.node;
    if (node !== undefined) await parts.panel.steer(target, node);
  },
};

/** Says that a model has no bridges, and offers to use one that has. */
async function offerBridged(
  { bundlePlaces, log }: Needs<'bundlePlaces' | 'log'>,
  name: string,
): Promise<void> {
  const isShipped = (await shippedBundles(bundlePlaces().shipped)).includes(SHIPPED_BRIDGED);
  const action = isShipped ? t('Use {0}', SHIPPED_BRIDGED) : t('Choose Model');
  const text = t('{0} has no bridges to a dense model; choose one that does', name);
  const message = { kind: 'Error', text: `Circuitscope: ${text}`, actions: [action] } as const;
  if ((await toast({ log }, message)) !== action) return;
  if (isShipped) await settings.setBundle(SHIPPED_BRIDGED);
  else await vscode.commands.executeCommand('circuitscope.chooseModel');
}
