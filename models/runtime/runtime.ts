/** A bundle at work: one worker thread with its sessions, called from any other thread. */
import type { Labels } from '../bundles/labels';
import type { Circuit } from '../circuits/file/circuitFile';
import type { Head } from '../circuits/token/attention';
import type { TokenCircuit } from '../circuits/token/circuit';
import type { CircuitStory } from '../labels/explain/circuit';
import type { Sentence } from '../labels/explain/sentence';
import type { PairsRequest } from '../tasks/source';
import type { Encoding } from '../tokenizer/tokenizer';
import type { AttentionPattern } from './attention';
import type { CheckInterventionsRequest } from './checkInterventions';
import type { CircuitRequest } from './circuit';
import type { Concepts } from './concepts';
import type { Effects, EffectsRequest } from './effects';
import type { BundleInfo } from '../inference/engine';
import type { Facts } from './facts';
import type { Intervention } from '../inference/interventions';
import type { LabelPlaces, PickedConcept } from './labelPlaces';
import type { Lens } from './lens';
import { ModelThread, type CallOptions, type ThreadOptions } from './modelThread';
import type { Method, Params, Result } from './protocol';
import type { Activations, Surprisal } from './scan';
import type {
  BridgeNodes,
  BridgeNodesRequest,
  SteerControlsRequest,
  SteeredCurve,
  SteeringControls,
  SteerRequest,
} from './steer';
import type { Position, TokenRange } from '../inference/textTokens';
import type { Trace } from '../inference/trace';
import type { WeightEffect, WeightRequest } from './weight';

/** Options of every request. */
export interface RequestOptions extends CallOptions {
  readonly interventions?: readonly Intervention[] | undefined;
}

export interface TraceOptions extends RequestOptions {
  /** Also return every activation of the window. */
  readonly whole?: boolean;
}

export interface ScanOptions extends RequestOptions {
  /** Tokens wanted; the whole text by default. */
  readonly range?: TokenRange;
}

/** What an effect is; see `EffectsRequest` for the fields. */
export type EffectsOptions = RequestOptions &
  Omit<EffectsRequest, 'text' | 'position' | 'interventions'>;

/** How a circuit is found; see `CircuitRequest` for the fields. */
export type CircuitOptions = RequestOptions &
  Omit<CircuitRequest, 'text' | 'position' | 'interventions'>;

export class Runtime {
  private constructor(
    private readonly thread: ModelThread,
    /** The bundle's name, hash, config and token texts. */
    readonly info: BundleInfo,
  ) {}

  /**
   * Starts a worker and loads a bundle in it.
   * @throws one line when the bundle is missing or damaged
   */
  static async open(bundleDir: string, options: ThreadOptions): Promise<Runtime> {
    const thread = new ModelThread(bundleDir, options);
    try {
      const info = await thread.call('info', null);
      thread.expectedHash = info.hash;
      return new Runtime(thread, info);
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** Tokens of a text and their ranges. */
  tokens(text: string, options: RequestOptions = {}): Promise<Encoding> {
    return this.call('tokens', { text }, options);
  }

  /** Prediction and active nodes at one token. */
  trace(text: string, position: Position, options: TraceOptions = {}): Promise<Trace> {
    const { interventions = [], whole = false } = options;
    return this.call('trace', { text, position, interventions, whole }, options);
  }

  /** Exact effects of ablating each active node, or each of the given ones, on a prediction. */
  effects(text: string, position: Position, options: EffectsOptions): Promise<Effects> {
    const { signal, onProgress, interventions = [], ...rest } = options;
    const params = { text, position, interventions, ...rest };
    return this.call('effects', params, { signal, onProgress });
  }

  /** The circuit of the prediction after a token. */
  circuit(text: string, position: Position, options: CircuitOptions): Promise<TokenCircuit> {
    const { signal, onProgress, interventions = [], ...rest } = options;
    const params = { text, position, interventions, ...rest };
    return this.call('circuit', params, { signal, onProgress });
  }

  /** Attention pattern of one head over the window that owns a token. */
  attention(
    text: string,
    position: Position,
    { layer, head }: Head,
    options: RequestOptions = {},
  ): Promise<AttentionPattern> {
    const { interventions = [] } = options;
    return this.call('attention', { text, position, layer, head, interventions }, options);
  }

  /**
   * The logit lens: what the residual stream after each layer would predict after a token.
   * @param target token id whose rank is told; by default the one that follows
   */
  lens(
    text: string,
    position: Position,
    { interventions = [], signal, target }: RequestOptions & { readonly target?: number } = {},
  ): Promise<Lens> {
    const params = { text, position, interventions, ...(target === undefined ? {} : { target }) };
    return this.call('lens', params, { signal });
  }

  /** What one weight does to a prediction: measured without it, at a token and at every one. */
  weight(
    text: string,
    position: Position,
    request: Omit<WeightRequest, 'text' | 'position'>,
    { signal }: Pick<RequestOptions, 'signal'> = {},
  ): Promise<WeightEffect> {
    return this.call('weight', { text, position, ...request }, { signal });
  }

  /** Why the model expects a token, in a few sentences, from the circuit of its prediction. */
  explain(
    text: string,
    circuit: TokenCircuit,
    { signal, interventions = [] }: RequestOptions = {},
  ): Promise<Sentence[]> {
    return this.call('explain', { text, circuit, interventions }, { signal });
  }

  /** A task's circuit told layer by layer, from what is measured on some of its pairs. */
  explainCircuit(
    circuit: Circuit,
    pairs: PairsRequest,
    options: RequestOptions = {},
  ): Promise<CircuitStory> {
    return this.call('explainCircuit', { circuit, pairs }, options);
  }

  /**
   * Compares what a circuit says of its edges with the model's weights.
   * @param where what an error calls the circuit
   * @throws one line that names the first difference
   */
  async checkCircuit(circuit: Circuit, where: string): Promise<void> {
    await this.call('checkCircuit', { circuit, where });
  }

  /**
   * Looks whether the model has the nodes and weights that interventions name.
   * @param where what an error calls them
   * @throws one line that names the first that it has not
   */
  async checkInterventions(
    interventions: CheckInterventionsRequest['interventions'],
    where: string,
  ): Promise<void> {
    await this.call('checkInterventions', { interventions, where });
  }

  /** Concepts that the bundle's labels name; of one concept, the nodes that tell it. */
  concepts(concept: string | null, options: RequestOptions = {}): Promise<Concepts> {
    return this.call('concepts', { concept }, options);
  }

  /**
   * What a node reads and writes, which tokens it is about and where it is strongest, `count` of each
   * at most.
   */
  facts(node: string, count: number, options: RequestOptions = {}): Promise<Facts> {
    return this.call('facts', { node, count }, options);
  }

  /** What nodes mean; null when the bundle does not say. */
  labels(options: RequestOptions = {}): Promise<Labels | null> {
    return this.call('labels', null, options);
  }

  /**
   * Where in a text the label of a node holds; null for a node without one.
   * @param picked one concept in the place of the whole label
   */
  labelPlaces(
    text: string,
    node: string,
    { picked, ...options }: RequestOptions & { readonly picked?: PickedConcept | undefined } = {},
  ): Promise<LabelPlaces | null> {
    return this.call('labelPlaces', { text, node, ...(picked && { picked }) }, options);
  }

  /** Surprisal (nats) of every token, window by window. */
  surprisal(text: string, options: ScanOptions = {}): Promise<Surprisal> {
    return this.call('surprisal', scanParams(text, options), options);
  }

  /** Activations of some nodes at every token, window by window. */
  activations(
    text: string,
    nodes: readonly string[],
    options: ScanOptions = {},
  ): Promise<Activations> {
    return this.call('activations', { ...scanParams(text, options), nodes }, options);
  }

  /** What the dense model beside a bridged one predicts with a node's change added. */
  steer({ signal, ...params }: SteerRequest & RequestOptions): Promise<SteeredCurve> {
    return this.call('steer', params, { signal });
  }

  /** What random nodes and the dense model's own channels do in the place of a node. */
  steerControls({
    signal,
    onProgress,
    ...params
  }: SteerControlsRequest & RequestOptions): Promise<SteeringControls> {
    return this.call('steerControls', params, { signal, onProgress });
  }

  /** Which nodes explain what differs between two texts for the dense model. */
  bridgeNodes({
    signal,
    onProgress,
    ...params
  }: BridgeNodesRequest & RequestOptions): Promise<BridgeNodes> {
    return this.call('bridgeNodes', params, { signal, onProgress });
  }

  /** Gives up the worker; requests under way reject, and the next request starts a new one. */
  restart(): Promise<void> {
    return this.thread.restart();
  }

  /** Ends the runtime; requests under way and later ones reject. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private call<M extends Method>(
    method: M,
    params: Params<M>,
    options: RequestOptions = {},
  ): Promise<Result<M>> {
    return this.thread.call(method, params, options);
  }
}

function scanParams(text: string, { interventions = [], range }: ScanOptions) {
  return { text, interventions, ...(range && { range }) };
}
