/** Labels that people gave to nodes, in the place of numbers. */
import type { Model } from './model';
import type { Circuit } from './protocol';

/** Letters of a label that have room in the picture. */
const SHORT = 14;

/** The circuit of the subject, with the labels of its nodes; null while there is none. */
export function namedCircuit({ circuit, labels }: Model): Circuit | null {
  return circuit && named(circuit, labels);
}

/** The circuit with its nodes called by their labels, where they have one. */
export function named(circuit: Circuit, labels: ReadonlyMap<string, string>): Circuit {
  if (labels.size === 0) return circuit;
  const nodes = circuit.nodes.map((node) => {
    const given = labels.get(node.node ?? '');
    if (given === undefined) return node;
    return { ...node, label: `${given} (${node.label})`, short: cut(given) };
  });
  return { ...circuit, nodes };
}

function cut(text: string): string {
  const letters = Array.from(text);
  return letters.length > SHORT ? `${letters.slice(0, SHORT - 1).join('')}…` : text;
}
