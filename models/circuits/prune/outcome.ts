/** What a search for a circuit is asked for, what it gives, and why it may give nothing. */
import type { Calibration } from '../../runtime/maskedModel';
import type { Edge } from '../edges';
import type { NodeSet } from '../nodeSet';

export interface PruneSettings {
  /** Task loss that the circuit must keep, nats. */
  readonly targetLoss: number;
  /**
   * The search aims at this share of it on the prompts that it selects by, chance included
   * (`goal.ts`), so that new prompts keep it too; but not below what the whole model has.
   */
  readonly margin: number;
  readonly seed: number;
  /** Time allowed. The search ends at this or after `runs`, whichever comes first. */
  readonly seconds: number;
  readonly runs: number;
  /** Steps of mask training in a run. */
  readonly steps: number;
  /** A query channel and the key channel that it meets are kept or dropped together. */
  readonly tied: boolean;
  /** Drop single weights between kept nodes as well. */
  readonly pruneEdges: boolean;
}

export interface PruneResult {
  readonly nodes: NodeSet;
  readonly edges: readonly Edge[];
  readonly calibration: Calibration;
  /** On the prompts pruned on, nats: the whole model as it is, the calibrated circuit. */
  readonly loss: { readonly full: number; readonly circuit: number };
  readonly effort: Effort;
}

/** What a search took. */
export interface Effort {
  readonly runs: number;
  /** Steps of mask training, all runs together. */
  readonly steps: number;
  /** Tokens that went through the model. */
  readonly tokens: number;
  readonly seconds: number;
  /**
   * Clean-up came to its end: no single node more could be dropped. It has none where circuits are
   * selected by answers that masks were not taught.
   */
  readonly complete: boolean;
  /** It was found by a gentle search, after one that found nothing; null controls search alike. */
  readonly gentle: boolean;
}

/** A task that cannot be pruned for; the message says why in one line. */
export class UnsolvedError extends Error {
  override readonly name = 'UnsolvedError';
}
