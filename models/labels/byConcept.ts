/** The labels the other way: which nodes tell a concept. */
import { isCausal, type Label, type Labels } from '../bundles/labels';

/** A concept and how many labels name it. */
export interface ConceptCount {
  readonly concept: string;
  readonly description: string;
  /** Labels that are it alone, and that join it with another or negate it. */
  readonly alone: number;
  readonly others: number;
}

/** A node's sign whose label names a concept. */
export interface ConceptNode {
  readonly node: string;
  readonly sign: 'positive' | 'negative';
  /** The whole label. */
  readonly terms: Label['terms'];
  readonly label: Label;
  readonly causal: boolean;
}

/** Every concept of the labels, those that most labels name first. */
export function conceptCounts(
  labels: Labels,
  described: readonly { readonly name: string; readonly description: string }[],
): ConceptCount[] {
  const descriptions = new Map(described.map(({ name, description }) => [name, description]));
  const counts = labels.concepts.map((concept) => {
    return { concept, description: descriptions.get(concept) ?? '', alone: 0, others: 0 };
  });
  for (const { terms } of everyLabel(labels)) {
    for (const term of terms) {
      const own = counts[Math.abs(term) - 1];
      if (terms.length === 1 && term > 0) own.alone++;
      else own.others++;
    }
  }
  return counts.sort((a, b) => b.alone + b.others - (a.alone + a.others));
}

/**
 * The nodes whose label names a concept: those of it alone first, then by correlation.
 * @throws one line when the labels have no such concept
 */
export function nodesOfConcept(labels: Labels, concept: string): ConceptNode[] {
  const at = labels.concepts.indexOf(concept);
  if (at < 0) {
    const alike = labels.concepts.filter((name) => namesWord(name, concept));
    const some = alike.slice(0, ALIKE).map((name) => JSON.stringify(name));
    const way = some.length > 0 ? `there are ${some.join(', ')}` : 'see circuitscope concepts';
    throw new Error(`there is no concept ${JSON.stringify(concept)}; ${way}`);
  }
  const isAlone = ({ terms }: ConceptNode) => terms.length === 1 && terms[0] > 0;
  return everyLabel(labels)
    .filter(({ terms }) => terms.some((term) => Math.abs(term) - 1 === at))
    .sort(
      (a, b) =>
        Number(isAlone(b)) - Number(isAlone(a)) || b.label.correlation - a.label.correlation,
    );
}

/** Concepts that are named where there is none of a name, at most. */
const ALIKE = 8;

/** Whether a word of a name is one of some text, whatever their case. */
function namesWord(name: string, text: string): boolean {
  const words = (of: string) => of.toLowerCase().split(/\s+/);
  const own = words(name);
  return words(text).some((word) => word.length > 2 && word !== 'the' && own.includes(word));
}

/** Every label with its node. */
export function everyLabel({ nodes }: Labels): ConceptNode[] {
  return Object.entries(nodes).flatMap(([node, signs]) =>
    (['positive', 'negative'] as const).flatMap((sign) => {
      const label = signs[sign];
      if (!label) return [];
      return [{ node, sign, terms: label.terms, label, causal: isCausal(label) }];
    }),
  );
}
