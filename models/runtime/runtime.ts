/** A bundle at work: one worker thread with its sessions, called from any other thread. */
import type { Worker } from 'node:worker_threads';
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
import { oneLine } from '../oneLine';
import type { Call, Method, Params, Reply, Request, Result, WorkerOptions } from './protocol';
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
import { DEFAULT_THREADS, type EngineChoice } from '../engines/engineChoice';
import type { Trace } from '../inference/trace';
import type { WeightEffect, WeightRequest } from './weight';
import { startThread } from '../threads';

/**
 * What a request leaves behind is small or an array outside the heap. With the room for new objects that
 * Node 24 gives by default, the thread's heap grows to three times the size before it is cleared.
 */
const LIMITS = { maxYoungGenerationSizeMb: 8 };

export interface RuntimeOptions {
  /** Compiled `runtime-worker`. */
  readonly workerFile: string;
  /** Threads that the model computes with; 2 by default. */
  readonly threads?: number;
  /** What computes: by default what was measured to be faster. */
  readonly engine?: EngineChoice;
  /** Told in one line which engine was chosen. */
  readonly onNote?: (line: string) => void;
}

/** Options of every request. */
export interface RequestOptions {
  /** Cancels the request, which then rejects with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
  /** Parts done and parts in all, after each part of a long request. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
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

/** A request under way. */
interface Pending {
  readonly resolve: (result: Result<Method>) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: RequestOptions['onProgress'];
}

/** The model's thread is gone, and the request with it; the next request starts another. */
export class ModelLost extends Error {
  override readonly name = 'ModelLost';
}

export class Runtime {
  private worker: Worker | null = null;
  private closed = false;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private opened: BundleInfo | null = null;

  private constructor(
    private readonly bundleDir: string,
    private readonly options: RuntimeOptions,
  ) {}

  /**
   * Starts a worker and loads a bundle in it.
   * @throws one line when the bundle is missing or damaged
   */
  static async open(bundleDir: string, options: RuntimeOptions): Promise<Runtime> {
    const runtime = new Runtime(bundleDir, options);
    try {
      runtime.opened = await runtime.call('info', null);
      return runtime;
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  /** The bundle's name, hash, config and token texts. */
  get info(): BundleInfo {
    return this.opened!;
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
  async restart(): Promise<void> {
    const { worker } = this;
    this.lose(new ModelLost('the model was restarted; try again'));
    await end(worker);
  }

  /** Ends the runtime; requests under way and later ones reject. */
  async close(): Promise<void> {
    const { worker } = this;
    this.closed = true;
    this.lose(new Error('the model was closed; open it again'));
    await end(worker);
  }

  private call<M extends Method>(
    method: M,
    params: Params<M>,
    { signal, onProgress }: RequestOptions = {},
  ): Promise<Result<M>> {
    if (this.closed) return Promise.reject(new Error('the model was closed; open it again'));
    if (signal?.aborted) return Promise.reject(abortError());
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    return new Promise<Result<Method>>((resolve, reject) => {
      const onAbort = () => {
        if (!this.pending.delete(id)) return;
        worker.postMessage({ type: 'cancel', id } satisfies Request);
        reject(abortError());
      };
      const settled = () => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.pending.set(id, {
        onProgress,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      worker.postMessage({ type: 'call', id, call: { method, params } as Call } satisfies Request);
    }) as Promise<Result<M>>;
  }

  private start(): Worker {
    const workerData: WorkerOptions = {
      bundleDir: this.bundleDir,
      threads: this.options.threads ?? DEFAULT_THREADS,
      engine: this.options.engine ?? 'auto',
      expectedHash: this.opened?.hash ?? null,
    };
    const worker = startThread(this.options.workerFile, workerData, LIMITS);
    const failed = (what: string) => {
      if (this.worker === worker) {
        this.lose(new ModelLost(`the model's thread failed: ${what}; try again`));
      }
    };
    worker.on('message', (reply: Reply) => {
      if (reply.type === 'failed') failed(reply.message);
      else if (reply.type === 'note') this.options.onNote?.(reply.line);
      else this.receive(reply);
    });
    worker.on('error', (error) => {
      failed(oneLine(error));
    });
    worker.on('exit', (code) => {
      if (this.worker !== worker) return;
      this.lose(new ModelLost(`the model's thread ended early (code ${code}); try again`));
    });
    return worker;
  }

  /** Gives up the worker: nothing under way can be answered any more. */
  private lose(error: Error): void {
    this.worker = null;
    const lost = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of lost) reject(error);
  }

  private receive(reply: Exclude<Reply, { type: 'failed' | 'note' }>): void {
    const request = this.pending.get(reply.id);
    if (!request) return; // It was cancelled.
    if (reply.type === 'progress') {
      request.onProgress?.(reply.done, reply.total);
      return;
    }
    this.pending.delete(reply.id);
    if (reply.type === 'result') request.resolve(reply.result);
    else request.reject(new Error(reply.message));
  }
}

/**
 * Resolves when the worker has ended of itself. It must not be terminated: ONNX Runtime, stopped
 * within a pass, takes the whole process with it.
 */
async function end(worker: Worker | null): Promise<void> {
  if (!worker) return;
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ type: 'close' } satisfies Request);
  await ended;
}

function scanParams(text: string, { interventions = [], range }: ScanOptions) {
  return { text, interventions, ...(range && { range }) };
}

function abortError(): Error {
  return new DOMException('the request was cancelled', 'AbortError');
}
