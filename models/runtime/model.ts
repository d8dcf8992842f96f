/** A bundle's model in ONNX Runtime: forward passes with any site read or edited. */
import { ort } from '../onnxRuntime';
import type { TransformerConfig } from '../transformer/config';
import { inferenceGraph } from '../transformer/graphs';
import type { Weights } from '../transformer/parameters';
import { Continuation } from './continuation';
import { EditFeeds } from './editFeeds';
import type { SiteEdits } from './interventions';
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
  private continued: Promise<Continuation> | null = null;
  private differentiated: Promise<Slopes> | null = null;

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly edits: EditFeeds,
    private readonly loadContinuation: () => Promise<Continuation>,
    private readonly loadSlopes: () => Promise<Slopes>,
  ) {}

  /** Loads a model. `threads` is how many ONNX Runtime computes with. */
  static async load(config: TransformerConfig, weights: Weights, threads: number): Promise<Model> {
    const session = await createSession(inferenceGraph(config, weights), threads);
    const edits = new EditFeeds(config);
    const load = () => Continuation.load(config, weights, edits, threads);
    return new Model(session, edits, load, () => Slopes.load(config, weights, threads));
  }

  /** The same model for the last positions of a text; loaded when first asked for. */
  continuation(): Promise<Continuation> {
    return (this.continued ??= this.loadContinuation());
  }

  /** Gradients of predictions; loaded when first asked for. */
  slopes(): Promise<Slopes> {
    return (this.differentiated ??= this.loadSlopes());
  }

  /**
   * Runs one pass, which holds the thread's event loop until it is done.
   * @returns the outputs by name: `LOGPROBS` [batch, read, vocab], sites [batch, pos, node]
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
    return new Map(outputs.map((name) => [name, results[name].data as Float32Array]));
  }

  async release(): Promise<void> {
    await this.session.release();
    await (await this.continued)?.release();
    await (await this.differentiated)?.release();
  }
}
