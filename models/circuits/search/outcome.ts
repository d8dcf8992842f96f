/** Settings and results of a search for a circuit, and the error when there is none. */
import type { Edge } from '../../weights/edges';
import type { TransformerConfig } from '../../transformer/config';
import { NodeSet } from '../../transformer/nodeSet';

export interface SearchSettings {
  /** Strict task loss that the core must keep, nats. */
  readonly targetLoss: number;
  /**
   * Share of the target that the search aims at on its selection prompts, with a margin for chance
   * (`goal.ts`), so that new prompts meet the target too; never below the loss of the whole model.
   */
  readonly margin: number;
  /** The same for weights, which need less margin: robustness is a matter of the nodes. */
  readonly edgeMargin: number;
  readonly seed: number;
  /** Time limit; whether it stopped the search is recorded. Nothing else depends on the clock. */
  readonly seconds: number;
  /** Searches with different settings, of which the smallest circuit is kept. */
  readonly runs: number;
  /** Steps of mask training in a run. */
  readonly steps: number;
  /** A query channel and the key channel that it meets are kept or dropped together. */
  readonly tied: boolean;
  /** Drop single weights between kept nodes as well. */
  readonly pruneEdges: boolean;
}

/** Nodes that keep the goal. */
export interface Found {
  readonly core: NodeSet;
  /** Kept weights between them: all of the model's unless edges were pruned. */
  readonly edges: readonly Edge[];
  /** Number of weights that the model has between them. */
  readonly allEdges: number;
  /** No node more could be dropped. */
  readonly complete: boolean;
}

/** Whether a core has every node that was allowed: the time ran out before any was dropped. */
export function isWhole({ core }: Found, config: TransformerConfig, forbidden?: NodeSet): boolean {
  return core.count === NodeSet.all(config).count - (forbidden?.count ?? 0);
}

/** Result of a search. */
export interface SearchResult {
  /** Null when no number of nodes keeps the goal. */
  readonly found: Found | null;
  /** Cautious loss (nats) to reach, and the smallest that was reached. */
  readonly goal: number;
  readonly reached: number;
  /** The nodes with that smallest loss, when none keep the goal. */
  readonly nearest: NodeSet | null;
  /** The best set within the size limit; null without a limit. */
  readonly within: NodeSet | null;
  readonly effort: Effort;
}

/** Effort of a search. */
export interface Effort {
  readonly runs: number;
  /** Steps of mask training, all runs together. */
  readonly steps: number;
  /** Tokens that went through the model. */
  readonly tokens: number;
  readonly seconds: number;
  /** The time ran out before the schedule ended; with more time the result would differ. */
  readonly stopped: boolean;
}

/** A task that cannot be pruned for; the message says why in one line. */
export class UnsolvedError extends Error {
  override readonly name = 'UnsolvedError';
}
