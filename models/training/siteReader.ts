/** Reads every node of a model over windows of text, for what a bundle says of its nodes. */
import { availableParallelism } from 'node:os';
import { ort } from '../onnxRuntime';
import { createSession } from '../runtime/session';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, inferenceGraph, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';

/** Threads that it computes with: nothing else runs meanwhile. */
const THREADS = availableParallelism();

/** A model that is run for its activations alone, without interventions. */
export class SiteReader {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly session: ort.InferenceSession,
    private readonly feeds: Readonly<Record<string, ort.Tensor>>,
    /** Every site and its number of nodes. */
    readonly sites: readonly { readonly name: string; readonly width: number }[],
  ) {}

  static async open(config: TransformerConfig, weights: Weights): Promise<SiteReader> {
    const { context } = config;
    const sites = allSites(config).map(({ name, site }) => ({
      name,
      width: siteWidth(config, site),
    }));
    const index = Int32Array.from({ length: context }, (_, i) => i);
    const feeds: Record<string, ort.Tensor> = {
      index: new ort.Tensor('int32', index),
      read: new ort.Tensor('int32', Int32Array.of(0)),
    };
    for (const { name, width } of sites) {
      feeds[keepInput(name)] = new ort.Tensor(new Float32Array(width).fill(1), [1, 1, width]);
      feeds[addInput(name)] = new ort.Tensor(new Float32Array(width), [1, 1, width]);
    }
    const session = await createSession(inferenceGraph(config, weights), THREADS);
    return new SiteReader(config, session, feeds, sites);
  }

  /** Activations [window, pos, node] by site name of whole windows of tokens [window, pos]. */
  async read(tokens: Int32Array): Promise<(site: string) => Float32Array> {
    const { context } = this.config;
    const feeds = {
      ...this.feeds,
      tokens: new ort.Tensor('int32', tokens, [tokens.length / context, context]),
    };
    const names = this.sites.map(({ name }) => name);
    const results = await this.session.run(feeds, names);
    return (site) => results[site].data as Float32Array;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
