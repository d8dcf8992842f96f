/** Controls of a steered prediction, and the nodes that steer it most. */
import { placeOfNode, readSite } from '../bridges/steering';
import { Rng } from '../random';
import { siteWidth } from '../transformer/config';
import { nodeName, parseNode } from '../transformer/nodes';
import type { Steering, SteeringControl } from './steering';

/** Number of random nodes that a node is compared with. */
const RANDOM_NODES = 8;

/** A node, or a dense channel, and the dense model's prediction with it at full strength. */
export interface Steered {
  readonly name: string;
  /** Log-probabilities (nats) [vocab]. */
  readonly logprobs: Float32Array;
}

/** Names of random other nodes of a node's site that differ between some of the texts. */
export function randomOthers(steerings: readonly Steering[], name: string, seed: number): string[] {
  const { sparse } = steerings[0].configs;
  const { site, layer, index } = parseNode(name, sparse);
  const others = Array.from({ length: siteWidth(sparse, site) }, (_, i) => ({
    ...{ layer, site, index: i },
  })).filter((node) => node.index !== index && steerings.some((one) => one.canSteer(node)));
  return new Rng(seed, 'control', name).shuffle(others).slice(0, RANDOM_NODES).map(nodeName);
}

/** Random other nodes of a node's site that differ between the texts. */
export async function randomNodes(
  steering: Steering,
  node: string,
  seed: number,
  control: SteeringControl = {},
): Promise<Steered[]> {
  return await steerEach(steering, randomOthers([steering], node, seed), control);
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
