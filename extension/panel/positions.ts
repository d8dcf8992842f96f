/** Places of the panel as positions of interventions. */
import { plural, t } from '../../shared/l10n';
import type { Intervention } from '../../models/inference/interventions';
import type { Place, Vertex } from '../../webview/protocol';

/** Some nodes at the same positions. */
export interface PlacedNodes {
  /** Node names, each once. */
  readonly nodes: readonly string[];
  readonly positions: Intervention['positions'];
}

/** Nodes at a place: everywhere, or each at its own token, or from that on. */
export function placed(vertices: readonly Vertex[], place: Place): PlacedNodes[] {
  if (place === 'all') return [{ nodes: unique(vertices), positions: 'all' }];
  return [...byToken(vertices)].map(([token, own]) => ({
    nodes: unique(own),
    positions: place === 'at' ? { at: token } : { from: token },
  }));
}

/** Nodes by token, in the order of the text. */
export function byToken(vertices: readonly Vertex[]): Map<number, Vertex[]> {
  const found = new Map<number, Vertex[]>();
  for (const vertex of [...vertices].sort((a, b) => a.token - b.token)) {
    found.set(vertex.token, [...(found.get(vertex.token) ?? []), vertex]);
  }
  return found;
}

/** Names, each once. */
export function unique(vertices: readonly Vertex[]): string[] {
  return [...new Set(vertices.map(({ node }) => node))];
}

/** A place in words. */
export function positionsText(place: Place, tokens: number): string {
  switch (place) {
    case 'all':
      return t('everywhere');
    case 'at':
      return plural(tokens, 'at its token', 'at their {0} tokens');
    case 'from':
      return tokens === 1 ? t('from its token on') : t('from the first of their tokens on');
  }
}
