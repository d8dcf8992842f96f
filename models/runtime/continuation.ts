/**
 * The last positions of a text in many variants at once. It has a session of its own beside the
 * model's: a pass costs only these positions, where the model's would cost the whole text.
 */
import type { NumberArray, NumberArrays } from '../graph/numbers';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { continuationGraph, LOGPROBS, PAST_ROWS, pastInput } from '../transformer/graphs';
import { Rng } from '../random';
import { allSites, siteName } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import type { EditFeeds } from './editFeeds';
import { neutralEdit, type SiteEdit, type SiteEdits } from './interventions';
import type { Session, Sessions } from './sessions';
import { requireFinite } from './finite';

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
}

export class Continuation {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly session: Session,
    private readonly editFeeds: EditFeeds,
  ) {}

  static async load(
    config: TransformerConfig,
    weights: Weights,
    editFeeds: EditFeeds,
    sessions: Sessions,
  ): Promise<Continuation> {
    const session = await sessions.open({
      kind: 'variants',
      graph: () => continuationGraph(config, weights),
      sample: () => sampleVariants(config, editFeeds),
      outputs: [LOGPROBS],
    });
    return new Continuation(config, session, editFeeds);
  }

  /** The first `length` positions of traced activations [pos, node] by site name. */
  past(sites: ReadonlyMap<string, Float32Array>, length: number): PastFeeds {
    return pastFeeds(this.config, length, (name) => sites.get(name)!);
  }

  /** Which engine runs it. */
  get engine(): Session['engine'] {
    return this.session.engine;
  }

  /**
   * Log-probabilities (nats) of the token after the last position, [batch, vocab]: in ONNX Runtime on
   * x64 those that the whole text gives, to the last bit; elsewhere within rounding.
   */
  async run(step: Step): Promise<Float32Array> {
    const results = await this.session.run(feedsOf(this.editFeeds, step), [LOGPROBS]);
    const logprobs = results[LOGPROBS].data as Float32Array;
    requireFinite('the prediction', logprobs);
    return logprobs.slice(0, step.batch * this.config.vocab);
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

function pastFeeds(
  { context, heads, dHead, layers }: TransformerConfig,
  length: number,
  site: (name: string) => Float32Array,
): PastFeeds {
  const width = heads * dHead;
  const feeds: Record<string, NumberArray> = {};
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['k', 'v'] as const) {
      const padded = new Float32Array(context * width);
      padded.set(site(siteName(layer, `attn.${part}`)).subarray(0, length * width));
      feeds[pastInput(layer, part)] = { data: padded, dims: [context, width] };
    }
  }
  return feeds;
}

/** Variants in a sample: as many as effects of nodes at one token have in a pass. */
const SAMPLE = 128;

/** Work like that of effects at the middle of a window: each variant has another node edited. */
function sampleVariants(config: TransformerConfig, editFeeds: EditFeeds): NumberArrays {
  const { context, heads, dHead } = config;
  const length = Math.floor(context / 2);
  const rng = new Rng('engine sample', context);
  const earlier = Float32Array.from({ length: length * heads * dHead }, () => rng.normal());
  const sites = allSites(config);
  const edits = new Map<string, SiteEdit>();
  for (let i = 0; i < SAMPLE; i++) {
    // Neighbours, as nodes are in their order, from all depths of the model.
    const { name, site } = sites[Math.floor((i * sites.length) / SAMPLE)];
    const width = siteWidth(config, site);
    const edit = edits.get(name) ?? neutralEdit(SAMPLE, 1, width);
    edits.set(name, edit);
    edit.keep[i * width + (i % width)] = 0;
  }
  const past = pastFeeds(config, length, () => earlier);
  return feedsOf(editFeeds, {
    ...{ past, batch: SAMPLE, tokens: Int32Array.of(0), start: length, edits },
  });
}
