/** Reads every node of a model over windows of text, for what a bundle says of its nodes. */
import { availableParallelism } from 'node:os';
import type { NumberArrays } from '../graph/numbers';
import { Sessions, type Session } from '../engines/sessions';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, inferenceGraph, keepInput } from '../transformer/graphs';
import { activationSites, allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';

/** Threads that it computes with: nothing else runs meanwhile. */
const THREADS = availableParallelism();

/** A model that is run for its activations alone, without interventions. */
export class SiteReader {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly sessions: Sessions,
    private readonly session: Session,
    private readonly feeds: NumberArrays,
    /** Every site that has activations, and its number of nodes. */
    readonly sites: readonly { readonly name: string; readonly width: number }[],
  ) {}

  /** @param sessions what runs it, ONNX Runtime by default; released with the reader */
  static async open(
    config: TransformerConfig,
    weights: Weights,
    sessions: Sessions = Sessions.onnx(THREADS),
  ): Promise<SiteReader> {
    const { context } = config;
    const sites = activationSites(config).map(({ name, site }) => ({
      name,
      width: siteWidth(config, site),
    }));
    const index = Int32Array.from({ length: context }, (_, i) => i);
    const feeds: Record<string, NumberArrays[string]> = {
      index: { data: index, dims: [context] },
      read: { data: Int32Array.of(0), dims: [1] },
    };
    for (const { name, site } of allSites(config)) {
      const width = siteWidth(config, site);
      const dims = [1, 1, width];
      feeds[keepInput(name)] = { data: new Float32Array(width).fill(1), dims };
      feeds[addInput(name)] = { data: new Float32Array(width), dims };
    }
    try {
      const session = await sessions.open(() => inferenceGraph(config, weights));
      return new SiteReader(config, sessions, session, feeds, sites);
    } catch (error) {
      await sessions.release();
      throw error;
    }
  }

  /**
   * Activations [window, pos, node] by site name of whole windows of tokens [window, pos].
   * @param names sites that are asked for, all by default
   */
  async read(
    tokens: Int32Array,
    names: readonly string[] = this.sites.map(({ name }) => name),
  ): Promise<(site: string) => Float32Array> {
    const { context } = this.config;
    const dims = [tokens.length / context, context];
    const results = await this.session.run(
      { ...this.feeds, tokens: { data: tokens, dims } },
      names,
    );
    return (site) => results[site].data as Float32Array;
  }

  async release(): Promise<void> {
    await this.session.release();
    await this.sessions.release();
  }
}
