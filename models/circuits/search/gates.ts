/**
 * Gates are what a search keeps or drops: nodes, query channels tied to their key channels, or single weights.
 * Mask training and selection only see gates, as flat arrays in the order of a set.
 */
import type { MaskedModel, MaskGradient } from '../../inference/maskedModel';
import type { GradientCalibration } from '../../inference/promptFeeds';
import type { Prompt } from '../../tasks/prompts';
import { nodeName, type NodeId } from '../../transformer/nodes';
import type { NodeSet } from '../../transformer/nodeSet';

/** Gates in a fixed order. */
export interface GateSet<Self> {
  readonly count: number;
  /** Number of nodes or weights that each gate opens, [gate]: its share of the price. */
  readonly sizes: ArrayLike<number>;
  /** Name of each gate, the same in every set. */
  readonly names: readonly string[];
  /** The gates at which a predicate holds. */
  filter(keep: (gate: number) => boolean): Self;
}

/** A model with gates; nodes or weights without a gate are closed. */
export interface GatedModel {
  /** Logit differences [prompt] under every setting [gate]. */
  differences(
    prompts: readonly Prompt[],
    settings: readonly Float32Array[],
  ): Promise<Float64Array[]>;
  /** Loss and gradient [gate] of one setting on some prompts of about one length. */
  gradient(
    prompts: readonly Prompt[],
    setting: Float32Array,
    calibration: GradientCalibration,
  ): Promise<MaskGradient>;
  release(): Promise<void>;
}

/** Makes the model of some gates. */
export type OpenGates<G> = (gates: G) => GatedModel;

/** A gate for each node, or for each query channel together with its key channel. */
export class NodeGates implements GateSet<NodeGates> {
  readonly names: readonly string[];
  readonly sizes: Uint8Array;
  /** Places in the node set's order, by gate. */
  readonly places: readonly (readonly number[])[];

  constructor(
    readonly nodes: NodeSet,
    readonly tied: boolean,
  ) {
    const found = new Map<string, number[]>();
    nodes.nodes.forEach((node, place) => {
      const name = nodeName(tied ? ownerOf(node) : node);
      const own = found.get(name);
      if (own) own.push(place);
      else found.set(name, [place]);
    });
    this.names = [...found.keys()];
    this.places = [...found.values()];
    this.sizes = Uint8Array.from(this.places, ({ length }) => length);
  }

  get count(): number {
    return this.places.length;
  }

  filter(keep: (gate: number) => boolean): NodeGates {
    const kept = new Uint8Array(this.nodes.count);
    this.places.forEach((places, gate) => {
      if (keep(gate)) for (const place of places) kept[place] = 1;
    });
    return new NodeGates(
      this.nodes.filter((place) => kept[place] === 1),
      this.tied,
    );
  }

  /** The masked model of the nodes, seen by these gates. */
  of(model: MaskedModel): GatedModel {
    return this.tied ? new Spread(model, this.places, this.nodes.count) : model;
  }
}

/** The query node that shares a key node's gate; any other node has its own. */
function ownerOf(node: NodeId): NodeId {
  return node.site === 'attn.k' ? { ...node, site: 'attn.q' } : node;
}

/** Controls the gates of a model by fewer gates, each of which sets all gates at its places. */
export class Spread implements GatedModel {
  /** @param count gates of the model; those at no place stay closed */
  constructor(
    private readonly model: GatedModel,
    private readonly places: readonly (readonly number[])[],
    private readonly count: number,
  ) {}

  private spread(setting: Float32Array): Float32Array {
    const all = new Float32Array(this.count);
    this.places.forEach((places, gate) => {
      for (const place of places) all[place] = setting[gate];
    });
    return all;
  }

  differences(prompts: readonly Prompt[], settings: readonly Float32Array[]) {
    return this.model.differences(
      prompts,
      settings.map((setting) => this.spread(setting)),
    );
  }

  async gradient(
    prompts: readonly Prompt[],
    setting: Float32Array,
    calibration: GradientCalibration,
  ) {
    const found = await this.model.gradient(prompts, this.spread(setting), calibration);
    const gradient = Float32Array.from(this.places, (places) =>
      places.reduce((sum, place) => sum + found.gradient[place], 0),
    );
    return { ...found, gradient };
  }

  release(): Promise<void> {
    return this.model.release();
  }
}
