/** A bundle's model in ONNX Runtime: forward passes with any site read or edited. */
import type { NumberArrays } from '../graph/numbers';
import type { TransformerConfig } from '../transformer/config';
import { inferenceGraph, LOGPROBS } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { Continuation } from './continuation';
import { EditFeeds } from './editFeeds';
import { edgeFeeds, type EdgeEdit } from './edgeEdits';
import type { SiteEdits } from './interventions';
import { requireFinite } from '../engines/finite';
import { Lazy, type Releasable } from '../engines/lazy';
import type { Session, Sessions } from '../engines/sessions';
import { LensSession } from './lensSession';
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
  /** Edits of single weights, which a session of its own makes. */
  readonly edges?: readonly EdgeEdit[];
  /** `LOGPROBS`, names of sites or of streams; only these are copied out. */
  readonly outputs: readonly string[];
}

export class Model {
  private readonly continued: Lazy<Continuation>;
  private readonly differentiated: Lazy<Slopes>;
  private readonly weighedDifferentiated: Lazy<Slopes>;
  private readonly seen: Lazy<LensSession>;
  /** The same with single weights open to interventions, which costs every pass a little. */
  private readonly weighed: Lazy<Session>;
  private readonly weighedContinued: Lazy<Continuation>;
  /** All that is loaded when it is first asked for. */
  private readonly parts: readonly Lazy<Releasable>[];

  private constructor(
    private readonly config: TransformerConfig,
    weights: Weights,
    private readonly sessions: Sessions,
    /** Whole windows. */
    private readonly main: Lazy<Session>,
    /** Which engine runs it, whole windows and all else. */
    readonly engine: Session['engine'],
    private readonly edits: EditFeeds,
  ) {
    const continued = (edges: boolean) =>
      new Lazy(() => Continuation.load(config, weights, edits, sessions, edges));
    this.continued = continued(false);
    this.weighedContinued = continued(true);
    const differentiated = (edges: boolean) =>
      new Lazy(() => Slopes.load(config, weights, sessions, edges));
    this.differentiated = differentiated(false);
    this.weighedDifferentiated = differentiated(true);
    this.seen = new Lazy(() => LensSession.load(config, weights, sessions));
    this.weighed = new Lazy(() => sessions.open(() => inferenceGraph(config, weights, true)));
    this.parts = [
      ...[this.continued, this.weighedContinued, this.differentiated, this.weighedDifferentiated],
      ...[this.seen, this.weighed],
    ];
  }

  /** Loads a model; `sessions` decides what runs it. */
  static async load(
    config: TransformerConfig,
    weights: Weights,
    sessions: Sessions,
  ): Promise<Model> {
    const edits = new EditFeeds(config);
    const main = new Lazy(() =>
      sessions.openMain({
        graph: () => inferenceGraph(config, weights),
        sample: () => sampleWindow(config, edits),
        outputs: [LOGPROBS, ...allSites(config).map(({ name }) => name)],
      }),
    );
    const { engine } = await main.get();
    return new Model(config, weights, sessions, main, engine, edits);
  }

  /**
   * The same model for the last positions of a text; loaded when first asked for.
   * @param edges whether it is to take edits of single weights
   */
  continuation(edges = false): Promise<Continuation> {
    return (edges ? this.weighedContinued : this.continued).get();
  }

  /**
   * Gradients of predictions; loaded when first asked for.
   * @param edges whether it is to take edits of single weights
   */
  slopes(edges = false): Promise<Slopes> {
    return (edges ? this.weighedDifferentiated : this.differentiated).get();
  }

  /** Predictions from residual streams; loaded when first asked for. */
  lens(): Promise<LensSession> {
    return this.seen.get();
  }

  /**
   * Runs one pass, which holds the thread's event loop until it is done.
   * @returns the outputs by name: `LOGPROBS` [batch, read, vocab], sites and streams [batch, pos, node]
   * @throws one line when interventions drove a number beyond what 32 bits hold
   */
  async run({ outputs, edges = [], ...pass }: Pass): Promise<Map<string, Float32Array>> {
    const weighed = edges.length > 0;
    const feeds = {
      ...feedsOf(this.edits, pass),
      ...(weighed && edgeFeeds(this.config, edges)),
    };
    const session = await (weighed ? this.weighed : this.main).get();
    const results = await session.run(feeds, outputs);
    const found = outputs.map((name) => [name, results[name].data as Float32Array] as const);
    for (const [name, data] of found) {
      requireFinite(name === LOGPROBS ? 'the prediction' : `an activation at ${name}`, data);
    }
    return new Map(found);
  }

  /**
   * Lets go of what was not asked for since a time, as of `performance.now()`; nothing may be running.
   * Whole windows are needed next whatever is asked for: they go at `Infinity` only, and with them the
   * memory of the sparse engine, which only grows.
   * @returns whether there was anything to let go of
   */
  async rest(since: number): Promise<boolean> {
    let freed = false;
    for (const part of this.parts) freed = (await part.rest(since)) || freed;
    if (since === Infinity && (await this.main.rest(since))) {
      await this.sessions.release();
      freed = true;
    }
    return freed;
  }

  async release(): Promise<void> {
    for (const part of [...this.parts, this.main]) await part.release();
    await this.sessions.release();
  }
}

function feedsOf(
  editFeeds: EditFeeds,
  { batch, tokens, read, edits }: Omit<Pass, 'outputs' | 'edges'>,
): NumberArrays {
  const length = tokens.length / batch;
  return {
    ...editFeeds.feeds(edits),
    tokens: { data: tokens, dims: [batch, length] },
    index: { data: Int32Array.from({ length }, (_, i) => i), dims: [length] },
    read: { data: read, dims: [read.length] },
  };
}

/** A whole window with every prediction read. */
function sampleWindow({ context, vocab }: TransformerConfig, editFeeds: EditFeeds): NumberArrays {
  const tokens = Int32Array.from({ length: context }, (_, i) => (7919 * i) % vocab);
  const read = Int32Array.from(tokens.keys());
  return feedsOf(editFeeds, { batch: 1, tokens, read, edits: new Map() });
}
