/** Facts about a node that follow from the weights alone. */
import { FINAL_SITE, normEpsilon } from '../../transformer/config';
import { parseNode, type NodeId } from '../../transformer/nodes';
import type { ModelEdges } from '../../weights/edges';
import { isRead, isWrite, normOf } from '../../weights/modelWeights';
import { LAYER_MATRICES } from '../../transformer/matrices';
import { Neighbours, type Neighbour } from '../../weights/neighbours';

/** A token and a number about it. */
export interface TokenWeight {
  /** Token id. */
  readonly id: number;
  readonly weight: number;
}

/** Tokens that a node promotes, and those that drive it. */
export interface NodeTokens {
  /**
   * Tokens whose logits a unit of activation raises or lowers most straight through the residual
   * stream: write × final gain × unembedding, before the division by the stream's root mean square.
   * For values the whole attention is on them. Empty for reads, queries and keys, which write nothing.
   */
  readonly promotes: readonly TokenWeight[];
  readonly suppresses: readonly TokenWeight[];
  /**
   * Tokens that by their embedding alone drive the node most in either direction: embedding through
   * its own norm and gain and the node's weights, without bias. In the first layer that is all that
   * attention reads. Empty for writes.
   */
  readonly excitedBy: readonly TokenWeight[];
  readonly inhibitedBy: readonly TokenWeight[];
}

/** A node's neighbours and tokens. */
export interface NodeFacts extends NodeTokens {
  /** What it reads and writes, largest weight first; the lists may be cut, the counts are whole. */
  readonly reads: readonly Neighbour[];
  readonly writes: readonly Neighbour[];
  readonly readCount: number;
  readonly writeCount: number;
}

/**
 * What a node reads and writes and which tokens it is about.
 * @param count length of every list at most
 * @throws when the model has no such node
 */
export function nodeFacts(model: ModelEdges, name: string, count: number): NodeFacts {
  const neighbours = new Neighbours(model);
  const [reads, writes] = [neighbours.incoming(name), neighbours.outgoing(name)];
  return {
    ...{ reads: reads.slice(0, count), writes: writes.slice(0, count) },
    ...{ readCount: reads.length, writeCount: writes.length },
    ...nodeTokens(model, name, count),
  };
}

/**
 * The tokens that a node reads and raises by its weights.
 * @param count length of every list at most
 * @throws when the model has no such node
 */
export function nodeTokens(model: ModelEdges, name: string, count: number): NodeTokens {
  const node = parseNode(name, model.config);
  const [promotes, suppresses] = extremes(logitWeights(model, node), count);
  const [excitedBy, inhibitedBy] = extremes(embeddingDrive(model, node), count);
  return { promotes, suppresses, excitedBy, inhibitedBy };
}

/** Weights of one node to or from the channels of the residual stream, [dModel]; null for none. */
function channelWeights(model: ModelEdges, { layer, site, index }: NodeId, side: 'in' | 'out') {
  const { dModel } = model.config;
  const channels = new Float64Array(dModel);
  if (site === FINAL_SITE || (side === 'out' ? isWrite(site) : isRead(site))) {
    if (index < dModel) channels[index] = 1;
    return channels;
  }
  const matrix = LAYER_MATRICES.find(({ from, to }) =>
    side === 'out' ? from === site && isWrite(to) : to === site && isRead(from),
  );
  if (!matrix) return null;
  const rows = model.matrix(layer, matrix);
  for (let c = 0; c < dModel; c++) {
    channels[c] = side === 'out' ? rows.at(index, c) : rows.at(c, index);
  }
  return channels;
}

/** What a unit of activation adds to each logit, [vocab]. */
function logitWeights(model: ModelEdges, node: NodeId): Float64Array {
  const channels = channelWeights(model, node, 'out');
  if (!channels) return new Float64Array(model.config.vocab);
  return model.toLogits(channels.map((weight, c) => weight * model.gain('final', c)));
}

/** Input of the node from each token's embedding alone, [vocab]. */
function embeddingDrive(model: ModelEdges, node: NodeId): Float64Array {
  const { config } = model;
  const { vocab, dModel } = config;
  const channels = channelWeights(model, node, 'in');
  if (!channels) return new Float64Array(vocab);
  if (node.site === FINAL_SITE) {
    return Float64Array.from({ length: vocab }, (_, id) => model.embedding(id, node.index));
  }
  const part = node.site.startsWith('attn') ? 'attn.act_in' : 'mlp.act_in';
  const weights = channels.map((weight, c) => weight * model.gain(normOf(node.layer, part), c));
  const rows = model.embeddings();
  return Float64Array.from({ length: vocab }, (_, id) => {
    let [sum, square] = [0, 0];
    rows.visit(id, (c, entry) => {
      sum += weights[c] * entry;
      square += entry * entry;
    });
    return config.norm === 'none' ? sum : sum / Math.sqrt(square / dModel + normEpsilon(config));
  });
}

/** The largest positive numbers and the largest negative ones, each largest magnitude first. */
function extremes(values: Float64Array, count: number): [TokenWeight[], TokenWeight[]] {
  const side = (sign: 1 | -1) =>
    Array.from(values, (weight, id) => ({ id, weight }))
      .filter(({ weight }) => sign * weight > 0)
      .sort((a, b) => sign * (b.weight - a.weight))
      .slice(0, count);
  return [side(1), side(-1)];
}
