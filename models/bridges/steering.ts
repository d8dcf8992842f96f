/**
 * Steering a dense model by a node of the sparse one (Gao et al., arXiv 2511.13653, section on
 * bridges): the node's change between two texts, as a change of the sparse residual stream, over the
 * decoder, as a change of the dense one from the place on where it is read next.
 */
import { besideWidth, normEpsilon, type TransformerConfig } from '../transformer/config';
import { placesOf } from '../transformer/model';
import { nodeName, siteName, type NodeId } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { bridgeParameter } from './parameters';

/** A model and what it computed on a window: every site's activations [pos, node] by name. */
export interface SeenModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  readonly sites: ReadonlyMap<string, Float32Array>;
  /** Token ids of the window [pos]. */
  readonly ids: Int32Array;
}

/**
 * What is added to the dense model's residual stream before the read at a place, and stays in it; at
 * the place after the last sublayer, nothing but the unembedding reads it.
 */
export interface StreamChange {
  readonly place: number;
  /** [pos, dDense] */
  readonly change: Float32Array;
}

/** What is added to one read of the dense model alone. */
export interface ReadChange {
  readonly site: string;
  /** [pos, channel] */
  readonly change: Float32Array;
}

/** Name of the read at a place of the residual stream. */
export const readSite = (place: number) =>
  siteName(place >> 1, place % 2 === 0 ? 'attn.act_in' : 'mlp.act_in');

/** Name of the site that adds to the residual stream last before a place, from 1 on. */
export const writeSite = (place: number) =>
  siteName((place - 1) >> 1, place % 2 === 0 ? 'mlp.resid_delta' : 'attn.resid_delta');

/**
 * The place at which a node's change of the residual stream is read next.
 * @throws one line for a node that does not change the stream, is the token itself, or after which
 *   nothing reads the stream
 */
export function placeOfNode(node: NodeId, config: TransformerConfig): number {
  const { layer, site, index } = node;
  const name = nodeName(node);
  const place = (() => {
    switch (site) {
      case 'attn.act_in':
        return 2 * layer;
      case 'mlp.act_in':
      case 'attn.resid_delta':
        return 2 * layer + 1;
      case 'mlp.post_act':
      case 'mlp.resid_delta':
        return 2 * layer + 2;
      default:
        throw new Error(
          `${name} does not steer the residual stream; choose a node of act_in, resid_delta or mlp.post_act`,
        );
    }
  })();
  if (place >= placesOf(config)) {
    throw new Error(`nothing reads the residual stream after ${name}; choose an earlier node`);
  }
  if (site.endsWith('act_in') && index >= config.dModel) {
    throw new Error(`${name} reads a position, not the residual stream; choose another node`);
  }
  if (place === 0) {
    throw new Error(`${name} depends on its token alone; choose a node of a later site`);
  }
  return place;
}

/** Whether a node has a place at which it can steer: `placeOfNode` throws for those that have none. */
export function hasPlace(node: NodeId, config: TransformerConfig): boolean {
  try {
    placeOfNode(node, config);
    return true;
  } catch {
    return false;
  }
}

/** The residual stream [pos, dModel] at a place: the embedding and what was added to it before. */
export function residualAt({ config, weights, sites, ids }: SeenModel, place: number) {
  const { dModel } = config;
  const embed = weights.get('embed.weight')!;
  const positions = config.positionsAre === 'added' ? weights.get('positions.weight')! : null;
  const stream = new Float32Array(ids.length * dModel);
  for (const [pos, id] of ids.entries()) {
    for (let c = 0; c < dModel; c++) {
      stream[pos * dModel + c] = embed[id * dModel + c] + (positions?.[pos * dModel + c] ?? 0);
    }
  }
  for (let before = 0; before < place; before++) {
    const part = before % 2 === 0 ? 'attn.resid_delta' : 'mlp.resid_delta';
    const added = sites.get(siteName(before >> 1, part))!;
    for (let i = 0; i < stream.length; i++) stream[i] += added[i];
  }
  return stream;
}

/** What a read multiplies the residual stream by, [pos, channel]: the norm's gain over the root mean square. */
export function readScale(model: SeenModel, place: number): Float32Array {
  const { config, weights } = model;
  const { dModel } = config;
  const stream = residualAt(model, place);
  const scale = new Float32Array(stream.length).fill(1);
  if (config.norm === 'none') return scale;
  const gain = weights.get(`layers.${place >> 1}.${place % 2 === 0 ? 'attn' : 'mlp'}.norm.gain`)!;
  for (let start = 0; start < stream.length; start += dModel) {
    let squares = 0;
    for (let c = 0; c < dModel; c++) squares += stream[start + c] ** 2;
    const size = Math.sqrt(squares / dModel + normEpsilon(config));
    for (let c = 0; c < dModel; c++) scale[start + c] = gain[c] / size;
  }
  return scale;
}

/**
 * A node's change as one of its own model's residual stream, [pos, dModel].
 * @param change of the node's activation at every token of the window [pos]
 * @param scaleAt `readScale` of the model at a place, for whoever keeps it
 * @throws as `placeOfNode`
 */
export function streamChange(
  model: SeenModel,
  node: NodeId,
  change: Float32Array,
  scaleAt = (place: number) => readScale(model, place),
): StreamChange {
  const place = placeOfNode(node, model.config);
  const { dModel } = model.config;
  const stream = new Float32Array(change.length * dModel);
  const { layer, site, index } = node;
  if (site === 'mlp.post_act') {
    const rows = model.weights.get(`layers.${layer}.mlp.out.weight`)!;
    change.forEach((x, pos) => {
      for (let c = 0; c < dModel; c++) stream[pos * dModel + c] = x * rows[index * dModel + c];
    });
    return { place, change: stream };
  }
  const scale = site.endsWith('act_in') ? scaleAt(place) : null;
  change.forEach((x, pos) => {
    const at = pos * dModel + index;
    const divisor = scale ? scale[at] : 1;
    if (x !== 0 && divisor !== 0) stream[at] = x / divisor;
  });
  return { place, change: stream };
}

/**
 * What a node's change adds to the dense model's residual stream.
 * @param sparse the sparse model on the given text
 * @param dense configuration of the dense model
 * @param change of the node's activation at every token of the window [pos]
 * @param scaleAt `readScale` of the sparse model at a place, for whoever keeps it
 */
export function steeringChange(
  sparse: SeenModel,
  dense: TransformerConfig,
  bridges: Weights,
  node: NodeId,
  change: Float32Array,
  scaleAt = (place: number) => readScale(sparse, place),
): StreamChange {
  const { place, change: stream } = streamChange(sparse, node, change, scaleAt);
  return { place, change: decoded(stream, sparse.config, dense, bridges, place) };
}

/** What the sparse residual stream of another text at a place adds to the dense one. */
export function wholeChange(
  own: SeenModel,
  other: SeenModel,
  dense: TransformerConfig,
  bridges: Weights,
  place: number,
): StreamChange {
  const stream = streamDifference(own, other, place);
  return { place, change: decoded(stream, own.config, dense, bridges, place) };
}

/** A model's residual stream in another text, or with interventions, less its own [pos, dModel]. */
export function streamDifference(own: SeenModel, other: SeenModel, place: number): Float32Array {
  const before = residualAt(own, place);
  return residualAt(other, place).map((x, i) => x - before[i]);
}

/**
 * What a change of the sparse residual stream at every place adds to the dense model's reads there.
 * @param own the sparse model on a text as it is
 * @param other the sparse model on the same text, changed by interventions
 * @param dense the dense model on that text
 */
export function streamChanges(
  own: SeenModel,
  other: SeenModel,
  dense: SeenModel,
  bridges: Weights,
): ReadChange[] {
  return Array.from({ length: placesOf(own.config) }, (_, place) => {
    const stream = streamDifference(own, other, place);
    const change = decoded(stream, own.config, dense.config, bridges, place);
    return readChange(change, dense, place);
  });
}

/** A change of the sparse residual stream [pos, dModel] as one of the dense [pos, dDense]. */
function decoded(
  stream: Float32Array,
  sparse: TransformerConfig,
  dense: TransformerConfig,
  bridges: Weights,
  place: number,
): Float32Array {
  const decoder = bridges.get(bridgeParameter(place, 'decoder', 'weight'))!;
  const [from, to] = [sparse.dModel, dense.dModel];
  const length = stream.length / from;
  const added = new Float32Array(length * to);
  for (let pos = 0; pos < length; pos++) {
    for (let i = 0; i < from; i++) {
      const x = stream[pos * from + i];
      if (x === 0) continue;
      for (let c = 0; c < to; c++) added[pos * to + c] += x * decoder[i * to + c];
    }
  }
  return added;
}

/** A change of the residual stream [pos, dModel] as one of its read at a place, with the norm as it was. */
export function readChange(stream: Float32Array, model: SeenModel, place: number): ReadChange {
  const { dModel } = model.config;
  const scale = readScale(model, place);
  const width = dModel + besideWidth(model.config);
  const read = new Float32Array((stream.length / dModel) * width);
  for (let at = 0; at < stream.length; at++) {
    const pos = Math.floor(at / dModel);
    read[pos * width + (at % dModel)] = stream[at] * scale[at];
  }
  return { site: readSite(place), change: read };
}
