/** A token's circuit as the panel draws it. */
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { Circuit, GraphEdge, GraphNode, Kind } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import type { Snapshot } from '../trace/documents';
import { FIRST_COLUMN, headOf, idText, lastColumn, placeOf, tokenText } from './nodeText';

/** How effects were measured. */
export interface Measured {
  readonly kind: Kind;
  readonly place: 'all' | 'at';
}

/** Id of a node at a token, an embedding, the bigram table or an output. */
function graphId(node: string, token: number): string {
  return node.startsWith('logit.') ? node : `${node}@${token}`;
}

/** The circuit of a document's token. */
export function circuitView(
  circuit: TokenCircuit,
  snapshot: Snapshot,
  measured: Measured,
): Circuit {
  const { config } = snapshot.info;
  const at = (token: number) => (token === circuit.position ? null : tokenText(snapshot, token));
  const channels = circuit.nodes.map(
    ({ node, token, activation, effect, estimate }): GraphNode => ({
      ...{ id: graphId(node, token), node, role: 'channel', ...placeOf(node, config) },
      ...{
        label: nodeLabel(node, config),
        head: headOf(node, config),
        token,
        at: at(token),
        activation,
        now: activation,
        effect,
        estimate,
      },
    }),
  );
  const edges = circuit.edges.map(
    ({ kind, from, fromToken, to, toToken, weight, contribution }): GraphEdge => ({
      ...{ kind, from: graphId(from, fromToken), to: graphId(to, toToken), weight, contribution },
    }),
  );
  const nodes = [...inputs(circuit, snapshot), ...channels, ...outputs(circuit, snapshot)];
  const ids = new Set(nodes.map(({ id }) => id));
  return {
    nodes,
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    total: { nodes: channels.length + circuit.hidden.nodes, edges: edges.length },
    measured,
  };
}

/** Embeddings and bigram rows that edges come from. */
function inputs(circuit: TokenCircuit, snapshot: Snapshot): GraphNode[] {
  const sources = circuit.edges.filter(({ from }) => from === 'embed' || from === 'bigram');
  const ids = new Map(
    sources.map(({ from, fromToken }) => [graphId(from, fromToken), { from, fromToken }]),
  );
  return [...ids].map(([id, { from, fromToken }]) => {
    const text = tokenText(snapshot, fromToken);
    const table = from === 'bigram';
    return {
      ...{ id, node: null, role: 'input', head: null, column: FIRST_COLUMN, columnLabel: 'tokens' },
      label: table ? `bigram table after ${text}` : text,
      short: table ? 'bigram' : text,
      ...{ token: fromToken, at: null, activation: 1, now: 1, effect: null, estimate: null },
    };
  });
}

function outputs({ outputs, position }: TokenCircuit, snapshot: Snapshot): GraphNode[] {
  return outputs.map(({ id, node, logprob }) => ({
    ...{ id: node, node: null, head: null, role: 'output', label: idText(snapshot, id) },
    ...{
      short: idText(snapshot, id),
      column: lastColumn(snapshot.info.config),
      columnLabel: 'next',
    },
    ...{
      token: position,
      at: null,
      activation: logprob,
      now: logprob,
      effect: null,
      estimate: null,
    },
  }));
}
