/** Shows the hover of the token at the cursor. */
import { targetOf, type Command, type Needs } from './command';
import { focusEditor } from './pythonEditor';

export const inspectToken: Command = {
  id: 'circuitscope.inspectToken',
  async run({ hovers }: Needs<'hovers'>) {
    targetOf(undefined);
    await focusEditor();
    await hovers.show();
  },
};
