/** The circuit of one prediction: nodes that matter at their tokens, and the weights between them. */
import type { Target } from '../../inference/target';
import type { TokenRange } from '../../inference/textTokens';

/** A node at one token. */
export interface CircuitNode {
  /** Node name. */
  readonly node: string;
  /** Token index in the text; -1 is the end-of-text before it. */
  readonly token: number;
  readonly activation: number;
  /** Activation at the same token of another text, where two texts are compared. */
  readonly other?: number;
  /**
   * Exact change of the target (nats) when the node is ablated at this token alone, found by running
   * the model; null when it was not measured (yet).
   */
  readonly effect: number | null;
  /**
   * Estimate of the effect to first order, gradient × (ablated - activation): it only decides which
   * nodes are measured first.
   */
  readonly estimate: number;
}

/**
 * How an edge leads from one end to the other:
 * - `weight`: an entry of a weight matrix, at one token;
 * - `residual`: a write, or a token's embedding, to a later read of its channel, at one token;
 * - `attention`: a value at `fromToken` through the attention pattern and the output matrix;
 * - `key`, `query`: a key at `fromToken`, or the query, to what the head writes: to first order, by
 *   moving the pattern while the values stand;
 * - `logit`: a write, an embedding or the bigram table to an output: to its logit less the mean of all
 *   logits under the prediction, which moves its log-probability as much, to first order.
 */
export type EdgeKind = 'weight' | 'residual' | 'attention' | 'key' | 'query' | 'logit';

/** One edge of the circuit; its ends are nodes of the circuit, inputs or outputs. */
export interface CircuitEdge {
  readonly kind: EdgeKind;
  /**
   * Node name; `embed` for the embedding of the token at `fromToken` (with its position's, where those
   * are added), or `bigram` for the table.
   */
  readonly from: string;
  readonly fromToken: number;
  /** Node name, or `logit.ID`. */
  readonly to: string;
  readonly toToken: number;
  /**
   * What the source's activation is multiplied with on the way: the matrix entry; the norm's gain
   * over the root mean square of the stream; for a value the attention it gets times the matrix
   * entry; for a logit the scaled gain times the unembedding, less its mean; for keys and queries the derivative. An
   * embedding and the table count as sources of 1, so that weight and contribution are the same.
   */
  readonly weight: number;
  /**
   * weight × source activation, in the unit of what it adds to: the target node before its
   * nonlinearity, or the logit.
   */
  readonly contribution: number;
}

/** A token whose embedding (or bigram row) feeds the circuit. */
export interface CircuitInput {
  readonly token: number;
  /** Token id. */
  readonly id: number;
}

/** A token that the circuit predicts. */
export interface CircuitOutput {
  /** Token id. */
  readonly id: number;
  /** Vertex name, `logit.ID`. */
  readonly node: string;
  /** Log-probability (nats), with the interventions in force. */
  readonly logprob: number;
}

/** The circuit of one prediction. */
export interface TokenCircuit {
  /** Hash of the bundle. */
  readonly bundle: string;
  /** Token after which the prediction is made. */
  readonly position: number;
  /** Tokens that the model had before it, the position included. */
  readonly window: TokenRange;
  readonly target: Target;
  /** Log-probability (nats) of the target, less that of the contrast; no node ablated. */
  readonly value: number;
  /** Largest effect first; those that are not measured follow by their estimates. */
  readonly nodes: readonly CircuitNode[];
  /** Largest contribution first within a kind. */
  readonly edges: readonly CircuitEdge[];
  readonly inputs: readonly CircuitInput[];
  /** The target, then the contrast. */
  readonly outputs: readonly CircuitOutput[];
  /** Nodes left out by the limits. */
  readonly hidden: {
    /** Active nodes of the window that are not in `nodes`; those with no estimate not counted. */
    readonly nodes: number;
    /** Of them, how many were measured. */
    readonly measured: number;
  };
}
