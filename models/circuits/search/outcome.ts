/** What a search for a circuit is asked for, what it gives, and why it may give nothing. */
import type { Edge } from '../../weights/edges';
import type { TransformerConfig } from '../../transformer/config';
import { NodeSet } from '../../transformer/nodeSet';

export interface SearchSettings {
  /** Strict task loss that the core must keep, nats. */
  readonly targetLoss: number;
  /**
   * The search aims at this share of it on the prompts that it selects by, chance included
   * (`goal.ts`), so that new prompts keep it too; but not below what the whole model has.
   */
  readonly margin: number;
  /** The same for weights: robust to the rest are nodes, so that weights need less to spare. */
  readonly edgeMargin: number;
  readonly seed: number;
  /** The search stops when they have gone by, and says so: the clock decides nothing else. */
  readonly seconds: number;
  /** Searches with other settings; the smallest circuit counts. */
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
  /** Weights between them that are kept; all that there are unless edges were pruned. */
  readonly edges: readonly Edge[];
  /** Weights between them that the model has. */
  readonly allEdges: number;
  /** No node more could be dropped. */
  readonly complete: boolean;
}

/** Whether a core is all that could be used, so that nothing was found: the clock stopped before a node closed. */
export function isWhole({ core }: Found, config: TransformerConfig, forbidden?: NodeSet): boolean {
  return core.count === NodeSet.all(config).count - (forbidden?.count ?? 0);
}

/** What a search came to. */
export interface SearchResult {
  /** Null when no number of nodes keeps the goal. */
  readonly found: Found | null;
  /** Cautious loss (nats) that was to be reached, and the least that was. */
  readonly goal: number;
  readonly reached: number;
  /** The nodes that reached it, where nothing keeps the goal. */
  readonly nearest: NodeSet | null;
  /** The best of no more nodes than were asked about; null where none were. */
  readonly within: NodeSet | null;
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
  /** The time ran out before the schedule did: with more of it the result would be another. */
  readonly stopped: boolean;
}

/** A task that cannot be pruned for; the message says why in one line. */
export class UnsolvedError extends Error {
  override readonly name = 'UnsolvedError';
}
