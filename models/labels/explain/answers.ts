/** What the writes of a circuit say to the answers of its prompts, straight through the residual stream. */
import type { ModelEdges } from '../../weights/edges';
import { isWrite } from '../../weights/modelWeights';
import { FINAL_SITE, normEpsilon } from '../../transformer/config';
import { nodeName, siteName, type NodeId } from '../../transformer/nodes';
import type { PairReading, PromptReading } from './readings';

/** A write and what it adds to the right answer's logit less the other's, mean over prompts (nats). */
export interface Push {
  readonly node: string;
  readonly nats: number;
}

/** What each write of the circuit pushes at the last token, most first. */
export function pushes(
  model: ModelEdges,
  nodes: readonly NodeId[],
  pairs: readonly PairReading[],
): Push[] {
  const writes = nodes.filter(({ site }) => isWrite(site));
  const sums = new Float64Array(writes.length);
  const { dModel } = model.config;
  for (const reading of pairs.flat()) {
    const { prompt, sites } = reading;
    const row = prompt.tokens.length - 1;
    const scale = 1 / rootMeanSquare(model, reading, row);
    writes.forEach(({ layer, site, index }, i) => {
      const value = sites.get(siteName(layer, site))![row * dModel + index];
      const leans = model.unembedding(index, prompt.first) - model.unembedding(index, prompt.second); // prettier-ignore
      sums[i] += prompt.sign * value * scale * model.gain('final', index) * leans;
    });
  }
  return writes
    .map((node, i) => ({ node: nodeName(node), nats: sums[i] / (2 * pairs.length) }))
    .sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats));
}

/** Root mean square of the residual stream before the final norm; 1 without norms. */
function rootMeanSquare(model: ModelEdges, { prompt, sites }: PromptReading, row: number): number {
  const { config } = model;
  const { dModel, layers } = config;
  if (config.norm === 'none') return 1;
  const stream = Float64Array.from({ length: dModel }, (_, c) =>
    model.streamStart(prompt.tokens[row], row, c),
  );
  for (let layer = 0; layer < layers; layer++) {
    for (const site of ['attn.resid_delta', 'mlp.resid_delta'] as const) {
      const delta = sites.get(siteName(layer, site))!;
      for (let c = 0; c < dModel; c++) stream[c] += delta[row * dModel + c];
    }
  }
  const final = sites.get(FINAL_SITE);
  if (final) stream.set(final.subarray(row * dModel, (row + 1) * dModel));
  const square = stream.reduce((sum, x) => sum + x * x, 0) / dModel;
  return Math.sqrt(square + normEpsilon(config));
}
