/** Measures what each node does to the prediction at a token, and lists the nodes by it. */
import * as vscode from 'vscode';
import type { HoverToken } from '../hover/work';
import { nodeLabel, signed } from '../interventions/describe';
import { visible } from '../text/visible';
import { strongestNodes, type ActiveNode } from '../trace/tokenTrace';
import type { NodeEffect, TokenEffects } from '../trace/traces';
import { targetOf, tokenOf, type App, type Command } from './command';

const SOME = 64;

export const showEffects: Command = {
  id: 'circuitscope.showEffects',
  async run(app, argument) {
    const target = targetOf(argument);
    const token = await tokenOf(app, target);
    const nodes = await pickNodes(strongestNodes(token.view.trace));
    const effects = nodes && (await measured(app, token, nodes));
    if (!effects) return;
    const item = await pickEffect(token, effects);
    if (!item) return;
    const { uri } = token.snapshot;
    const { line, character } = target.position;
    const place = { uri, line, character, node: item.node };
    await vscode.commands.executeCommand('circuitscope.ablateNode', place);
  },
};

/** Names of the nodes to measure. */
async function pickNodes(active: readonly ActiveNode[]): Promise<string[] | undefined> {
  const some = Math.min(SOME, active.length);
  const item = await vscode.window.showQuickPick(
    [
      { label: `The ${some} most active nodes`, description: 'some seconds', count: some },
      {
        label: `All ${active.length} active nodes`,
        description: 'minutes; can be cancelled',
        count: active.length,
      },
    ],
    {
      title: 'Effects of which nodes?',
      placeHolder: 'Each one is ablated and the model run again',
    },
  );
  return item && active.slice(0, item.count).map(({ node }) => node);
}

/** The effects, or undefined when the person cancels. */
async function measured(
  { traces }: App,
  { at }: HoverToken,
  nodes: readonly string[],
): Promise<TokenEffects | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Circuitscope: measuring effects',
    cancellable: true,
  };
  return await vscode.window.withProgress(options, (progress, cancel) => {
    const controller = new AbortController();
    cancel.onCancellationRequested(() => {
      controller.abort();
    });
    let shown = 0;
    return traces.effects(at, nodes, controller.signal, (done, total) => {
      const increment = (100 * (done - shown)) / total;
      shown = done;
      progress.report({ increment, message: `${done} of ${total} nodes` });
    });
  });
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
    placeHolder: 'Mean-ablated everywhere; choose a node to ablate it',
    matchOnDescription: true,
  });
}
