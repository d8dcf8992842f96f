/** A bundle's model in ONNX Runtime: forward passes with any site read or edited. */
import * as ort from 'onnxruntime-node';
import { emitOnnx } from '../graph/onnx';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, inferenceGraph, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { neutralEdit, type SiteEdit, type SiteEdits } from './interventions';

/** Name of the output of log-probabilities [batch, read, vocab] (nats). */
export const LOGPROBS = 'logprobs';

/** One forward pass. */
export interface Pass {
  /** Rows of equal length. */
  readonly batch: number;
  /** [batch, pos] */
  readonly tokens: Int32Array;
  /** Positions whose predictions are wanted, [read]. */
  readonly read: Int32Array;
  readonly edits: SiteEdits;
  /** `LOGPROBS` or site names; only these are copied out. */
  readonly outputs: readonly string[];
}

/** Two inputs of the graph for one site. */
interface SiteTensors {
  readonly keep: ort.Tensor;
  readonly add: ort.Tensor;
}

export class Model {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly neutral: ReadonlyMap<string, SiteTensors>,
  ) {}

  /** Loads a model. `threads` is how many ONNX Runtime computes with. */
  static async load(config: TransformerConfig, weights: Weights, threads: number): Promise<Model> {
    const session = await ort.InferenceSession.create(emitOnnx(inferenceGraph(config, weights)), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    const neutral = allSites(config).map(
      ({ name, site }) => [name, tensors(neutralEdit(1, 1, siteWidth(config, site)))] as const,
    );
    return new Model(session, new Map(neutral));
  }

  /**
   * Runs one pass, which holds the thread's event loop until it is done.
   * @returns the outputs by name: `LOGPROBS` [batch, read, vocab], sites [batch, pos, node]
   */
  async run({ batch, tokens, read, edits, outputs }: Pass): Promise<Map<string, Float32Array>> {
    const length = tokens.length / batch;
    const feeds: Record<string, ort.Tensor> = {
      tokens: new ort.Tensor('int32', tokens, [batch, length]),
      index: new ort.Tensor(
        'int32',
        Int32Array.from({ length }, (_, i) => i),
        [length],
      ),
      read: new ort.Tensor('int32', read, [read.length]),
    };
    for (const [site, neutral] of this.neutral) {
      const edit = edits.get(site);
      const { keep, add } = edit ? tensors(edit) : neutral;
      feeds[keepInput(site)] = keep;
      feeds[addInput(site)] = add;
    }
    const results = await this.session.run(feeds, outputs);
    return new Map(outputs.map((name) => [name, results[name].data as Float32Array]));
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function tensors({ batch, rows, width, keep, add }: SiteEdit): SiteTensors {
  const shape = [batch, rows, width];
  return {
    keep: new ort.Tensor('float32', keep, shape),
    add: new ort.Tensor('float32', add, shape),
  };
}
