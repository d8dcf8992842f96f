/** Switches the surprisal heat map on or off. */
import type { Command } from './command';

export const toggleHeatMap: Command = {
  id: 'circuitscope.toggleHeatMap',
  run({ heatMap }) {
    heatMap.toggle();
    return Promise.resolve();
  },
};
