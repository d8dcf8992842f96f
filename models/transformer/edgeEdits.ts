/** Weights between nodes of a layer, open to interventions: what one node reads of another is changed. */
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';
import type { TransformerConfig } from './config';
import { matrices } from './matrices';
import type { ForwardInputs } from './model';

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
 * @param pos positions of `keep` and `add`
 */
export function editableEdges(
  config: TransformerConfig,
  pos: Dim = 'pos?',
): NonNullable<ForwardInputs['weigh']> {
  const sizes = new Map(matrices(config).map((matrix) => [matrix.name, matrix]));
  return (name: string, x: Value, product: Value) => {
    const { inputs, outputs } = sizes.get(name)!;
    const { source, keep, add, target } = edgeInputs(name);
    const edges = `${name}.edges`;
    const read = ops.matmul(x, ops.input(source, [inputs, edges]));
    const kept = ops.mul(read, ops.input(keep, [1, pos, edges]));
    const changed = ops.add(kept, ops.input(add, [1, pos, edges]));
    return ops.add(product, ops.matmul(changed, ops.input(target, [edges, outputs])));
  };
}
