/** Chooses a circuit, draws it in the panel and colors the file by how strongly it is active. */
import { showCircuit } from '../circuits/show';
import { circuitOf } from './circuitOf';
import type { Command } from './command';

export const showTaskCircuit: Command = {
  id: 'circuitscope.showTaskCircuit',
  async run(app, argument) {
    const known = await circuitOf(app, argument, 'Draw a circuit', false);
    if (known) await showCircuit(app, known);
  },
};
