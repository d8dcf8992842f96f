/** Where in a text the label of a node holds, to be set beside where the node is active. */
import { labelText, type Label } from '../bundles/labels';
import { CONCEPTS } from '../labels/concepts';
import { tokenFacts } from '../syntax/facts';
import type { Engine } from '../inference/engine';

export interface LabelPlacesRequest {
  readonly text: string;
  /** Node name. */
  readonly node: string;
  /** One concept in the place of the whole label; by default the label of the sign that is told better. */
  readonly picked?: PickedConcept;
}

/** A concept, and the sign of a node whose label names it. */
export interface PickedConcept {
  readonly concept: string;
  readonly sign: 'positive' | 'negative';
}

/** The label of a node, or one concept of it, and the tokens of a text that it holds at. */
export interface LabelPlaces {
  readonly sign: 'positive' | 'negative';
  /** In words. */
  readonly label: string;
  /** Size of an activation of that sign from which the node tells it. */
  readonly threshold: number;
  /** 1 where it holds, [token]. */
  readonly holds: Uint8Array;
}

/** Null for a node without an accepted label. */
export async function labelPlaces(
  engine: Pick<Engine, 'labels' | 'parser' | 'tokensOf'>,
  { text, node, picked }: LabelPlacesRequest,
): Promise<LabelPlaces | null> {
  const { labels, parser } = engine;
  const told = labels && toldBy(labels.nodes[node] ?? {}, picked?.sign);
  if (!labels || !told) return null;
  const { sign, label } = told;
  const tokens = engine.tokensOf(text);
  const ranges = tokens.slice({ start: 0, end: tokens.count });
  const python = await parser.get();
  const facts = python.parse(text, (tree) => tokenFacts(tree, text, ranges));
  const parts = picked
    ? [{ name: picked.concept, wanted: true }]
    : label.terms.map((term) => {
        return { name: labels.concepts[Math.abs(term) - 1], wanted: term > 0 };
      });
  const named = new Map(CONCEPTS.map((concept) => [concept.name, concept]));
  const terms = parts.map(({ name, wanted }) => {
    const concept = named.get(name);
    // Labels of another version may name what this one does not know.
    if (!concept) throw new Error(`there is no concept '${name}' in this version; use a newer one`);
    return { holds: concept.holds, wanted };
  });
  const holds = Uint8Array.from(facts, (fact) =>
    terms.every((term) => term.holds(fact) === term.wanted) ? 1 : 0,
  );
  const words = picked?.concept ?? labelText(labels, label);
  return { sign, label: words, threshold: label.threshold, holds };
}

/** The label of a sign, or of that which is told better. */
function toldBy(
  signs: Partial<Record<LabelPlaces['sign'], Label>>,
  wanted: LabelPlaces['sign'] | undefined,
) {
  const own = (['positive', 'negative'] as const).flatMap((sign) => {
    const label = signs[sign];
    return label && (wanted ?? sign) === sign ? [{ sign, label }] : [];
  });
  return own.sort((a, b) => b.label.correlation - a.label.correlation)[0];
}
