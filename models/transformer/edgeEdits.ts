/** Weights between nodes of a layer, open to interventions: what one node reads of another is changed. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { siteWidth, type Site, type TransformerConfig } from './config';
import type { ForwardInputs } from './model';

/** Matrices [input, output] of a layer by their names, with the sites whose widths they have. */
const MATRICES: readonly (readonly [part: string, from: Site, to: Site])[] = [
  ['attn.q', 'attn.act_in', 'attn.q'],
  ['attn.k', 'attn.act_in', 'attn.k'],
  ['attn.v', 'attn.act_in', 'attn.v'],
  ['attn.out', 'attn.v', 'attn.resid_delta'],
  ['mlp.in', 'mlp.act_in', 'mlp.post_act'],
  ['mlp.out', 'mlp.post_act', 'mlp.resid_delta'],
];

/** Every matrix of the model: `layers.0.attn.q` and so on, [input, output]. */
export function matrices(config: TransformerConfig) {
  return Array.from({ length: config.layers }, (_, layer) =>
    MATRICES.map(([part, from, to]) => ({
      name: `layers.${layer}.${part}`,
      inputs: siteWidth(config, from),
      outputs: siteWidth(config, to),
    })),
  ).flat();
}

/** Names of the inputs that a matrix has for edges; see `editableEdges`. */
export const edgeInputs = (matrix: string) =>
  ({
    source: `${matrix}.edge.source`,
    keep: `${matrix}.edge.keep`,
    add: `${matrix}.edge.add`,
    target: `${matrix}.edge.target`,
  }) as const;

/**
 * Opens every matrix of a model to interventions on single weights. For each matrix there are four
 * inputs: `source` [input, edge], 1 at the channel that an edge reads; `keep` and `add` [1, pos or 1,
 * edge]; `target` [edge, output], the edge's weight at the channel that it writes. The product of the
 * matrix gets ((x · source) × keep + add) · target: with keep -1 the weight is taken out.
 */
export function editableEdges(config: TransformerConfig): NonNullable<ForwardInputs['weigh']> {
  const sizes = new Map(matrices(config).map((matrix) => [matrix.name, matrix]));
  return (name: string, x: Value, product: Value) => {
    const { inputs, outputs } = sizes.get(name)!;
    const { source, keep, add, target } = edgeInputs(name);
    const edges = `${name}.edges`;
    const read = ops.matmul(x, ops.input(source, [inputs, edges]));
    const kept = ops.mul(read, ops.input(keep, [1, 'pos?', edges]));
    const changed = ops.add(kept, ops.input(add, [1, 'pos?', edges]));
    return ops.add(product, ops.matmul(changed, ops.input(target, [edges, outputs])));
  };
}
