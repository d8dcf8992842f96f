/**
 * The last positions of a text in many variants at once. It has a session of its own beside the
 * model's: a pass costs only these positions, where the model's would cost the whole text.
 */
import { ort } from '../onnxRuntime';
import type { TransformerConfig } from '../transformer/config';
import { continuationGraph, LOGPROBS, PAST_ROWS, pastInput } from '../transformer/graphs';
import { siteName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import type { EditFeeds } from './editFeeds';
import type { SiteEdits } from './interventions';
import { requireFinite } from './finite';
import { createSession } from './session';

/** Keys and values of the earlier positions, as the graph takes them. */
export type PastFeeds = Readonly<Record<string, ort.Tensor>>;

/** Variants of some positions. */
export interface Step {
  readonly past: PastFeeds;
  readonly batch: number;
  /** Token ids at the positions [pos], and the first position's index in its window. */
  readonly tokens: Int32Array;
  readonly start: number;
  /** Edits of these positions, [batch or 1, pos or 1, node]. */
  readonly edits: SiteEdits;
}

export class Continuation {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly session: ort.InferenceSession,
    private readonly editFeeds: EditFeeds,
  ) {}

  static async load(
    config: TransformerConfig,
    weights: Weights,
    editFeeds: EditFeeds,
    threads: number,
  ): Promise<Continuation> {
    const session = await createSession(continuationGraph(config, weights), threads);
    return new Continuation(config, session, editFeeds);
  }

  /** The first `length` positions of traced activations [pos, node] by site name. */
  past(sites: ReadonlyMap<string, Float32Array>, length: number): PastFeeds {
    const { context, heads, dHead, layers } = this.config;
    const width = heads * dHead;
    const feeds: Record<string, ort.Tensor> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['k', 'v'] as const) {
        const padded = new Float32Array(context * width);
        padded.set(sites.get(siteName(layer, `attn.${part}`))!.subarray(0, length * width));
        feeds[pastInput(layer, part)] = new ort.Tensor('float32', padded, [context, width]);
      }
    }
    return feeds;
  }

  /**
   * Log-probabilities (nats) of the token after the last position, [batch, vocab]: on x64 those that
   * the whole text gives, to the last bit; elsewhere within rounding.
   */
  async run({ past, batch, tokens, start, edits }: Step): Promise<Float32Array> {
    const { length } = tokens;
    // A product of one row alone is summed in another order than the whole text's.
    const copies = batch * length === 1 ? 2 : batch;
    const count = (from: number) =>
      new ort.Tensor(
        'int32',
        Int32Array.from({ length }, (_, i) => from + i),
        [length],
      );
    const repeated = new Int32Array(copies * length);
    for (let i = 0; i < copies; i++) repeated.set(tokens, i * length);
    const feeds = {
      ...past,
      ...this.editFeeds.feeds(edits),
      tokens: new ort.Tensor('int32', repeated, [copies, length]),
      index: count(start),
      [PAST_ROWS]: count(0),
      read: new ort.Tensor('int32', Int32Array.of(length - 1), [1]),
    };
    const results = await this.session.run(feeds, [LOGPROBS]);
    const logprobs = results[LOGPROBS].data as Float32Array;
    requireFinite('the prediction', logprobs);
    return logprobs.slice(0, batch * this.config.vocab);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
