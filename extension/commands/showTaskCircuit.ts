/** Chooses a circuit and colors the file by how strongly it is active. */
import { pickCircuit, showCircuit } from '../circuits/show';
import type { Command } from './command';
import { chooseInCircuit } from './circuitNodes';

export const showTaskCircuit: Command = {
  id: 'circuitscope.showTaskCircuit',
  async run(app) {
    const known = await pickCircuit(app, 'Color the file by a circuit');
    if (!known) return;
    await showCircuit(app, known);
    await chooseInCircuit(app, known);
  },
};
