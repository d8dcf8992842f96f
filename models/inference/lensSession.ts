/** The end of the model in a session of its own: predictions from residual streams. */
import { lensGraph, STREAM } from '../transformer/lens';
import { LOGIT_ROW, LOGPROBS } from '../transformer/graphs';
import type { TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { requireFinite } from '../engines/finite';
import type { Session, Sessions } from '../engines/sessions';

export class LensSession {
  private constructor(
    private readonly config: TransformerConfig,
    private readonly bigram: Float32Array | null,
    private readonly session: Session,
  ) {}

  static async load(
    config: TransformerConfig,
    weights: Weights,
    sessions: Sessions,
  ): Promise<LensSession> {
    const session = await sessions.open(() => lensGraph(config, weights));
    return new LensSession(config, weights.get('bigram.table') ?? null, session);
  }

  /**
   * Log-probabilities (nats) [rows, vocab] that final norm and unembedding make of streams
   * [rows, dModel] at one position.
   * @param token id of the token there, whose row of the bigram table is added as the model adds it
   */
  async run(streams: Float32Array, token: number): Promise<Float32Array> {
    const { dModel, vocab } = this.config;
    const at = token * vocab;
    const row = this.bigram?.slice(at, at + vocab) ?? new Float32Array(vocab);
    const feeds = {
      [STREAM]: { data: streams, dims: [1, streams.length / dModel, dModel] },
      [LOGIT_ROW]: { data: row, dims: [1, 1, vocab] },
    };
    const results = await this.session.run(feeds, [LOGPROBS]);
    const logprobs = results[LOGPROBS].data as Float32Array;
    requireFinite('a prediction of the lens', logprobs);
    return logprobs;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
