/** Names in the place of numbers: labels that people gave, or else what a node reads or raises. */
import type { Model } from './model';
import type { Circuit, GraphNode } from './protocol';

/** Letters of a label, and of a token, that have room in the picture. */
const SHORT = { label: 14, token: 7 };

type Names = Pick<Model, 'labels' | 'meanings'>;

/** The circuit of the subject with names for its nodes; null while there is none. */
export function namedCircuit({
  circuit,
  ...names
}: Pick<Model, 'circuit'> & Names): Circuit | null {
  return circuit && named(circuit, names);
}

/** The circuit with its nodes called by their labels, or by what they are about. */
export function named(circuit: Circuit, { labels, meanings }: Names): Circuit {
  if (labels.size === 0 && meanings.size === 0) return circuit;
  const nodes = circuit.nodes.map((node): GraphNode => {
    const given = labels.get(node.node ?? '');
    if (given !== undefined) {
      return { ...node, label: `${given} (${node.label})`, short: cut(given, SHORT.label) };
    }
    // Of queries, keys and values the head says more.
    const meaning = node.head === null ? meanings.get(node.node ?? '') : undefined;
    return meaning === undefined ? node : { ...node, short: brief(meaning) };
  });
  return { ...circuit, nodes };
}

/** `‘def’ → ‘:’` as `→ :`, and `reads ‘def’` as `def`. */
export function brief(meaning: string): string {
  const raised = /→ ‘(.*)’$/.exec(meaning)?.[1];
  if (raised !== undefined) return `→ ${cut(raised, SHORT.token)}`;
  return cut(/‘(.*)’$/.exec(meaning)?.[1] ?? meaning, SHORT.token);
}

function cut(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}
