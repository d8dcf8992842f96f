/** What a hover says of a token. */
import type { Labels } from '../labels/labels';
import { visible } from '../text/visible';
import type { LinkPlace } from './links';
import type { HoverContent } from './markdown';
import type { HoverToken } from './work';

const NODES_SHOWN = 6;

/** The token's prediction and its strongest nodes: by effect where that is known, of all or of some. */
export function contentOf(
  token: HoverToken,
  place: LinkPlace,
  labels: Labels = new Map(),
): HoverContent {
  const { view, snapshot, known, knownSample, strongest } = token;
  const nodes = (known ?? knownSample)?.nodes ?? strongest;
  const rows = nodes.slice(0, NODES_SHOWN).map((node) => ({ effect: null, ...node }));
  return { view, rows, config: snapshot.info.config, place, labels, note: note(token) };
}

/** What the effects are about, and which are still to come: one line, as a hover has room for little. */
function note({ snapshot, known, knownSample, count: active }: HoverToken): string {
  const count = active.toLocaleString('en');
  const measured = known ?? knownSample;
  if (!measured) {
    return `Ablating each of the ${count} active nodes at this token; the largest effects will appear below.`;
  }
  const target = visible(snapshot.info.tokenTexts[measured.target]);
  const which = known
    ? `largest of all ${count} active nodes.`
    : `largest of the ${measured.nodes.length} most active, all ${count} below.`;
  return `Effect on the log-probability of ${target}, the node at its mean here; ${which}`;
}
