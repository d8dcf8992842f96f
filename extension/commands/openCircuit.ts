/** Opens the circuit panel beside the text: at the cursor, or pinned to the token of a link. */
import { placeIn, type Command } from './command';

export const openCircuit: Command = {
  id: 'circuitscope.openCircuit',
  async run(app, argument) {
    await app.panel.open(placeIn(argument));
  },
};
