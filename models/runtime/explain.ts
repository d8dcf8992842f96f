/** Why the model expects a token, told from its circuit: what was measured, in sentences. */
import { labelFor, labelText } from '../bundles/labels';
import { patternRow } from '../circuits/token/attention';
import type { TokenCircuit } from '../circuits/token/circuit';
import { nodeTokens } from '../circuits/token/facts';
import { byWeights } from '../labels/explain/byWeights';
import { tellPrediction } from '../labels/explain/prediction';
import type { Sentence } from '../labels/explain/sentence';
import { tokenPiece, tokenPieceAt } from '../labels/explain/tokenPiece';
import { LOGPROBS } from '../transformer/graphs';
import type { Engine } from '../inference/engine';
import type { Intervention } from '../inference/interventions';
import { rowOf, wholePass } from '../inference/wholePass';

export interface ExplainRequest {
  readonly text: string;
  /** The circuit of a prediction of the text, with measured effects. */
  readonly circuit: TokenCircuit;
  /** Those that the circuit was found with. */
  readonly interventions: readonly Intervention[];
}

/** Three to six sentences on a prediction. */
export async function explain(
  engine: Engine,
  { text, circuit, interventions }: ExplainRequest,
): Promise<Sentence[]> {
  const { config, edges, info, labels } = engine;
  const tokens = engine.tokensOf(text);
  const tokenOf = (id: number) => tokenPiece(info, id);
  const window = tokens.window(circuit.position);
  const pass = await wholePass(engine, tokens, window, interventions);
  const row = circuit.position - window.start;
  return tellPrediction({
    ...{ config, circuit },
    logprobs: rowOf(pass, LOGPROBS, row, config.vocab),
    tokenOf,
    tokenAt: (token) => tokenPieceAt(info, text, tokens.encoding, token),
    labelOf: (node, activation) => {
      const label = labels && labelFor(labels, node, activation);
      return labels && label && labelText(labels, label);
    },
    aboutOf: (node, activation) => byWeights(nodeTokens(edges, node, 1), activation, tokenOf),
    attentionAt: (head, token) => patternRow(edges, pass, head, token - window.start),
  });
}
