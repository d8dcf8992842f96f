/**
 * The transformer with a gate on every node, for finding circuits: activation · gate + mean ·
 * (1 - gate), Gao et al. (arXiv 2511.13653), section 2.3. Only what some gates can open is computed:
 * matrices lose the rows of nodes that are always closed, whose means become one constant row.
 */
import { gradients } from '../graph/gradient';
import type { Dim, Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { FINAL_SITE, siteWidth, type Site, type TransformerConfig } from './config';
import { forward, logits, type Tap } from './model';
import { allSites } from './nodes';
import { parameterSpecs, type Weights } from './parameters';
import { storedArray } from './storedWeights';

/** What a mask graph is made of. */
export interface MaskedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** What closed nodes are frozen at, [node] by site name. */
  readonly means: ReadonlyMap<string, Float32Array>;
  /** Tokens that answers are made of; the graph scores no others. */
  readonly answers: readonly number[];
  /**
   * Nodes that have a gate, by site name, ascending; all others are closed, but for those of
   * `final_resid` where none of them has a gate: then it is as the model has it.
   */
  readonly nodes: ReadonlyMap<string, Int32Array>;
  /** When given, weights between those nodes have the gates, by matrix, and the nodes are open. */
  readonly edges?: ReadonlyMap<string, MatrixEdges>;
}

/** Weights of a matrix `layers.L.{part}`, [edge] each. */
export interface MatrixEdges {
  /** Sites that it joins. */
  readonly fromSite: string;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly weights: Float32Array;
}

/** Names of inputs and outputs, by site, or by matrix where its weights have the gates. */
export const gateInput = (slot: string) => `gate.${slot}`;
export const gateGradient = (slot: string) => `gradient.${slot}`;
export const DIFFERENCE = 'difference';
export const MASK_LOSS = 'loss';

/**
 * Forward graph. Inputs: `tokens` int32 [batch, pos], `index` int32 [pos], `read` [batch, 1, pos]
 * (1 at each prompt's last token, else 0), that token as `last` int32 [batch, 1], `first` and `second`
 * int32 [batch, 1] (indices into `answers`) and for every site with gates [batch or 1, 1, gate]. Output: `difference` [batch], the first answer's logit
 * less the second's.
 */
export function maskedGraph(model: MaskedModel): Record<string, Value> {
  const gates = gateInputs(model, (count) => ['batch?', 1, count]);
  const difference = answerDifference(model, gates, 'batch', 'pos');
  return { [DIFFERENCE]: ops.reshape(difference, ['batch']) };
}

/**
 * Graph of the gates' gradient for fixed sizes. Inputs as those of `maskedGraph`, gates [gate] alike
 * for all prompts, and `scale` [] and `shift` [] of the difference, `centre` [] (1 takes the mean of the
 * scaled differences away, as the best shift does where both answers are right equally often; 0 does
 * not), and `sign` [batch], 1 where the first answer is right and -1 where the second is. Outputs: `difference`, the mean cross-entropy
 * between the two answers (nats) and its gradient by every gate, [gate] by site.
 */
export function maskGradientGraph(
  model: MaskedModel,
  batch: number,
  pos: number,
): Record<string, Value> {
  const gates = gateInputs(model, (count) => [count]);
  const difference = answerDifference(model, gates, batch, pos, { differentiable: true });
  const loss = calibratedLoss(difference, batch);
  const sites = [...gates.keys()];
  const slopes = gradients(loss, [...gates.values()]);
  return {
    [DIFFERENCE]: ops.reshape(difference, [batch]),
    [MASK_LOSS]: loss,
    ...Object.fromEntries(sites.map((site, i) => [gateGradient(site), slopes[i]])),
  };
}

/**
 * Mean cross-entropy (nats) between the two answers, from their logit differences [batch, 1, 1]. Inputs:
 * `scale`, `shift`, `centre` and `sign` as in `maskGradientGraph`.
 */
export function calibratedLoss(difference: Value, batch: number): Value {
  const scaled = ops.mul(ops.reshape(difference, [batch, 1]), ops.input('scale', []));
  const mean = ops.mul(ops.reduceSum(scaled, [0, 1]), 1 / batch);
  const centred = ops.sub(scaled, ops.mul(mean, ops.input('centre', [])));
  const shifted = ops.add(centred, ops.input('shift', []));
  const margin = ops.mul(shifted, ops.reshape(ops.input('sign', [batch]), [batch, 1]));
  const zero = ops.constant(new Float32Array(batch), [batch, 1]);
  const right = ops.slice(ops.logSoftmax(ops.concat([margin, zero], 1)), 1, 0, 1);
  return ops.reshape(ops.mul(ops.reduceSum(right, [0, 1]), -1 / batch), []);
}

function textInputs(batch: Dim, pos: Dim) {
  const tokens = ops.input('tokens', [batch, pos], 'int32');
  return { tokens, index: ops.input('index', [pos], 'int32') };
}

function gateInputs(model: MaskedModel, shape: (count: number) => Dim[]): Map<string, Value> {
  const { nodes, edges } = model;
  const slots: [string, number][] = edges
    ? [...edges].map(([matrix, { from }]) => [matrix, from.length])
    : [...nodes].map(([site, { length }]) => [site, length]);
  const gated = slots.filter(([, count]) => count > 0);
  return new Map(gated.map(([slot, count]) => [slot, ops.input(gateInput(slot), shape(count))]));
}

/** How the model with gates is computed. */
interface Way {
  /** Its gradient is asked for. */
  readonly differentiable?: boolean;
  /**
   * When given, the nodes with gates are open, and what this makes of their activations
   * [batch, pos, gate] stands in their place.
   */
  readonly replace?: (site: string, activations: Value) => Value;
}

/** Logit of each prompt's first answer less that of its second, [batch, 1, 1]. */
export function answerDifference(
  model: MaskedModel,
  gates: ReadonlyMap<string, Value>,
  batch: Dim,
  pos: Dim,
  way: Way = {},
): Value {
  const { config, weights, answers } = model;
  const { tokens, index } = textInputs(batch, pos);
  const narrow = new Narrowing(model, way);
  const ones = ops.gather(
    ops.constant(new Float32Array(config.vocab).fill(1), [config.vocab, 1]),
    tokens,
  );
  const parameters = narrow.parameters();
  const inputs = {
    ...{ parameters, tokens, index },
    weigh: (name: string, x: Value, product: Value) => narrow.weigh(gates, name, x, product),
  };
  const residual = forward(config, inputs, narrow.tap(gates, ones));
  // One row a prompt, 1 at its last token.
  const read = ops.input('read', [batch, 1, pos]);
  for (const [name, value] of answerColumns(config, weights, answers)) parameters.set(name, value);
  const scores = logits(
    { ...config, tiedEmbeddings: false },
    inputs,
    ops.matmul(read, residual),
    ops.input('last', [batch, 1], 'int32'),
  );
  const pick = (which: string) => ops.pick(scores, ops.input(which, [batch, 1], 'int32'));
  return ops.sub(pick('first'), pick('second'));
}

/** Unembedding [dModel, answer] and bigram table [vocab, answer] of the answers alone. */
function answerColumns(config: TransformerConfig, weights: Weights, answers: readonly number[]) {
  const { vocab, dModel, tiedEmbeddings, bigram } = config;
  const columns = (rows: number, at: (row: number, token: number) => number) =>
    ops.constant(
      Float32Array.from({ length: rows * answers.length }, (_, i) =>
        at(Math.floor(i / answers.length), answers[i % answers.length]),
      ),
      [rows, answers.length],
    );
  const embed = weights.get(tiedEmbeddings ? 'embed.weight' : 'unembed.weight')!;
  const unembed = columns(dModel, (row, token) =>
    tiedEmbeddings ? embed[token * dModel + row] : embed[row * vocab + token],
  );
  const found = new Map<string, Value>([['unembed.weight', unembed]]);
  const table = weights.get('bigram.table');
  if (bigram !== 'none' && table) {
    found.set(
      'bigram.table',
      columns(vocab, (row, token) => table[row * vocab + token]),
    );
  }
  return found;
}

function constants(
  shapes: ReadonlyMap<string, readonly number[]>,
  weights: Weights,
): Map<string, Value> {
  return new Map(
    [...shapes].map(([name, shape]) => [name, ops.constant(storedArray(weights, name)!, shape)]),
  );
}

/** Sites that matrices read alone, with those matrices. */
const READERS: Partial<Record<Site, readonly string[]>> = {
  'attn.act_in': ['attn.q', 'attn.k', 'attn.v'],
  'mlp.act_in': ['mlp.in'],
  'mlp.post_act': ['mlp.out'],
};

/** Leaves out what closed nodes would only multiply by constants. */
class Narrowing {
  /** Sites whose matrices see the gated nodes and a one in place of all nodes. */
  private readonly narrowed = new Set<string>();

  constructor(
    private readonly model: MaskedModel,
    private readonly way: Way,
  ) {
    for (const { name, site } of allSites(model.config)) {
      if (READERS[site] && this.pays(name, site)) this.narrowed.add(name);
    }
  }

  private gated(site: string): Int32Array {
    return this.model.nodes.get(site) ?? new Int32Array();
  }

  /** Without gradients picking columns costs nothing; with them it is a matrix product. */
  private pays(name: string, site: Site): boolean {
    const width = siteWidth(this.model.config, site);
    return this.gated(name).length < (this.way.differentiable ? width / 4 : width);
  }

  /** The model's parameters, matrices narrowed; the unembedding and bigram table left out. */
  parameters(): Map<string, Value> {
    const { config, weights } = this.model;
    const specs = parameterSpecs(config).filter(
      ({ name }) => name !== 'unembed.weight' && name !== 'bigram.table',
    );
    const parameters = constants(new Map(specs.map((s) => [s.name, s.shape])), weights);
    for (const { name, layer, site } of allSites(config)) {
      if (!this.narrowed.has(name)) continue;
      for (const reader of READERS[site]!) {
        const matrix = `layers.${layer}.${reader}.weight`;
        parameters.set(matrix, this.rowsOf(weights.get(matrix)!, siteWidth(config, site), name));
      }
    }
    return parameters;
  }

  /** Rows of the gated nodes, then what the closed ones' means add up to. */
  private rowsOf(matrix: Float32Array, width: number, site: string): Value {
    const gated = this.gated(site);
    const means = this.model.means.get(site)!;
    const columns = matrix.length / width;
    const rows = new Float32Array((gated.length + 1) * columns);
    const own = new Map(Array.from(gated, (node, i) => [node, i]));
    const closed = new Float64Array(columns);
    for (let node = 0; node < width; node++) {
      const row = matrix.subarray(node * columns, (node + 1) * columns);
      const at = own.get(node);
      if (at !== undefined) rows.set(row, at * columns);
      else for (let i = 0; i < columns; i++) closed[i] += means[node] * row[i];
    }
    rows.set(closed, gated.length * columns);
    return ops.constant(rows, [gated.length + 1, columns]);
  }

  /** Gates every site; `ones` is [batch, pos, 1]. */
  tap(gates: ReadonlyMap<string, Value>, ones: Value): Tap {
    return (name, activation) => {
      if (name === FINAL_SITE && this.gated(name).length === 0) return activation;
      const width = activation.shape[2] as number;
      if (this.way.replace) return this.replaced(name, activation, ones, this.way.replace);
      const gate = this.gateOf(gates, name);
      if (this.narrowed.has(name)) {
        if (!gate) return ones;
        return ops.concat([this.gate(name, this.columns(name, activation), gate), ones], 2);
      }
      const means = ops.constant(this.model.means.get(name)!, [1, 1, width]);
      if (!gate) return ops.mul(ones, means);
      return blend(activation, this.spread(name, gate, width), means);
    };
  }

  /** A site with other activations of the nodes that have gates, the others closed. */
  private replaced(
    name: string,
    activation: Value,
    ones: Value,
    replace: NonNullable<Way['replace']>,
  ): Value {
    const count = this.gated(name).length;
    const given = () => replace(name, this.columns(name, activation));
    if (this.narrowed.has(name)) return count === 0 ? ones : ops.concat([given(), ones], 2);
    const closed = this.model.means.get(name)!.slice();
    for (const node of this.gated(name)) closed[node] = 0;
    const frozen = ops.mul(ones, ops.constant(closed, [1, 1, closed.length]));
    if (count === 0) return frozen;
    return ops.add(frozen, ops.matmul(given(), this.oneHot(name, closed.length)));
  }

  /** The gates of a site's nodes: those given, or 1 where weights have the gates. */
  private gateOf(gates: ReadonlyMap<string, Value>, name: string): Value | undefined {
    if (!this.model.edges) return gates.get(name);
    const { length } = this.gated(name);
    return length === 0 ? undefined : ops.constant(new Float32Array(length).fill(1), [length]);
  }

  /**
   * What a matrix gives with gates on some of its weights. A closed one carries the mean of what it
   * reads, as a closed node does: weight · (gate - 1) · (activation - mean) is added.
   */
  weigh(gates: ReadonlyMap<string, Value>, matrix: string, x: Value, product: Value): Value {
    const gate = gates.get(matrix);
    const edges = this.model.edges?.get(matrix);
    if (!gate || !edges) return product;
    const { fromSite, from, to, weights } = edges;
    const [width, columns] = [x.shape[2] as number, product.shape[2] as number];
    const means = this.model.means.get(fromSite)!;
    // A narrowed matrix reads the gated nodes in their order, and a one.
    const own = this.narrowed.has(fromSite)
      ? new Map(Array.from(this.gated(fromSite), (node, i) => [node, i]))
      : null;
    const reads = oneHotRows(width, from, (node) => own?.get(node) ?? node);
    const writes = swapped(
      oneHotRows(columns, to, (node) => node),
      columns,
      to.length,
    );
    const count = from.length;
    const centred = ops.sub(
      ops.matmul(x, ops.constant(reads, [width, count])),
      ops.constant(
        Float32Array.from(from, (node) => means[node]),
        [1, 1, count],
      ),
    );
    const factor = ops.mul(ops.sub(gate, 1), ops.constant(weights, [count]));
    const change = ops.matmul(ops.mul(centred, factor), ops.constant(writes, [count, columns]));
    return ops.add(product, change);
  }

  private gate(name: string, activation: Value, gate: Value): Value {
    const all = this.model.means.get(name)!;
    const means = Float32Array.from(this.gated(name), (node) => all[node]);
    return blend(activation, gate, ops.constant(means, [1, 1, means.length]));
  }

  /** The gated nodes' columns [batch, pos, gate]. */
  private columns(name: string, activation: Value): Value {
    const gated = this.gated(name);
    if (!this.way.differentiable)
      return ops.gather(activation, ops.constant(gated, [gated.length]), 2);
    return ops.matmul(activation, ops.swapLast(this.oneHot(name, activation.shape[2] as number)));
  }

  /** Gates of all nodes of a site, 0 where a node has none. */
  private spread(name: string, gate: Value, width: number): Value {
    const count = this.gated(name).length;
    if (count === width) return gate;
    const rows = gate.shape.length === 1 ? ops.reshape(gate, [1, count]) : gate;
    return ops.matmul(rows, this.oneHot(name, width));
  }

  private oneHot(name: string, width: number): Value {
    const gated = this.gated(name);
    const data = new Float32Array(gated.length * width);
    gated.forEach((node, i) => (data[i * width + node] = 1));
    return ops.constant(data, [gated.length, width]);
  }
}

/** [rows, column]: 1 in each column at the row of its node. */
function oneHotRows(rows: number, nodes: Int32Array, row: (node: number) => number): Float32Array {
  const data = new Float32Array(rows * nodes.length);
  nodes.forEach((node, column) => (data[row(node) * nodes.length + column] = 1));
  return data;
}

/** The transpose of a matrix [rows, columns]. */
function swapped(data: Float32Array, rows: number, columns: number): Float32Array {
  const other = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      other[column * rows + row] = data[row * columns + column];
    }
  }
  return other;
}

/** mean + gate · (activation - mean). */
function blend(activation: Value, gate: Value, mean: Value): Value {
  return ops.add(mean, ops.mul(gate, ops.sub(activation, mean)));
}
