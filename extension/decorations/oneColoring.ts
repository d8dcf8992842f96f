/** Lets one thing color the file at a time: two colorings would mix to a color that means nothing. */
import type { ActivationMap } from './activationMap';
import type { HeatMap } from './heatMap';

/**
 * Switches the heat map off when a node or circuit colors the file, and the other way round.
 * @param paint is called whenever there is something else to paint
 */
export function oneColoring(
  heatMap: HeatMap,
  activationMap: ActivationMap,
  paint: () => void,
): { dispose(): void } {
  heatMap.onToggle = () => {
    if (heatMap.active) activationMap.show(null);
    paint();
  };
  return activationMap.changed.on(() => {
    if (activationMap.active && heatMap.active) heatMap.toggle();
    paint();
  });
}
