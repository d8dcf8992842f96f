/** Opens a circuit panel beside the text: at the cursor, or pinned to the token of a link. */
import { placeIn, targetOf, type Command, type Needs } from './command';

export const openCircuit: Command = {
  id: 'circuitscope.openCircuit',
  async run({ panel }: Needs<'panel'>, argument) {
    await panel.open(placeIn(argument));
  },
};

export const openAnotherCircuit: Command = {
  id: 'circuitscope.openAnotherCircuit',
  async run({ panel }: Needs<'panel'>, argument) {
    await panel.openAnother(targetOf(argument));
  },
};
