/** Shows the hover of the token at the cursor. */
import { targetOf, tokenOf, type Command, type Needs } from './command';
import { focusEditor } from './pythonEditor';

export const inspectToken: Command = {
  id: 'circuitscope.inspectToken',
  async run({ hovers, work }: Needs<'hovers' | 'work'>) {
    // A hover that people rest on does not wait for a model that is loading; who asks by a command does.
    await hovers.show(await tokenOf({ work }, targetOf(undefined)), focusEditor);
  },
};
