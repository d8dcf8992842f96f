/**
 * How a prediction changes with every activation before it: gradients in a session of its own. They
 * only say which ablations are worth running.
 */
import type { NumberArray, NumberArrays } from '../graph/numbers';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import {
  addInput,
  keepInput,
  LOGIT_ROW,
  slopeGraph,
  slopeOutput,
  TARGET,
} from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { edgeFeeds, type EdgeEdit } from './edgeEdits';
import type { SiteEdit, SiteEdits } from './interventions';
import { requireFinite } from '../engines/finite';
import type { Session, Sessions } from '../engines/sessions';
import type { Target } from './target';

/** One prediction. */
export interface Prediction {
  /** Tokens up to the one that predicts, [pos]. */
  readonly tokens: Int32Array;
  readonly edits: SiteEdits;
  /** Edits of single weights; the slopes are those of the model with them. */
  readonly edges: readonly EdgeEdit[];
  readonly target: Target;
}

/** What is done to the activations of a site. */
type Change = Pick<SiteEdit, 'keep' | 'add'>;

export class Slopes {
  /** What changes nothing, as long as that of the widest site: those without an edit share it. */
  private readonly neutral: Change;

  private constructor(
    private readonly config: TransformerConfig,
    private readonly bigram: Float32Array | null,
    private readonly session: Session,
    private readonly weighed: boolean,
  ) {
    const size = config.context * Math.max(...siteWidths(config).map(({ width }) => width));
    this.neutral = { keep: new Float32Array(size).fill(1), add: new Float32Array(size) };
  }

  /** @param edges whether it is to take edits of single weights */
  static async load(
    config: TransformerConfig,
    weights: Weights,
    sessions: Sessions,
    edges: boolean,
  ): Promise<Slopes> {
    const bigram = weights.get('bigram.table') ?? null;
    const session = await sessions.open(() => slopeGraph(config, weights, config.context, edges));
    return new Slopes(config, bigram, session, edges);
  }

  /**
   * Derivative of the target (nats) by every activation, [context, node] by site name.
   * @param take makes of it what is wanted; it must not keep the arrays
   */
  async run<T>(
    prediction: Prediction,
    take: (slopes: ReadonlyMap<string, Float32Array>) => T,
  ): Promise<T> {
    const names = allSites(this.config).map(({ name }) => name);
    const feeds = {
      ...this.feeds(prediction),
      ...(this.weighed && edgeFeeds(this.config, prediction.edges, this.config.context)),
    };
    return await this.session.look(feeds, names.map(slopeOutput), (results) => {
      const slopes = names.map((name) => {
        const data = results[slopeOutput(name)].data as Float32Array;
        requireFinite(`a gradient at ${name}`, data);
        return [name, data] as const;
      });
      return take(new Map(slopes));
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private feeds({ tokens, edits, target }: Prediction): NumberArrays {
    const { config, bigram, neutral } = this;
    const { context, vocab } = config;
    const last = tokens.length - 1;
    const padded = new Int32Array(context);
    padded.set(tokens); // Later tokens cannot matter to the prediction.
    const weights = new Float32Array(vocab);
    weights[target.id] += 1;
    if (target.contrast !== null) weights[target.contrast] -= 1;
    const row = tokens[last] * vocab;
    const added = bigram?.slice(row, row + vocab) ?? new Float32Array(vocab);
    const feeds: Record<string, NumberArray> = {
      tokens: { data: padded, dims: [1, context] },
      read: { data: Int32Array.of(last), dims: [1] },
      [LOGIT_ROW]: { data: added, dims: [1, vocab] },
      [TARGET]: { data: weights, dims: [1, vocab] },
    };
    for (const { name, width } of siteWidths(config)) {
      const dims = [1, context, width];
      const { keep, add } = atEveryRow(edits.get(name), neutral, context * width, width);
      feeds[keepInput(name)] = { data: keep, dims };
      feeds[addInput(name)] = { data: add, dims };
    }
    return feeds;
  }
}

function siteWidths(config: TransformerConfig): { name: string; width: number }[] {
  return allSites(config).map(({ name, site }) => ({ name, width: siteWidth(config, site) }));
}

/** An edit [1, rows, node] written out in so many entries, neutral after the last row. */
function atEveryRow(edit: SiteEdit | undefined, neutral: Change, size: number, width: number) {
  if (!edit) return { keep: neutral.keep.subarray(0, size), add: neutral.add.subarray(0, size) };
  const keep = new Float32Array(size).fill(1);
  const add = new Float32Array(size);
  for (let row = 0; row < (edit.rows === 1 ? size / width : edit.rows); row++) {
    const from = edit.rows === 1 ? 0 : row * width;
    keep.set(edit.keep.subarray(from, from + width), row * width);
    add.set(edit.add.subarray(from, from + width), row * width);
  }
  return { keep, add };
}
