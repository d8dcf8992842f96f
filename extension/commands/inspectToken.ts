/** Shows the hover of the token at the cursor. */
import { targetOf, type Command } from './command';
import { focusEditor } from './pythonEditor';

export const inspectToken: Command = {
  id: 'circuitscope.inspectToken',
  async run(app) {
    targetOf(undefined);
    await focusEditor();
    await app.hovers.show();
  },
};
