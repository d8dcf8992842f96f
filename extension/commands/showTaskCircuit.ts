/** Chooses a circuit, draws it in the panel and colors the file by how strongly it is active. */
import { pickCircuit, showCircuit } from '../circuits/show';
import type { Command } from './command';

export const showTaskCircuit: Command = {
  id: 'circuitscope.showTaskCircuit',
  async run(app) {
    const known = await pickCircuit(app, 'Draw a circuit');
    if (known) await showCircuit(app, known);
  },
};
