/** Colors the file by the activation of a node, or stops it. */
import { nodeOf, targetOf, tokenOf, type Command } from './command';
import { pickNode } from './pickNode';

export const highlightNode: Command = {
  id: 'circuitscope.highlightNode',
  async run(app, argument) {
    const named = await nodeOf(app, argument);
    if (named !== undefined) {
      app.activationMap.show(named === app.activationMap.node ? null : named);
      return;
    }
    const stop = app.activationMap.node === null ? [] : [{ label: '$(close) Stop highlighting' }];
    const token = tokenOf(app, targetOf(argument));
    const item = await pickNode(app.labels, token, 'Color the file by a node', stop);
    if (item) app.activationMap.show(item.node ?? null);
  },
};
