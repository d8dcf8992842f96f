/** Where in a text the label of a node holds, to be set beside where the node is active. */
import { labelText, type Label } from '../bundles/labels';
import { CONCEPTS } from '../labels/concepts';
import { tokenFacts } from '../syntax/facts';
import type { Engine } from '../inference/engine';

export interface LabelPlacesRequest {
  readonly text: string;
  /** Node name. */
  readonly node: string;
}

/** The label of a node's better told sign, and the tokens of a text that it holds at. */
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
  { text, node }: LabelPlacesRequest,
): Promise<LabelPlaces | null> {
  const { labels, parser } = engine;
  const best = labels && bestSign(labels.nodes[node] ?? {});
  if (!labels || !best) return null;
  const { sign, label } = best;
  const tokens = engine.tokensOf(text);
  const ranges = tokens.slice({ start: 0, end: tokens.count });
  const python = await parser.get();
  const facts = python.parse(text, (tree) => tokenFacts(tree, text, ranges));
  const named = new Map(CONCEPTS.map((concept) => [concept.name, concept]));
  const terms = label.terms.map((term) => {
    const name = labels.concepts[Math.abs(term) - 1];
    const concept = named.get(name);
    // Labels of another version may name what this one does not know.
    if (!concept) throw new Error(`there is no concept '${name}' in this version; use a newer one`);
    return { holds: concept.holds, wanted: term > 0 };
  });
  const holds = Uint8Array.from(facts, (fact) =>
    terms.every((term) => term.holds(fact) === term.wanted) ? 1 : 0,
  );
  return { sign, label: labelText(labels, label), threshold: label.threshold, holds };
}

function bestSign(signs: Partial<Record<LabelPlaces['sign'], Label>>) {
  const own = (['positive', 'negative'] as const).flatMap((sign) => {
    const label = signs[sign];
    return label ? [{ sign, label }] : [];
  });
  return own.sort((a, b) => b.label.correlation - a.label.correlation)[0];
}
