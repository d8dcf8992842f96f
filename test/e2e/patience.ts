/**
 * How long tests wait for what they expect, in ms. Generous: a slow, busy machine is no failure, and
 * what does not come is told apart from what comes late only by waiting.
 */

/** Something that the editor, the panel or the model does on request. */
export const PATIENCE = 120_000;
/** The first view of an editor; 10 s on a quiet machine. */
export const START_PATIENCE = 240_000;
