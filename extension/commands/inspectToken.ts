/** Shows the hover of the token at the cursor. */
import { targetOf, type Command } from './command';

export const inspectToken: Command = {
  id: 'circuitscope.inspectToken',
  async run(app) {
    targetOf(undefined);
    await app.hovers.show();
  },
};
