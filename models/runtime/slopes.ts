/**
 * How a prediction changes with every activation before it: gradients in a session of its own. They
 * only say which ablations are worth running.
 */
import { ort } from '../onnxRuntime';
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
import type { SiteEdit, SiteEdits } from './interventions';
import { requireFinite } from './finite';
import { createSession } from './session';
import type { Target } from './target';

/** One prediction. */
export interface Prediction {
  /** Tokens up to the one that predicts, [pos]. */
  readonly tokens: Int32Array;
  readonly edits: SiteEdits;
  readonly target: Target;
}

export class Slopes {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly bigram: Float32Array | null,
    private readonly session: ort.InferenceSession,
  ) {}

  static async load(config: TransformerConfig, weights: Weights, threads: number): Promise<Slopes> {
    const session = await createSession(slopeGraph(config, weights, config.context), threads);
    return new Slopes(config, weights.get('bigram.table') ?? null, session);
  }

  /** Derivative of the target (nats) by every activation, [context, node] by site name. */
  async run({ tokens, edits, target }: Prediction): Promise<Map<string, Float32Array>> {
    const { context, vocab } = this.config;
    const last = tokens.length - 1;
    const padded = new Int32Array(context);
    padded.set(tokens); // Later tokens cannot matter to the prediction.
    const weights = new Float32Array(vocab);
    weights[target.id] += 1;
    if (target.contrast !== null) weights[target.contrast] -= 1;
    const row = tokens[last] * vocab;
    const added = this.bigram?.slice(row, row + vocab) ?? new Float32Array(vocab);
    const feeds: Record<string, ort.Tensor> = {
      tokens: new ort.Tensor('int32', padded, [1, context]),
      read: new ort.Tensor('int32', Int32Array.of(last), [1]),
      [LOGIT_ROW]: new ort.Tensor('float32', added, [1, vocab]),
      [TARGET]: new ort.Tensor('float32', weights, [1, vocab]),
    };
    const sites = allSites(this.config);
    for (const { name, site } of sites) {
      const width = siteWidth(this.config, site);
      const shape = [1, context, width];
      const { keep, add } = atEveryRow(edits.get(name), context, width);
      feeds[keepInput(name)] = new ort.Tensor('float32', keep, shape);
      feeds[addInput(name)] = new ort.Tensor('float32', add, shape);
    }
    const outputs = sites.map(({ name }) => slopeOutput(name));
    const results = await this.session.run(feeds, outputs);
    const slopes = sites.map(({ name }, i) => {
      const data = results[outputs[i]].data as Float32Array;
      requireFinite(`a gradient at ${name}`, data);
      return [name, data] as const;
    });
    return new Map(slopes);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** An edit [1, rows, node] written out for every position, neutral after the last row. */
function atEveryRow(edit: SiteEdit | undefined, context: number, width: number) {
  const keep = new Float32Array(context * width).fill(1);
  const add = new Float32Array(context * width);
  if (!edit) return { keep, add };
  for (let row = 0; row < (edit.rows === 1 ? context : edit.rows); row++) {
    const from = edit.rows === 1 ? 0 : row * width;
    keep.set(edit.keep.subarray(from, from + width), row * width);
    add.set(edit.add.subarray(from, from + width), row * width);
  }
  return { keep, add };
}
