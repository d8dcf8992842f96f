/** A token's circuit as the panel draws it. */
import { t } from '../../shared/l10n';
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { Circuit, GraphEdge, GraphNode, Kind } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import type { Snapshot } from '../trace/documents';
import { FIRST_COLUMN, headOf, lastColumn, nextText, placeOf, tokenText } from './nodeText';

/** Id of a node at a token, an embedding, the bigram table or an output. */
export function graphId(node: string, token: number): string {
  return node.startsWith('logit.') ? node : `${node}@${token}`;
}

/**
 * The circuit of a document's token.
 * @param kind what was done to a node, at its token, to measure its effect
 */
export function circuitView(circuit: TokenCircuit, snapshot: Snapshot, kind: Kind): Circuit {
  const { config } = snapshot.info;
  const at = (token: number) => (token === circuit.position ? null : tokenText(snapshot, token));
  const channels = circuit.nodes.map(
    ({ node, token, activation, other, effect, estimate }): GraphNode => ({
      ...{ id: graphId(node, token), node, role: 'channel', part: null, ...placeOf(node, config) },
      ...{
        label: nodeLabel(node, config),
        head: headOf(node, config),
        token,
        at: at(token),
        activation,
        now: activation,
        ...(other === undefined ? {} : { other }),
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
    measured: { kind },
  };
}

/** The tokens at which there is something, and the bigram table. */
function inputs(circuit: TokenCircuit, snapshot: Snapshot): GraphNode[] {
  const { position } = circuit;
  const tables = circuit.edges.filter(({ from }) => from === 'bigram');
  const sources = circuit.edges.filter(({ from }) => from === 'embed');
  const tokens = new Set([
    position,
    ...circuit.nodes.map(({ token }) => token),
    ...sources.map(({ fromToken }) => fromToken),
  ]);
  const plain = {
    ...{ node: null, head: null, part: null, column: FIRST_COLUMN, columnLabel: t('tokens') },
    ...{ activation: 1, now: 1, effect: null, estimate: null },
  };
  const embedded = [...tokens].map((token): GraphNode => {
    const text = tokenText(snapshot, token);
    const at = token === position ? null : text;
    return {
      ...plain,
      id: graphId('embed', token),
      role: 'input',
      label: text,
      short: text,
      token,
      at,
    };
  });
  const tabled = tables.slice(0, 1).map(({ fromToken: token }): GraphNode => {
    const label = t('bigram table after {0}', tokenText(snapshot, token));
    const id = graphId('bigram', token);
    return { ...plain, id, role: 'table', label, short: t('bigrams'), token, at: null };
  });
  return circuit.nodes.length === 0 ? [] : [...embedded, ...tabled];
}

function outputs({ outputs, position }: TokenCircuit, snapshot: Snapshot): GraphNode[] {
  return outputs.map(({ id, node, logprob }) => ({
    ...{
      id: node,
      node: null,
      head: null,
      part: null,
      role: 'output',
      label: nextText(snapshot, position, id),
    },
    ...{
      short: nextText(snapshot, position, id),
      column: lastColumn(snapshot.info.config),
      columnLabel: t('next'),
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
