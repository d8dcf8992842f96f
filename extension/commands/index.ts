/** All commands. */
import { ablateNode } from './ablateNode';
import { chooseModel } from './chooseModel';
import { clearAblations } from './clearAblations';
import type { Command } from './command';
import { highlightNode } from './highlightNode';
import { inspectToken } from './inspectToken';
import { loadSet } from './loadSet';
import { openCircuit } from './openCircuit';
import { openModelCard } from './openModelCard';
import { saveSet } from './saveSet';
import { shareSet } from './shareSet';
import { showEffects } from './showEffects';
import { showPrediction } from './showPrediction';
import { steerNode } from './steerNode';
import { toggleAblation } from './toggleAblation';
import { toggleHeatMap } from './toggleHeatMap';
import { redoChange, undoChange } from './undo';

export const commands: readonly Command[] = [
  inspectToken,
  openCircuit,
  ablateNode,
  steerNode,
  toggleAblation,
  clearAblations,
  undoChange,
  redoChange,
  saveSet,
  loadSet,
  shareSet,
  showPrediction,
  highlightNode,
  toggleHeatMap,
  chooseModel,
  showEffects,
  openModelCard,
];
