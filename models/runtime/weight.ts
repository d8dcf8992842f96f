/** What one weight does to a prediction: it is taken out, and the model run again. */
import { LOGPROBS } from '../transformer/graphs';
import { compileEdges, weightBetween } from '../inference/edgeEdits';
import type { Engine } from '../inference/engine';
import type { Intervention } from '../inference/interventions';
import { chooseTarget, targetValue, type TargetRequest } from '../inference/target';
import type { Position } from '../inference/textTokens';

export interface WeightRequest extends TargetRequest {
  readonly text: string;
  /** Token after which the prediction is made. */
  readonly position: Position;
  /** Names of the nodes that the weight joins. */
  readonly from: string;
  readonly to: string;
  /** Token at which it is taken out. */
  readonly token: number;
}

export interface WeightEffect {
  /** Hash of the bundle. */
  readonly bundle: string;
  readonly weight: number;
  /** Change of the target (nats) without the weight at the token, and at every token. */
  readonly here: number;
  readonly everywhere: number;
}

/**
 * Measures the effect of one weight.
 * @throws when no weight joins the nodes, or the token cannot matter
 */
export async function weight(engine: Engine, request: WeightRequest): Promise<WeightEffect> {
  const { from, to, token } = request;
  const { weight } = weightBetween(engine.edges, from, to);
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const { start } = tokens.window(position);
  if (token < start || token > position) {
    throw new Error(`token ${token} is not one that the prediction reads`);
  }
  const range = { start, end: position + 1 };
  const ids = tokens.ids(range);
  const run = async (kind: Intervention['kind'], positions: Intervention['positions']) => {
    const taken: Intervention = { nodes: [from], into: to, positions, kind };
    const pass = { batch: 1, tokens: ids, read: Int32Array.of(ids.length - 1), edits: new Map() };
    const edges = compileEdges([taken], engine, range);
    return (await engine.model.run({ ...pass, edges, outputs: [LOGPROBS] })).get(LOGPROBS)!;
  };
  // In the same arithmetic as without it.
  const before = await run({ kind: 'scale', scale: 1 }, 'all');
  const target = chooseTarget(request, before);
  const effect = async (positions: Intervention['positions']) =>
    targetValue(target, await run({ kind: 'zero' }, positions)) - targetValue(target, before);
  return {
    ...{ bundle: engine.info.hash, weight },
    ...{ here: await effect({ at: token }), everywhere: await effect('all') },
  };
}
