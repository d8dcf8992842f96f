/**
 * A dense model steered through the nodes of a sparse one: what a node does in another text is put,
 * over the bridge, into what the dense model reads of the given text.
 */
import { placeOfNode, readSite, steeringChange, type SeenModel } from '../bridges/steering';
import type { Bundle } from '../bundles/bundle';
import type { BridgedBundle } from '../bundles/partner';
import { Rng } from '../random';
import type { Intervention } from '../runtime/interventions';
import type { Runtime } from '../runtime/runtime';
import type { Position } from '../runtime/textTokens';
import type { Trace } from '../runtime/trace';
import { readWidth, siteWidth } from '../transformer/config';
import { nodeName, parseNode, searchedSites, type NodeId } from '../transformer/nodes';
import { checkAligned, windowIds } from './texts';

/** Both models, opened. */
export interface BridgedRuntimes {
  readonly sparse: Runtime;
  readonly dense: Runtime;
  readonly bundles: { readonly sparse: BridgedBundle; readonly dense: Bundle };
}

/** Two texts, and the token of the given one after which the dense model predicts. */
export interface SteeringTexts {
  readonly given: string;
  readonly other: string;
  readonly at: Position;
}

/** Long work's options. */
export interface SteeringControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What the dense model reads at a site with a change [pos, channel] added at some strength. */
interface Change {
  readonly site: string;
  readonly change: Float32Array;
}

/** A node, or a dense channel, and the dense model's prediction with it. */
export interface Steered {
  readonly name: string;
  /** Log-probabilities (nats) [vocab]. */
  readonly logprobs: Float32Array;
}

type Both<T> = Readonly<Record<'given' | 'other', T>>;

/** Random nodes that a node is held against. */
const RANDOM_NODES = 8;

export class Steering {
  private constructor(
    private readonly models: BridgedRuntimes,
    private readonly texts: SteeringTexts,
    private readonly sparse: Both<Trace>,
    private readonly dense: Both<Trace>,
  ) {}

  /**
   * Runs both models on both texts.
   * @throws one line when the texts cannot be laid beside each other
   */
  static async open(models: BridgedRuntimes, texts: SteeringTexts): Promise<Steering> {
    const { given, other, at } = texts;
    const [givenTokens, otherTokens] = [
      await models.dense.tokens(given),
      await models.dense.tokens(other),
    ];
    const first = await models.dense.trace(given, at, { whole: true });
    const { position } = first;
    checkAligned(givenTokens.ids, otherTokens.ids, position);
    const traces = async (runtime: Runtime) => ({
      given: await runtime.trace(given, { token: position }, { whole: true }),
      other: await runtime.trace(other, { token: position }, { whole: true }),
    });
    const dense = {
      given: first,
      other: await models.dense.trace(other, { token: position }, { whole: true }),
    };
    return new Steering(models, texts, await traces(models.sparse), dense);
  }

  /** Predictions of the dense model on both texts. */
  get predictions(): Both<Float32Array> {
    return { given: this.dense.given.logprobs, other: this.dense.other.logprobs };
  }

  /** Index of the token after which it predicts. */
  get position(): number {
    return this.dense.given.position;
  }

  /** The token that the dense model finds likeliest in the other text. */
  get wanted(): number {
    const { logprobs } = this.dense.other;
    return logprobs.indexOf(logprobs.reduce((a, b) => Math.max(a, b), -Infinity));
  }

  /** The prediction with a node's change added at each strength. */
  async curve(
    node: string,
    strengths: readonly number[],
    control: SteeringControl = {},
  ): Promise<Float32Array[]> {
    const change = this.nodeChange(this.parse(node));
    const curve: Float32Array[] = [];
    for (const [i, strength] of strengths.entries()) {
      curve.push(await this.predict(change, strength, control));
      control.onProgress?.(i + 1, strengths.length);
    }
    return curve;
  }

  /** Random other nodes of a node's site that differ between the texts, at one strength. */
  async randomNodes(node: string, seed: number, control: SteeringControl = {}): Promise<Steered[]> {
    const { site, layer, index } = this.parse(node);
    const width = siteWidth(this.models.sparse.info.config, site);
    const others = Array.from({ length: width }, (_, i) => ({ layer, site, index: i })).filter(
      (other) => other.index !== index && this.canSteer(other),
    );
    return this.steerEach(
      new Rng(seed, 'control', node).shuffle(others).slice(0, RANDOM_NODES),
      control,
    );
  }

  /**
   * Every channel of the dense model's read at the node's place, set to what it is in the other text:
   * what a person would do who has the dense model alone.
   */
  async denseChannels(node: string, control: SteeringControl = {}): Promise<Steered[]> {
    const { config } = this.models.dense.info;
    const site = readSite(placeOfNode(this.parse(node), this.models.sparse.info.config));
    const [own, other] = [this.dense.given, this.dense.other].map(({ whole }) => whole!.get(site)!);
    const width = readWidth(config);
    const found: Steered[] = [];
    for (let channel = 0; channel < width; channel++) {
      const change = new Float32Array(own.length);
      for (let at = channel; at < this.rows * width; at += width) change[at] = other[at] - own[at];
      const logprobs = await this.predict({ site, change }, 1, control);
      found.push({ name: `${site}.${channel}`, logprobs });
      control.onProgress?.(channel + 1, width);
    }
    return found;
  }

  /**
   * Which nodes of the sparse model explain what differs for the dense one: those whose change over
   * the bridge is largest for its size, each measured by steering at full strength.
   * @param count nodes that are measured
   */
  async explain(
    count: number,
    control: SteeringControl = {},
  ): Promise<{ nodes: Steered[]; of: number }> {
    const { config } = this.models.sparse.info;
    const all = searchedSites(config).flatMap(({ layer, site }) =>
      Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
    );
    const able = all.filter((node) => this.canSteer(node));
    const sized = able.map((node) => ({ node, size: norm(this.nodeChange(node).change) }));
    sized.sort((a, b) => b.size - a.size);
    const chosen = sized.slice(0, count).map(({ node }) => node);
    return { nodes: await this.steerEach(chosen, control), of: able.length };
  }

  private async steerEach(nodes: readonly NodeId[], control: SteeringControl): Promise<Steered[]> {
    const found: Steered[] = [];
    for (const [i, node] of nodes.entries()) {
      const logprobs = await this.predict(this.nodeChange(node), 1, control);
      found.push({ name: nodeName(node), logprobs });
      control.onProgress?.(i + 1, nodes.length);
    }
    return found;
  }

  /** Rows of the window up to the token after which is predicted: later ones do not count. */
  private get rows(): number {
    return this.position - this.dense.given.window.start + 1;
  }

  private parse(node: string): NodeId {
    return parseNode(node, this.models.sparse.info.config);
  }

  /** The node's activation in the other text less that in the given one [pos]. */
  private difference({ layer, site, index }: NodeId): Float32Array {
    const width = siteWidth(this.models.sparse.info.config, site);
    const [own, other] = [this.sparse.given, this.sparse.other].map(({ whole }) =>
      whole!.get(`${layer}.${site}`)!,
    );
    const change = new Float32Array(own.length / width);
    for (let row = 0; row < this.rows; row++) {
      change[row] = other[row * width + index] - own[row * width + index];
    }
    return change;
  }

  /** Whether a node can steer, and differs between the texts. */
  private canSteer(node: NodeId): boolean {
    try {
      placeOfNode(node, this.models.sparse.info.config);
    } catch {
      return false;
    }
    return this.difference(node).some((x) => x !== 0);
  }

  /** @throws one line when the node cannot steer or is alike in both texts */
  private nodeChange(node: NodeId): Change {
    const { sparse, dense, bundles } = this.models;
    placeOfNode(node, sparse.info.config);
    const difference = this.difference(node);
    if (difference.every((x) => x === 0)) {
      throw new Error(
        `${nodeName(node)} ${this.fires(node) ? 'is alike in both texts' : 'fires in neither text'} up to the place; choose another node`,
      );
    }
    const seen = (runtime: Runtime, bundle: Bundle, trace: Trace): SeenModel => ({
      ...{ config: runtime.info.config, weights: bundle.weights, sites: trace.whole! },
      ids: windowIds(trace, runtime.info.endOfText),
    });
    return steeringChange(
      seen(sparse, bundles.sparse, this.sparse.given),
      seen(dense, bundles.dense, this.dense.given),
      bundles.sparse.bridges.weights,
      node,
      difference,
    );
  }

  private fires({ layer, site, index }: NodeId): boolean {
    const width = siteWidth(this.models.sparse.info.config, site);
    return [this.sparse.given, this.sparse.other].some(({ whole }) => {
      const data = whole!.get(`${layer}.${site}`)!;
      return Array.from({ length: this.rows }, (_, row) => data[row * width + index]).some(Boolean);
    });
  }

  /** The dense model's prediction with a change added to one of its reads. */
  private async predict(
    { site, change }: Change,
    strength: number,
    { signal }: SteeringControl,
  ): Promise<Float32Array> {
    const { dense } = this.models;
    const { start } = this.dense.given.window;
    const own = this.dense.given.whole!.get(site)!;
    const width = readWidth(dense.info.config);
    const nodes = Array.from({ length: width }, (_, channel) => `${site}.${channel}`);
    const interventions: Intervention[] = [];
    for (let row = 0; row < this.rows; row++) {
      const added = change.subarray(row * width, (row + 1) * width);
      if (added.every((x) => x === 0)) continue;
      const values = Array.from(added, (x, i) => own[row * width + i] + strength * x);
      interventions.push({
        ...{ nodes, positions: { at: start + row }, kind: { kind: 'patch', values } },
      });
    }
    const { given } = this.texts;
    const trace = await dense.trace(given, { token: this.position }, { interventions, signal });
    return trace.logprobs;
  }
}

/** Size of a change. */
function norm(change: Float32Array): number {
  return Math.sqrt(change.reduce((sum, x) => sum + x * x, 0));
}
