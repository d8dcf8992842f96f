/** All commands. */
import { ablateAllButCircuit, ablateCircuit } from './ablateCircuit';
import { ablateNode } from './ablateNode';
import { placeAblation, removeAblation } from './ablationItems';
import { chooseModel } from './chooseModel';
import { circuitNodes } from './circuitNodes';
import { clearAblations } from './clearAblations';
import type { Command } from './command';
import { compareConcept } from './compareConcept';
import { explainCircuit } from './explainCircuit';
import { findByConcept } from './findByConcept';
import { findCircuit } from './findCircuit';
import { findCircuitForPairs } from './findCircuitForPairs';
import { highlightNode } from './highlightNode';
import { importModel } from './importModel';
import { inspectToken } from './inspectToken';
import { loadSet } from './loadSet';
import { openCircuitFile } from './openCircuitFile';
import { openAnotherCircuit, openCircuit } from './openCircuit';
import { openModelCard } from './openModelCard';
import { saveSet } from './saveSet';
import { shareSet } from './shareSet';
import { showEffects } from './showEffects';
import { showPrediction } from './showPrediction';
import { showTaskCircuit } from './showTaskCircuit';
import { steerDense } from './steerDense';
import { steerNode } from './steerNode';
import { toggleAblation } from './toggleAblation';
import { openWalkthrough, tour } from './tour';
import { toggleHeatMap } from './toggleHeatMap';
import { toggleHover, toggleHoverDetail } from './toggleHover';
import { redoChange, undoChange } from './undo';
import { verifyCircuit } from './verifyCircuit';

export const commands: readonly Command[] = [
  inspectToken,
  openCircuit,
  openAnotherCircuit,
  ablateNode,
  steerNode,
  steerDense,
  toggleAblation,
  clearAblations,
  removeAblation,
  placeAblation,
  undoChange,
  redoChange,
  saveSet,
  loadSet,
  shareSet,
  showPrediction,
  highlightNode,
  compareConcept,
  toggleHeatMap,
  toggleHover,
  toggleHoverDetail,
  chooseModel,
  importModel,
  showEffects,
  openModelCard,
  showTaskCircuit,
  openCircuitFile,
  circuitNodes,
  ablateCircuit,
  ablateAllButCircuit,
  findCircuit,
  findCircuitForPairs,
  verifyCircuit,
  explainCircuit,
  findByConcept,
  tour,
  openWalkthrough,
];
