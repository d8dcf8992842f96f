/** What can run a model. */

/** ONNX Runtime, or our kernels over the nonzeros of the weights (models/sparse). */
export const ENGINES = ['onnx', 'sparse'] as const;
export type EngineName = (typeof ENGINES)[number];

/** An engine, or for each model the one that was measured to be faster. */
export const ENGINE_CHOICES = ['auto', ...ENGINES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Threads that a model is run with unless somebody says otherwise. */
export const DEFAULT_THREADS = 2;
