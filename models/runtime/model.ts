/** A bundle's model in ONNX Runtime: forward passes with any site read or edited. */
import { ort } from '../onnxRuntime';
import type { TransformerConfig } from '../transformer/config';
import { inferenceGraph, LOGPROBS } from '../transformer/graphs';
import type { Weights } from '../transformer/parameters';
import { Continuation } from './continuation';
import { EditFeeds } from './editFeeds';
import type { SiteEdits } from './interventions';
import { requireFinite } from './finite';
import { Lazy } from './lazy';
import { createSession } from './session';
import { Slopes } from './slopes';

/** One forward pass. */
export interface Pass {
  /** Rows of equal length. */
  readonly batch: number;
  /** [batch, pos] */
  readonly tokens: Int32Array;
  /** Positions whose predictions are wanted, [read]. */
  readonly read: Int32Array;
  readonly edits: SiteEdits;
  /** `LOGPROBS` or site names; only these are copied out. */
  readonly outputs: readonly string[];
}

export class Model {
  private readonly continued: Lazy<Continuation>;
  private readonly differentiated: Lazy<Slopes>;

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly edits: EditFeeds,
    loadContinuation: () => Promise<Continuation>,
    loadSlopes: () => Promise<Slopes>,
  ) {
    this.continued = new Lazy(loadContinuation);
    this.differentiated = new Lazy(loadSlopes);
  }

  /** Loads a model. `threads` is how many ONNX Runtime computes with. */
  static async load(config: TransformerConfig, weights: Weights, threads: number): Promise<Model> {
    const session = await createSession(inferenceGraph(config, weights), threads);
    const edits = new EditFeeds(config);
    const load = () => Continuation.load(config, weights, edits, threads);
    return new Model(session, edits, load, () => Slopes.load(config, weights, threads));
  }

  /** The same model for the last positions of a text; loaded when first asked for. */
  continuation(): Promise<Continuation> {
    return this.continued.get();
  }

  /** Gradients of predictions; loaded when first asked for. */
  slopes(): Promise<Slopes> {
    return this.differentiated.get();
  }

  /**
   * Runs one pass, which holds the thread's event loop until it is done.
   * @returns the outputs by name: `LOGPROBS` [batch, read, vocab], sites [batch, pos, node]
   * @throws one line when interventions drove a number beyond what 32 bits hold
   */
  async run({ batch, tokens, read, edits, outputs }: Pass): Promise<Map<string, Float32Array>> {
    const length = tokens.length / batch;
    const feeds: Record<string, ort.Tensor> = {
      tokens: new ort.Tensor('int32', tokens, [batch, length]),
      index: new ort.Tensor(
        'int32',
        Int32Array.from({ length }, (_, i) => i),
        [length],
      ),
      read: new ort.Tensor('int32', read, [read.length]),
    };
    Object.assign(feeds, this.edits.feeds(edits));
    const results = await this.session.run(feeds, outputs);
    const found = outputs.map((name) => [name, results[name].data as Float32Array] as const);
    for (const [name, data] of found) {
      requireFinite(name === LOGPROBS ? 'the prediction' : `an activation at ${name}`, data);
    }
    return new Map(found);
  }

  async release(): Promise<void> {
    await this.session.release();
    await this.continued.release();
    await this.differentiated.release();
  }
}
