/**
 * A dense model steered through the nodes of a sparse one: what a node does in another text is put,
 * over the bridge, into what the dense model reads of the given text.
 */
import {
  placeOfNode,
  steeringChange,
  streamChanges,
  type Change,
  type SeenModel,
} from '../bridges/steering';
import type { Intervention } from '../inference/interventions';
import type { Position } from '../inference/textTokens';
import type { Trace } from '../inference/trace';
import { readWidth, siteWidth, type TransformerConfig } from '../transformer/config';
import { nodeName, parseNode, searchedSites, type NodeId } from '../transformer/nodes';
import type { BridgedModels, SteerableModel } from './models';
import { checkAligned, windowIds } from './texts';

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
  /** Lets other work in between passes; throws when nobody waits any longer. */
  readonly pause?: (() => Promise<void>) | undefined;
}

type Both<T> = Readonly<Record<'given' | 'other', T>>;

export class Steering {
  private constructor(
    private readonly models: BridgedModels,
    private readonly texts: SteeringTexts,
    private readonly sparse: Both<Trace>,
    private readonly dense: Both<Trace>,
  ) {}

  /**
   * Runs both models on both texts.
   * @throws one line when the texts cannot be laid beside each other
   */
  static async open(models: BridgedModels, texts: SteeringTexts): Promise<Steering> {
    const { given, other, at } = texts;
    const [givenTokens, otherTokens] = [
      await models.dense.tokens(given),
      await models.dense.tokens(other),
    ];
    const first = await models.dense.trace(given, at, { whole: true });
    const { position } = first;
    checkAligned(givenTokens.ids, otherTokens.ids, position);
    const traces = async (model: SteerableModel) => ({
      given: await model.trace(given, { token: position }, { whole: true }),
      other: await model.trace(other, { token: position }, { whole: true }),
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

  /** Configuration of the sparse model, and of the dense one. */
  get configs(): { readonly sparse: TransformerConfig; readonly dense: TransformerConfig } {
    const { sparse, dense } = this.models;
    return { sparse: sparse.info.config, dense: dense.info.config };
  }

  /** The prediction with a node's change added at each strength. */
  async curve(
    node: string,
    strengths: readonly number[],
    control: SteeringControl = {},
  ): Promise<Float32Array[]> {
    const change = this.nodeChange(node);
    const curve: Float32Array[] = [];
    for (const [i, strength] of strengths.entries()) {
      curve.push(await this.predict([change], strength, control));
      control.onProgress?.(i + 1, strengths.length);
    }
    return curve;
  }

  /** Nodes that can steer and differ between the texts, the largest change of a read first. */
  differing(): string[] {
    const { sparse } = this.configs;
    const all = searchedSites(sparse).flatMap(({ layer, site }) =>
      Array.from({ length: siteWidth(sparse, site) }, (_, index) => ({ layer, site, index })),
    );
    const able = all.filter((node) => this.canSteer(node));
    const sized = able.map((node) => ({ node, size: norm(this.changeBy(node).change) }));
    sized.sort((a, b) => b.size - a.size);
    return sized.map(({ node }) => nodeName(node));
  }

  /** Whether a node can steer, and differs between the texts. */
  canSteer(node: NodeId): boolean {
    try {
      placeOfNode(node, this.configs.sparse);
    } catch {
      return false;
    }
    return this.difference(node).some((x) => x !== 0);
  }

  /** Rows of the window up to the token after which is predicted: later ones do not count. */
  private get rows(): number {
    return this.position - this.dense.given.window.start + 1;
  }

  /** The node's activation in the other text less that in the given one [pos]. */
  private difference({ layer, site, index }: NodeId): Float32Array {
    const width = siteWidth(this.configs.sparse, site);
    const [own, other] = [this.sparse.given, this.sparse.other].map(({ whole }) =>
      whole!.get(`${layer}.${site}`)!,
    );
    const change = new Float32Array(own.length / width);
    for (let row = 0; row < this.rows; row++) {
      change[row] = other[row * width + index] - own[row * width + index];
    }
    return change;
  }

  /**
   * What a node's change adds to a read of the dense model.
   * @throws one line when the node cannot steer or is alike in both texts
   */
  nodeChange(name: string): Change {
    const node = parseNode(name, this.configs.sparse);
    placeOfNode(node, this.configs.sparse);
    if (this.difference(node).some((x) => x !== 0)) return this.changeBy(node);
    throw new Error(
      `${name} ${this.fires(node) ? 'is alike in both texts' : 'fires in neither text'} up to the place; choose another node`,
    );
  }

  /**
   * What sets a channel of one of the dense model's own reads to what it is in the other text: what a
   * person would do who has the dense model alone.
   */
  channelChange(site: string, channel: number): Change {
    const [own, other] = [this.dense.given, this.dense.other].map(({ whole }) => whole!.get(site)!);
    const width = readWidth(this.configs.dense);
    const change = new Float32Array(own.length);
    for (let at = channel; at < this.rows * width; at += width) change[at] = other[at] - own[at];
    return { site, change };
  }

  /**
   * What interventions on the sparse model change in all reads of the dense one, place by place: the
   * residual stream with them less that without them, over the decoders.
   */
  async interventionChanges(interventions: readonly Intervention[]): Promise<Change[]> {
    const { sparse, bridges } = this.models;
    const { given } = this.texts;
    const at = { token: this.position };
    const changed = await sparse.trace(given, at, { interventions, whole: true });
    const [own, other] = [this.sparse.given, changed].map((trace) => this.seenSparse(trace));
    return streamChanges(own, other, this.seenDense(), bridges);
  }

  /** What the whole sparse residual stream of the other text, at every place, changes in all reads. */
  wholeChanges(): Change[] {
    const [own, other] = [this.sparse.given, this.sparse.other].map((trace) =>
      this.seenSparse(trace),
    );
    const changes = streamChanges(own, other, this.seenDense(), this.models.bridges);
    // After the place nothing counts.
    const width = readWidth(this.configs.dense);
    for (const { change } of changes) change.fill(0, this.rows * width);
    return changes;
  }

  private changeBy(node: NodeId): Change {
    const own = this.seenSparse(this.sparse.given);
    return steeringChange(own, this.seenDense(), this.models.bridges, node, this.difference(node));
  }

  private seenSparse(trace: Trace): SeenModel {
    return seen(this.models.sparse, trace);
  }

  private seenDense(): SeenModel {
    return seen(this.models.dense, this.dense.given);
  }

  private fires({ layer, site, index }: NodeId): boolean {
    const width = siteWidth(this.configs.sparse, site);
    return [this.sparse.given, this.sparse.other].some(({ whole }) => {
      const data = whole!.get(`${layer}.${site}`)!;
      return Array.from({ length: this.rows }, (_, row) => data[row * width + index]).some(Boolean);
    });
  }

  /** The dense model's log-probabilities (nats) [vocab] with changes of its reads at some strength. */
  async predict(
    changes: readonly Change[],
    strength: number,
    { signal, pause }: SteeringControl = {},
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    await pause?.();
    const { given } = this.texts;
    const interventions = changes.flatMap((change) => this.patches(change, strength));
    const at = { token: this.position };
    return (await this.models.dense.trace(given, at, { interventions })).logprobs;
  }

  /** A change of a read as interventions on it: what is added to it as it is without any. */
  private patches({ site, change }: Change, strength: number): Intervention[] {
    const { start } = this.dense.given.window;
    const own = this.dense.given.whole!.get(site)!;
    const width = readWidth(this.configs.dense);
    const nodes = Array.from({ length: width }, (_, channel) => `${site}.${channel}`);
    const patches: Intervention[] = [];
    for (let row = 0; row < this.rows; row++) {
      const added = change.subarray(row * width, (row + 1) * width);
      if (added.every((x) => x === 0)) continue;
      const values = Array.from(added, (x, i) => own[row * width + i] + strength * x);
      patches.push({
        ...{ nodes, positions: { at: start + row }, kind: { kind: 'patch', values } },
      });
    }
    return patches;
  }
}

function seen({ info, weights }: SteerableModel, trace: Trace): SeenModel {
  const { config, endOfText } = info;
  return { config, weights, sites: trace.whole!, ids: windowIds(trace, endOfText) };
}

/** Size of a change. */
function norm(change: Float32Array): number {
  return Math.sqrt(change.reduce((sum, x) => sum + x * x, 0));
}
