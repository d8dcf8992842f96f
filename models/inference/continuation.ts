/**
 * The last positions of a text in many variants at once. It has a session of its own beside the
 * model's: a pass costs only these positions, where the model's would cost the whole text.
 */
import type { NumberArray, NumberArrays } from '../graph/numbers';
import type { TransformerConfig } from '../transformer/config';
import { continuationGraph, LOGPROBS, PAST_ROWS, pastInput } from '../transformer/graphs';
import { siteName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import type { EditFeeds } from './editFeeds';
import { edgeFeeds, type EdgeEdit } from './edgeEdits';
import type { SiteEdits } from './interventions';
import type { Session, Sessions } from '../engines/sessions';
import { requireFinite } from '../engines/finite';

/** Keys and values of the earlier positions, as the graph takes them. */
export type PastFeeds = NumberArrays;

/** Variants of some positions. */
export interface Step {
  readonly past: PastFeeds;
  readonly batch: number;
  /** Token ids at the positions [pos], and the first position's index in its window. */
  readonly tokens: Int32Array;
  readonly start: number;
  /** Edits of these positions, [batch or 1, pos or 1, node]. */
  readonly edits: SiteEdits;
  /** Edits of single weights at these positions; only of a continuation that takes them. */
  readonly edges?: readonly EdgeEdit[];
}

export class Continuation {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly session: Session,
    private readonly editFeeds: EditFeeds,
    private readonly takesEdges: boolean,
  ) {}

  static async load(
    config: TransformerConfig,
    weights: Weights,
    editFeeds: EditFeeds,
    sessions: Sessions,
    edges: boolean,
  ): Promise<Continuation> {
    const session = await sessions.open(() => continuationGraph(config, weights, edges));
    return new Continuation(config, session, editFeeds, edges);
  }

  /** The first `length` positions of traced activations [pos, node] by site name. */
  past(sites: ReadonlyMap<string, Float32Array>, length: number): PastFeeds {
    const { context, heads, dHead, layers } = this.config;
    const width = heads * dHead;
    const feeds: Record<string, NumberArray> = {};
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['k', 'v'] as const) {
        const padded = new Float32Array(context * width);
        const own = sites.get(siteName(layer, `attn.${part}`))!;
        padded.set(own.subarray(0, length * width));
        feeds[pastInput(layer, part)] = { data: padded, dims: [context, width] };
      }
    }
    return feeds;
  }

  /**
   * Log-probabilities (nats) of the token after the last position, [batch, vocab]: in ONNX Runtime on
   * x64 those that the whole text gives, to the last bit; elsewhere within rounding.
   */
  async run(step: Step): Promise<Float32Array> {
    const feeds = {
      ...feedsOf(this.editFeeds, step),
      ...(this.takesEdges && edgeFeeds(this.config, step.edges ?? [])),
    };
    return await this.session.look(feeds, [LOGPROBS], (results) => {
      const logprobs = results[LOGPROBS].data as Float32Array;
      requireFinite('the prediction', logprobs);
      return logprobs.slice(0, step.batch * this.config.vocab);
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function feedsOf(editFeeds: EditFeeds, { past, batch, tokens, start, edits }: Step): NumberArrays {
  const { length } = tokens;
  const count = (from: number): NumberArray => ({
    data: Int32Array.from({ length }, (_, i) => from + i),
    dims: [length],
  });
  // A product of one row alone is summed in another order than the whole text's.
  const copies = batch * length === 1 ? 2 : batch;
  const repeated = new Int32Array(copies * length);
  for (let i = 0; i < copies; i++) repeated.set(tokens, i * length);
  return {
    ...past,
    ...editFeeds.feeds(edits),
    tokens: { data: repeated, dims: [copies, length] },
    index: count(start),
    [PAST_ROWS]: count(0),
    read: { data: Int32Array.of(length - 1), dims: [1] },
  };
}
