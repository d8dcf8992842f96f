/** A task's circuit as the panel draws it: columns by site, core above backups, active as at one token. */
import type { TransformerConfig } from '../../models/transformer/config';
import { parseNode } from '../../models/transformer/nodes';
import type { Circuit, GraphEdge, GraphNode, Subject } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import { visible } from '../text/visible';
import { activationOf, type TokenTrace } from '../trace/tokenTrace';
import type { DrawnCircuit } from './drawn';
import { headOf, placeOf } from './nodeText';

/** Characters of a prompt's end that are shown. */
const PROMPT_END = 60;

/** What was measured of a circuit at a token. */
export interface TaskReading {
  readonly token: number;
  /** Without the ablations. */
  readonly trace: TokenTrace;
  /** Effects (nats) by node name; empty where none was measured. */
  readonly effects: ReadonlyMap<string, number>;
}

/** The circuit as a graph. */
export function taskCircuitView(
  drawn: DrawnCircuit,
  { token, trace, effects }: TaskReading,
  config: TransformerConfig,
): Circuit {
  const node = (name: string, part: 'core' | 'backup'): GraphNode => {
    const activation = activationOf(trace, name);
    return {
      ...{ id: name, node: name, role: 'channel', part, ...placeOf(name, config) },
      ...{ label: nodeLabel(name, config), head: headOf(name, config), token, at: null },
      ...{ activation, now: activation, estimate: null },
      effect: effects.get(name) ?? null,
    };
  };
  const core = new Set(drawn.core);
  const backups = drawn.backups.filter((name) => !core.has(name));
  const nodes = [
    ...drawn.core.map((name) => node(name, 'core')),
    ...backups.map((name) => node(name, 'backup')),
  ];
  const activations = new Map(nodes.map(({ id, activation }) => [id, activation]));
  const weights = drawn.edges.map(({ from, to, weight }): GraphEdge => ({
    ...{ from, to, kind: 'weight', weight },
    contribution: weight * (activations.get(from) ?? 0),
  }));
  return {
    nodes,
    edges: [...weights, ...wires(nodes, config)],
    total: { nodes: nodes.length, edges: drawn.edgeCount },
    measured: { kind: { kind: drawn.ablation } },
  };
}

/** What a write leads to: the next reads of its channel, up to and with the next of each part. */
function wires(nodes: readonly GraphNode[], config: TransformerConfig): GraphEdge[] {
  const placed = nodes.map((node) => ({ node, ...parseNode(node.node!, config) }));
  const reads = new Map<number, typeof placed>();
  for (const one of placed) {
    if (!one.site.endsWith('act_in')) continue;
    reads.set(one.index, [...(reads.get(one.index) ?? []), one]);
  }
  return placed
    .filter(({ site }) => site.endsWith('resid_delta'))
    .flatMap(({ node: from, index }) =>
      (reads.get(index) ?? [])
        .filter(({ node: to }) => to.column > from.column)
        .map(({ node: to }): GraphEdge => ({
          ...{ from: from.id, to: to.id, kind: 'residual', weight: 1 },
          contribution: from.activation,
        })),
    );
}

/** What the panel's bar says of the circuit. */
export function drawnView(
  drawn: DrawnCircuit,
  prompt: number | null,
): NonNullable<Subject['drawn']> {
  const { name, description, facts, prompts } = drawn;
  const end = (text: string) => {
    const shown = visible(text.slice(-PROMPT_END));
    return text.length > PROMPT_END ? `…${shown}` : shown;
  };
  return {
    ...{ name, description: inWords(description).slice(0, 500), prompt },
    facts: facts.map(([of, value]) => ({ of, value })),
    prompts: prompts.map((one) => ({
      ...{ text: end(one.prompt), answer: visible(one.answer), other: visible(one.other) },
    })),
  };
}

/** A prompt as a document of its own. */
export function promptDocument(drawn: DrawnCircuit, prompt: number) {
  const uri = `circuitscope-prompt:${encodeURIComponent(drawn.name)}/${prompt + 1}`;
  const { prompt: text } = drawn.prompts[prompt];
  return { uri: { toString: () => uri }, version: 1, getText: () => text };
}

/** A description of a task as plain text: what stands as code in it stands in quotes. */
export function inWords(description: string): string {
  return description.replace(/`([^`]*)`/g, '‘$1’');
}
