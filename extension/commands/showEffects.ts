/** Measures what each active node does to the prediction at a token, and lists the nodes by it. */
import * as vscode from 'vscode';
import type { HoverToken } from '../hover/work';
import { nodeLabel, signed } from '../interventions/describe';
import { withProgress } from '../progress';
import { visible } from '../text/visible';
import type { NodeEffect, TokenEffects } from '../trace/traces';
import { targetOf, tokenOf, type App, type Command } from './command';

export const showEffects: Command = {
  id: 'circuitscope.showEffects',
  async run(app, argument) {
    const target = targetOf(argument);
    const token = await tokenOf(app, target);
    const item = await pickEffect(token, await measured(app, token));
    if (!item) return;
    const { uri } = token.snapshot;
    const { line, character } = target.position;
    const place = { uri, line, character, node: item.node };
    await vscode.commands.executeCommand('circuitscope.ablateNode', place);
  },
};

/**
 * The effects, with progress.
 * @throws an abort error when the person cancels
 */
async function measured({ traces }: App, { at }: HoverToken): Promise<TokenEffects> {
  return await withProgress('measuring effects', (signal, report) =>
    traces.effects(at, signal, (done, total) => {
      report(done / total, `${done} of ${total} nodes`);
    }),
  );
}

async function pickEffect({ view, snapshot }: HoverToken, { target, nodes }: TokenEffects) {
  const { tokenTexts, config } = snapshot.info;
  const item = (effect: NodeEffect) => ({
    label: `${signed(effect.effect)} nats  ${nodeLabel(effect.node, config)}`,
    description: `${effect.node}  activation ${signed(effect.activation)}`,
    node: effect.node,
  });
  return await vscode.window.showQuickPick(nodes.map(item), {
    title: `After ${visible(view.text)}: effect of each node on ${visible(tokenTexts[target])}`,
    placeHolder: 'Each node set to its mean at this token only; choose one to ablate it',
    matchOnDescription: true,
  });
}
