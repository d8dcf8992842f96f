/** The circuit of one prediction: the nodes that matter by measured effect, and what joins them. */
import { circuitEdges } from '../circuits/token/assemble';
import type { CircuitNode, TokenCircuit } from '../circuits/token/circuit';
import { LOGPROBS } from '../transformer/graphs';
import { nodeName, vertexName } from '../transformer/nodes';
import type { Control, Engine, WholePass } from './engine';
import { estimates, type Estimate } from './estimates';
import { compileInterventions, type Ablation, type Intervention } from './interventions';
import { chooseTarget, targetValue, type TargetRequest } from './target';
import type { Position } from './textTokens';
import { onlyAt, type Measure, type Prefix } from './variants';
import { rowOf, wholePass } from './wholePass';

export interface CircuitRequest extends TargetRequest {
  readonly text: string;
  /** Token after which the prediction is made. */
  readonly position: Position;
  /** How effects are measured. */
  readonly ablation: Ablation;
  /**
   * How many nodes at tokens are ablated, the largest estimates first; with 0 none is measured and
   * the circuit, there at once, is of estimates.
   */
  readonly measure: number;
  /** Nodes of the circuit at most. */
  readonly top: number;
  /** Least magnitude (nats) of effect (or estimate) of a node of the circuit. */
  readonly threshold: number;
  /** In force all the while. */
  readonly interventions: readonly Intervention[];
}

/** Finds the circuit of a prediction. */
export async function circuit(
  engine: Engine,
  request: CircuitRequest,
  control: Control,
): Promise<TokenCircuit> {
  const { config, info, edges } = engine;
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const window = tokens.window(position);
  const range = { start: window.start, end: position + 1 };
  const row = position - window.start;
  const pass = await wholePass(engine, tokens, window, request.interventions);
  const logprobs = rowOf(pass, LOGPROBS, row, config.vocab);
  const target = chooseTarget(request, tokens, position, logprobs);
  const ids = tokens.ids(range);
  const edits = compileInterventions(request.interventions, engine, range);
  await control.pause();
  const prediction = { tokens: ids, edits, target };
  const limit = Math.max(request.measure, request.top);
  const found = await estimates(engine, prediction, pass, request.ablation, limit);
  const before = targetValue(target, logprobs);
  const candidates = found.largest.slice(0, request.measure || request.top);
  const measure = { ablation: request.ablation, target };
  const effects =
    request.measure > 0
      ? await measureEach(
          engine,
          { tokens: ids, edits },
          candidates,
          { ...measure, before },
          pass,
          control,
        )
      : candidates.map(() => null);
  const nodes = candidates
    .map(({ node, row: at, activation, estimate }, i) => {
      const effect = effects[i];
      const size = Math.abs(effect ?? estimate);
      return { placed: { node, row: at }, size, activation, estimate, effect };
    })
    .filter(({ size }) => size > 0 && size >= request.threshold)
    .sort((a, b) => b.size - a.size)
    .slice(0, request.top);
  const outputs = target.contrast === null ? [target.id] : [target.id, target.contrast];
  const traced = { ids, sites: pass, start: window.start };
  const placed = nodes.map(({ placed }) => placed);
  const joined = circuitEdges(edges, traced, placed, { row, outputs, logprobs });
  const read = new Set(
    joined.flatMap(({ from, fromToken }) =>
      from === 'embed' || from === 'bigram' ? [fromToken] : [],
    ),
  );
  return {
    bundle: info.hash,
    position,
    window: range,
    target,
    value: before,
    nodes: nodes.map(({ placed: { node, row: at }, activation, effect, estimate }): CircuitNode => {
      return { node: nodeName(node), token: window.start + at, activation, effect, estimate };
    }),
    edges: joined,
    inputs: [...read].map((token) => ({ token, id: tokens.id(token) })),
    outputs: outputs.map((id) => ({
      ...{ id, node: vertexName({ kind: 'logit', index: id }), logprob: logprobs[id] },
    })),
    hidden: {
      nodes: found.count - nodes.length,
      measured:
        effects.filter((effect) => effect !== null).length -
        (request.measure > 0 ? nodes.length : 0),
    },
  };
}

/** Change of the target (nats) with each node ablated at its own token, in the order of the nodes. */
async function measureEach(
  engine: Engine,
  prefix: Prefix,
  nodes: readonly Estimate[],
  measure: Measure & { readonly before: number },
  pass: WholePass,
  control: Control,
): Promise<number[]> {
  const values = new Array<number>(nodes.length).fill(NaN);
  // Late tokens first: few positions have to be run after them.
  const rows = [...new Set(nodes.map(({ row }) => row))].sort((a, b) => b - a);
  let done = 0;
  for (const row of rows) {
    const own = [...nodes.keys()].filter((i) => nodes[i].row === row);
    const variants = await onlyAt(engine, prefix, row, measure, pass);
    const before = (await variants.unablated()) ?? measure.before;
    for (let from = 0; from < own.length; from += variants.size) {
      await control.pause();
      const part = own.slice(from, from + variants.size);
      const results = await variants.run(part.map((i) => nodes[i].node));
      part.forEach((i, at) => (values[i] = results[at] - before));
      done += part.length;
      control.progress(done, nodes.length);
    }
  }
  return values;
}
