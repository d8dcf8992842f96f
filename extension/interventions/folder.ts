/** Where a workspace keeps its intervention sets. */
import { keptFiles, keptFolder } from '../kept';

/** Folder for the sets of the workspace; undefined when no folder is open. */
export const setsFolder = () => keptFolder('interventions');

/** The sets that are saved there. */
export const savedSets = () => keptFiles('interventions');
