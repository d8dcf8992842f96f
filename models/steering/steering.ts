/**
 * Steers a dense model through the nodes of a sparse one: a node's change from the given text to another is
 * decoded by the bridge and added to the dense model's residual stream on the given text.
 */
import {
  hasPlace,
  placeOfNode,
  readChange,
  readScale,
  residualAt,
  steeringChange,
  streamChange,
  streamChanges,
  streamDifference,
  wholeChange,
  writeSite,
  type ReadChange,
  type SeenModel,
  type StreamChange,
} from '../bridges/steering';
import type { Intervention } from '../inference/interventions';
import type { Position } from '../inference/textTokens';
import type { Trace } from '../inference/trace';
import { readWidth, siteWidth, type TransformerConfig } from '../transformer/config';
import { nodeName, parseNode, searchedSites, type NodeId } from '../transformer/nodes';
import type { BridgedModels, SteerableModel } from './models';
import { rowLengths } from './rows';
import { checkAligned, checkWindows, windowIds } from './texts';

/** Two texts, and the token of the given one after which the dense model predicts. */
export interface SteeringTexts {
  readonly given: string;
  readonly other: string;
  readonly at: Position;
  /** Whether the other text is known to end at the place; else it may also be a whole text. */
  readonly isCut?: boolean;
}

/** Cancellation and progress of long work. */
export interface SteeringControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Yields to other work between passes; throws when the result is no longer wanted. */
  readonly pause?: (() => Promise<void>) | undefined;
}

type Both<T> = Readonly<Record<'given' | 'other', T>>;

/** What can be added to the dense model: to its residual stream, or to one read alone. */
export type Change = StreamChange | ReadChange;

export class Steering {
  /** Differences of the dense model's residual stream between the texts, by place. */
  private readonly denseDifferences = new Map<number, Float32Array>();

  /** Lengths of the dense model's residual stream of the given text by place, [pos]. */
  private readonly denseLengths = new Map<number, readonly number[]>();

  /** What reads of the sparse model multiply its residual stream of the given text by, by place. */
  private readonly sparseScales = new Map<number, Float32Array>();

  private constructor(
    private readonly models: BridgedModels,
    private readonly texts: SteeringTexts,
    private readonly sparse: Both<Trace>,
    private readonly dense: Both<Trace>,
  ) {}

  /**
   * Runs both models on both texts.
   * @throws one line when the texts cannot be aligned
   */
  static async open(models: BridgedModels, texts: SteeringTexts): Promise<Steering> {
    const { given, other, at, isCut = false } = texts;
    const [givenTokens, otherTokens] = [
      await models.dense.tokens(given),
      await models.dense.tokens(other),
    ];
    const first = await models.dense.trace(given, at, { whole: true });
    const { position } = first;
    checkAligned(givenTokens.ids, otherTokens.ids, position, isCut);
    const traces = async (model: SteerableModel) => ({
      given: await model.trace(given, { token: position }, { whole: true }),
      other: await model.trace(other, { token: position }, { whole: true }),
    });
    const dense = {
      given: first,
      other: await models.dense.trace(other, { token: position }, { whole: true }),
    };
    const rows = position + 1 - first.window.start;
    const [own, others] = [dense.given, dense.other].map((trace) =>
      windowIds(trace, models.dense.info.endOfText).subarray(0, rows),
    );
    checkWindows(own, others);
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
      curve.push(await this.predict(change, strength, control));
      control.onProgress?.(i + 1, strengths.length);
    }
    return curve;
  }

  /** Nodes that can steer and differ between the texts, by their change of the dense stream, largest first. */
  async differing({ signal, pause }: SteeringControl = {}): Promise<string[]> {
    const { sparse } = this.configs;
    const sized: { readonly name: string; readonly size: number }[] = [];
    for (const { layer, site } of searchedSites(sparse)) {
      signal?.throwIfAborted();
      await pause?.();
      for (let index = 0; index < siteWidth(sparse, site); index++) {
        const node = { layer, site, index };
        if (this.canSteer(node))
          sized.push({ name: nodeName(node), size: this.sizeOf(this.changeBy(node)) });
      }
    }
    sized.sort((a, b) => b.size - a.size);
    return sized.map(({ name }) => name);
  }

  /**
   * How large a change of the dense residual stream is: its length at each token over that of the stream
   * there, the root of the sum of squares over tokens.
   */
  sizeOf({ place, change }: StreamChange): number {
    const lengths = this.lengthsAt(place);
    const own = rowLengths(change, this.configs.dense.dModel);
    return Math.hypot(...own.map((length, row) => length / lengths[row]));
  }

  /** The size of a node's change; 0 for a node that cannot steer or does not differ between the texts. */
  nodeSize(node: NodeId): number {
    return this.canSteer(node) ? this.sizeOf(this.changeBy(node)) : 0;
  }

  private lengthsAt(place: number): readonly number[] {
    const found = this.denseLengths.get(place);
    if (found) return found;
    const lengths = rowLengths(residualAt(this.seenDense(), place), this.configs.dense.dModel);
    this.denseLengths.set(place, lengths);
    return lengths;
  }

  /** Whether a node can steer, and differs between the texts. */
  canSteer(node: NodeId): boolean {
    return hasPlace(node, this.configs.sparse) && this.difference(node).some((x) => x !== 0);
  }

  /** Number of rows up to the token after which the model predicts; later ones do not matter. */
  private get rows(): number {
    return this.position - this.dense.given.window.start + 1;
  }

  /** The node's activation in the other text less that in the given one [pos]. */
  private difference(node: NodeId, model: 'sparse' | 'dense' = 'sparse'): Float32Array {
    const { layer, site, index } = node;
    const width = siteWidth(this.configs[model], site);
    const [own, other] = [this[model].given, this[model].other].map(({ whole }) =>
      whole!.get(`${layer}.${site}`)!,
    );
    const change = new Float32Array(own.length / width);
    for (let row = 0; row < this.rows; row++) {
      change[row] = other[row * width + index] - own[row * width + index];
    }
    return change;
  }

  /**
   * The change of the dense model's residual stream that a node's change decodes to.
   * @throws one line when the node cannot steer or does not differ between the texts
   */
  nodeChange(name: string): StreamChange {
    const node = parseNode(name, this.configs.sparse);
    placeOfNode(node, this.configs.sparse);
    if (this.difference(node).some((x) => x !== 0)) return this.changeBy(node);
    throw new Error(
      `${name} ${this.fires(node) ? 'has the same activations in both texts' : 'is active in neither text'} up to the place; choose another node`,
    );
  }

  /**
   * The change that sets a channel of the dense model's own residual stream, before the read at a place, to
   * its value in the other text: a baseline that needs no sparse model.
   */
  channelChange(place: number, channel: number): StreamChange {
    const { dModel } = this.configs.dense;
    const all = this.denseDifference(place);
    const change = new Float32Array(all.length);
    for (let at = channel; at < this.rows * dModel; at += dModel) change[at] = all[at];
    return { place, change };
  }

  /** The change that sets a neuron of the dense model's own to its values in the other text. */
  neuronChange(layer: number, index: number): StreamChange {
    const node = { layer, site: 'mlp.post_act', index } as const;
    const dense = this.seenDense();
    const { place, change } = streamChange(dense, node, this.difference(node, 'dense'));
    return { place, change };
  }

  /** The dense model's residual stream of the other text less that of the given one, at the last token. */
  lastDenseDifference(place: number): Float32Array {
    const { dModel } = this.configs.dense;
    return this.denseDifference(place).slice((this.rows - 1) * dModel, this.rows * dModel);
  }

  /** A change of the dense residual stream at the last token alone. */
  lastChange(place: number, added: Float32Array): StreamChange {
    const change = new Float32Array(this.denseDifference(place).length);
    change.set(added, (this.rows - 1) * added.length);
    return { place, change };
  }

  /** The same change of the stream as one of the next read alone: the rest of the model goes on as it was. */
  nextRead({ place, change }: StreamChange): ReadChange {
    return readChange(change, this.seenDense(), place);
  }

  /** How much changes of reads alter what the dense model reads: root mean square, the reads' own being 1. */
  readShare(changes: readonly ReadChange[]): number {
    let [changed, own] = [0, 0];
    for (const { site, change } of changes) {
      const reads = this.dense.given.whole!.get(site)!;
      const end = this.rows * readWidth(this.configs.dense);
      for (let i = 0; i < end; i++) {
        changed += change[i] ** 2;
        own += reads[i] ** 2;
      }
    }
    return own === 0 ? 0 : Math.sqrt(changed / own);
  }

  /**
   * The changes of all reads of the dense model that interventions on the sparse one decode to: for every
   * place the sparse residual stream with them less that without them, through the decoder.
   */
  async interventionChanges(interventions: readonly Intervention[]): Promise<ReadChange[]> {
    const { sparse, bridges } = this.models;
    const { given } = this.texts;
    const at = { token: this.position };
    const changed = await sparse.trace(given, at, { interventions, whole: true });
    const [own, other] = [this.sparse.given, changed].map((trace) => this.seenSparse(trace));
    return streamChanges(own, other, this.seenDense(), bridges);
  }

  /** The change that the whole difference of the sparse model's residual stream at a place decodes to. */
  wholeChange(place: number): StreamChange {
    const [own, other] = [this.sparse.given, this.sparse.other].map((trace) =>
      this.seenSparse(trace),
    );
    const { dense } = this.configs;
    const whole = wholeChange(own, other, dense, this.models.bridges, place);
    // Tokens after the place do not matter.
    whole.change.fill(0, this.rows * dense.dModel);
    return whole;
  }

  private changeBy(node: NodeId): StreamChange {
    const own = this.seenSparse(this.sparse.given);
    const { dense } = this.configs;
    const scaleAt = (place: number) => {
      const scale = this.sparseScales.get(place) ?? readScale(own, place);
      this.sparseScales.set(place, scale);
      return scale;
    };
    const { bridges } = this.models;
    return steeringChange(own, dense, bridges, node, this.difference(node), scaleAt);
  }

  /** The dense model's residual stream of the other text less that of the given one [pos, dModel]. */
  private denseDifference(place: number): Float32Array {
    const found = this.denseDifferences.get(place);
    if (found) return found;
    const other = seen(this.models.dense, this.dense.other);
    const difference = streamDifference(this.seenDense(), other, place);
    this.denseDifferences.set(place, difference);
    return difference;
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

  /** The dense model's log-probabilities (nats) [vocab] with a change, scaled by a strength. */
  async predict(
    given: Change,
    strength: number,
    control: SteeringControl = {},
  ): Promise<Float32Array> {
    const scaled = given.change.map((x) => strength * x);
    if ('site' in given) {
      return await this.predictReads([{ site: given.site, change: scaled }], control);
    }
    const { place } = given;
    const { dModel } = this.configs.dense;
    return await this.predictWith(this.added(writeSite(place), scaled, dModel), control);
  }

  /** The same with changes of single reads, each added to the unchanged read. */
  async predictReads(
    changes: readonly ReadChange[],
    control: SteeringControl = {},
  ): Promise<Float32Array> {
    const width = readWidth(this.configs.dense);
    const interventions = changes.flatMap(({ site, change }) => this.added(site, change, width));
    return await this.predictWith(interventions, control);
  }

  private async predictWith(
    interventions: readonly Intervention[],
    { signal, pause }: SteeringControl,
  ): Promise<Float32Array> {
    signal?.throwIfAborted();
    await pause?.();
    const at = { token: this.position };
    return (await this.models.dense.trace(this.texts.given, at, { interventions })).logprobs;
  }

  /** Interventions that set a site of the dense model to its original activations plus a change. */
  private added(site: string, change: Float32Array, width: number): Intervention[] {
    const { start } = this.dense.given.window;
    const own = this.dense.given.whole!.get(site)!;
    const nodes = Array.from({ length: width }, (_, channel) => `${site}.${channel}`);
    const patches: Intervention[] = [];
    for (let row = 0; row < this.rows; row++) {
      const added = change.subarray(row * width, (row + 1) * width);
      if (added.every((x) => x === 0)) continue;
      const values = Array.from(added, (x, i) => own[row * width + i] + x);
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
