/** A model of which one weight can be taken out, in a session of its own. */
import type { NumberArray } from '../graph/numbers';
import type { TransformerConfig } from '../transformer/config';
import { LOGPROBS } from '../transformer/graphs';
import type { Weights } from '../transformer/parameters';
import { addedInput, matrices, sourceInput, weightGraph } from '../transformer/weightGraph';
import { requireFinite } from './finite';
import type { Session, Sessions } from './sessions';

/** A weight that is taken out. */
export interface TakenOut {
  /** Name of its matrix, `layers.0.attn.q`. */
  readonly matrix: string;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /** Row of the window at which it is taken out; null for every row. */
  readonly row: number | null;
}

export class WeightSession {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly session: Session,
  ) {}

  static async load(
    config: TransformerConfig,
    weights: Weights,
    sessions: Sessions,
  ): Promise<WeightSession> {
    return new WeightSession(config, await sessions.open(() => weightGraph(config, weights)));
  }

  /**
   * Log-probabilities (nats) [vocab] after the last of some tokens [pos].
   * @param out null for the model as it is
   */
  async run(tokens: Int32Array, out: TakenOut | null): Promise<Float32Array> {
    const { length } = tokens;
    const feeds: Record<string, NumberArray> = {
      tokens: { data: tokens, dims: [1, length] },
      index: { data: Int32Array.from(tokens.keys()), dims: [length] },
      read: { data: Int32Array.of(length - 1), dims: [1] },
    };
    for (const { name, inputs, outputs } of matrices(this.config)) {
      const own = out?.matrix === name ? out : null;
      const source = new Float32Array(inputs);
      const rows = own && own.row !== null ? length : 1;
      const added = new Float32Array(rows * outputs);
      if (own) {
        source[own.from] = 1;
        added[(own.row ?? 0) * outputs + own.to] = -own.weight;
      }
      feeds[sourceInput(name)] = { data: source, dims: [1, 1, inputs] };
      feeds[addedInput(name)] = { data: added, dims: [1, rows, outputs] };
    }
    const results = await this.session.run(feeds, [LOGPROBS]);
    const logprobs = results[LOGPROBS].data as Float32Array;
    requireFinite('the prediction', logprobs);
    return logprobs.slice();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
