/** Controls of a steered prediction, and the nodes that steer it most. */
import { placeOfNode, readSite } from '../bridges/steering';
import { Rng } from '../random';
import { siteWidth } from '../transformer/config';
import { placesOf } from '../transformer/model';
import { nodeName, parseNode, type NodeId } from '../transformer/nodes';
import type { Steering, SteeringControl } from './steering';

/** Number of random nodes that a node is compared with, and how large their change must be, the node's being 1. */
const RANDOM_NODES = 8;
const COMPARABLE = 0.5;

/** A random node, and how large its change of the dense stream is, that of the node it is compared with being 1. */
export interface RandomNode {
  readonly name: string;
  readonly size: number;
}

/** A node, or a dense channel, and the dense model's prediction with it at full strength. */
export interface Steered {
  readonly name: string;
  /** Log-probabilities (nats) [vocab]. */
  readonly logprobs: Float32Array;
}

/**
 * Random other nodes of a node's site whose change of the dense stream is, on the mean of the texts, at least
 * half as large as the node's; where there are fewer than eight of them, those with the largest change.
 */
export function randomOthers(
  steerings: readonly Steering[],
  name: string,
  seed: number,
): RandomNode[] {
  const { sparse } = steerings[0].configs;
  const node = parseNode(name, sparse);
  const { site, layer } = node;
  const sizeOf = (one: NodeId) =>
    steerings.reduce((sum, steering) => sum + steering.nodeSize(one), 0);
  const own = sizeOf(node);
  const others = Array.from({ length: siteWidth(sparse, site) }, (_, index) => index)
    .filter((index) => index !== node.index)
    .map((index) => ({ layer, site, index }))
    .map((other) => ({ name: nodeName(other), size: sizeOf(other) / own }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size);
  const enough = others.filter(({ size }) => size >= COMPARABLE).length;
  const drawn = others.slice(0, Math.max(enough, RANDOM_NODES));
  return new Rng(seed, 'control', name).shuffle(drawn).slice(0, RANDOM_NODES);
}

/** Random other nodes of a node's site that change the dense stream about as much, as steering with them. */
export async function randomNodes(
  steering: Steering,
  node: string,
  seed: number,
  control: SteeringControl = {},
): Promise<(Steered & RandomNode)[]> {
  const others = randomOthers([steering], node, seed);
  const names = others.map(({ name }) => name);
  const steered = await steerEach(steering, names, control);
  return steered.map((one, i) => ({ ...one, size: others[i].size }));
}

/** Steers with every channel of the dense model's residual stream at the node's place, named by its read. */
export async function denseChannels(
  steering: Steering,
  node: string,
  control: SteeringControl = {},
): Promise<Steered[]> {
  const { sparse, dense } = steering.configs;
  const place = placeOfNode(parseNode(node, sparse), sparse);
  const found: Steered[] = [];
  for (let channel = 0; channel < dense.dModel; channel++) {
    const logprobs = await steering.predict(steering.channelChange(place, channel), 1, control);
    found.push({ name: `${readSite(place)}.${channel}`, logprobs });
    control.onProgress?.(channel + 1, dense.dModel);
  }
  return found;
}

/**
 * The nodes of the sparse model that explain the difference between the dense model's predictions: those
 * that change its residual stream most, each measured by steering.
 * @param count number of nodes to measure
 * @param among names of the nodes that may be; all by default
 */
export async function explain(
  steering: Steering,
  count: number,
  control: SteeringControl = {},
  among?: ReadonlySet<string>,
): Promise<{ nodes: Steered[]; of: number }> {
  const able = (await steering.differing(control)).filter((name) => among?.has(name) ?? true);
  return { nodes: await steerEach(steering, able.slice(0, count), control), of: able.length };
}

/**
 * What the whole difference of the sparse model's residual stream steers to, at each place that nodes steer
 * at: how much there is to explain.
 */
export async function wholeStreams(
  steering: Steering,
  control: SteeringControl = {},
): Promise<Steered[]> {
  const found: Steered[] = [];
  for (let place = 1; place < placesOf(steering.configs.sparse); place++) {
    const logprobs = await steering.predict(steering.wholeChange(place), 1, control);
    found.push({ name: `whole stream before ${readSite(place)}`, logprobs });
  }
  return found;
}

async function steerEach(
  steering: Steering,
  nodes: readonly string[],
  control: SteeringControl,
): Promise<Steered[]> {
  const found: Steered[] = [];
  for (const [i, name] of nodes.entries()) {
    const logprobs = await steering.predict(steering.nodeChange(name), 1, control);
    found.push({ name, logprobs });
    control.onProgress?.(i + 1, nodes.length);
  }
  return found;
}
