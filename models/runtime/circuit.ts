/** The circuit of one prediction: the nodes that matter by measured effect, and what joins them. */
import { circuitEdges } from '../circuits/token/assemble';
import type { CircuitNode, TokenCircuit } from '../circuits/token/circuit';
import { LOGPROBS } from '../transformer/graphs';
import { nodeName, siteName, vertexName, type NodeId } from '../transformer/nodes';
import type { Control, Engine, WholePass } from '../inference/engine';
import { estimates, everyRow, type ChangeAt, type Estimate } from './estimates';
import { compileEdges } from '../inference/edgeEdits';
import { compileInterventions, type Ablation, type Intervention } from '../inference/interventions';
import { otherEdges, readOther, type OtherText } from './otherText';
import { chooseTarget, targetValue, type Target, type TargetRequest } from '../inference/target';
import type { Position } from '../inference/textTokens';
import { onlyAt, type Prefix } from './variants';
import { rowOf, wholePass } from '../inference/wholePass';

export interface CircuitRequest extends TargetRequest {
  readonly text: string;
  /** Token after which the prediction is made. */
  readonly position: Position;
  /** How effects are measured. */
  readonly ablation: Ablation;
  /**
   * Another text: then a node's effect is that of putting its activation there into this text, in the
   * place of the ablation, and edges carry what differs.
   */
  readonly other?: OtherText;
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
  const target = chooseTarget(request, logprobs);
  const ids = tokens.ids(range);
  const edits = compileInterventions(request.interventions, engine, range);
  const weights = compileEdges(request.interventions, engine, range);
  await control.pause();
  const other =
    request.other && (await readOther(engine, request.other, ids, { tokens, start: window.start }));
  const changeAt = other?.changeAt ?? everyRow(engine, request.ablation);
  const prediction = { tokens: ids, edits, edges: weights, target };
  const limit = Math.max(request.measure, request.top);
  const found = await estimates(engine, prediction, pass, changeAt, limit);
  const before = targetValue(target, logprobs);
  const candidates = found.largest.slice(0, request.measure || request.top);
  const effects =
    request.measure > 0
      ? await measureEach(
          engine,
          { tokens: ids, edits, edges: weights },
          candidates,
          { changeAt, target, before },
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
  const own = circuitEdges(edges, traced, placed, { row, outputs, logprobs });
  const joined = other
    ? otherEdges(own, other, placed, { engine, outputs, own: ids, start: window.start })
    : own;
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
      const name = nodeName(node);
      return {
        ...{ node: name, token: window.start + at, activation, effect, estimate },
        ...(other && { other: other.activation(node, at)! }),
      };
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

interface Measured {
  readonly changeAt: ChangeAt;
  readonly target: Target;
  /** The target (nats) with nothing changed. */
  readonly before: number;
}

/** Change of the target (nats) with each node ablated at its own token, in the order of the nodes. */
async function measureEach(
  engine: Engine,
  prefix: Prefix,
  nodes: readonly Estimate[],
  { changeAt, target, before: whole }: Measured,
  pass: WholePass,
  control: Control,
): Promise<number[]> {
  const values = new Array<number>(nodes.length).fill(NaN);
  // Late tokens first: few positions have to be run after them.
  const rows = [...new Set(nodes.map(({ row }) => row))].sort((a, b) => b - a);
  let done = 0;
  for (const row of rows) {
    const own = [...nodes.keys()].filter((i) => nodes[i].row === row);
    const change = ({ layer, site, index }: NodeId) => changeAt(siteName(layer, site))(row, index)!;
    const variants = await onlyAt(engine, prefix, row, { change, target }, pass);
    const before = (await variants.unablated()) ?? whole;
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
