/** What one weight does to a prediction: it is taken out, and the model run again. */
import type { Engine } from './engine';
import { chooseTarget, targetValue, type TargetRequest } from './target';
import type { Position } from './textTokens';

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
  const { from, to } = request;
  const [found] = engine.edges
    .weightsBetween([from, to])
    .filter(({ layer, matrix, from: a, to: b }) => {
      const name = (site: string, index: number) => `${layer}.${site}.${index}`;
      return name(matrix.from, a) === from && name(matrix.to, b) === to;
    });
  if (found === undefined) throw new Error(`no weight leads from ${from} to ${to}`);
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const { start } = tokens.window(position);
  const row = request.token - start;
  if (row < 0 || request.token > position) {
    throw new Error(`token ${request.token} is not one that the prediction reads`);
  }
  const ids = tokens.ids({ start, end: position + 1 });
  const session = await engine.model.weight();
  const before = await session.run(ids, null);
  const target = chooseTarget(request, tokens, position, before);
  const effect = async (at: number | null) => {
    const { layer, matrix } = found;
    const out = { ...found, matrix: `layers.${layer}.${matrix.part}`, row: at };
    return targetValue(target, await session.run(ids, out)) - targetValue(target, before);
  };
  return {
    ...{ bundle: engine.info.hash, weight: found.weight },
    ...{ here: await effect(row), everywhere: await effect(null) },
  };
}
