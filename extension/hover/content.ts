/** What a hover says of a token. */
import type { Labels } from '../labels/labels';
import { visible } from '../text/visible';
import { strongestNodes } from '../trace/tokenTrace';
import type { LinkPlace } from './links';
import type { HoverContent } from './markdown';
import type { HoverToken } from './work';

const NODES_SHOWN = 6;

/** The token's prediction and its strongest nodes: by effect where that is known. */
export function contentOf(
  { view, snapshot, known }: HoverToken,
  place: LinkPlace,
  labels: Labels = new Map(),
): HoverContent {
  const { config, tokenTexts } = snapshot.info;
  const nodes = known?.nodes ?? strongestNodes(view.trace);
  const rows = nodes.slice(0, NODES_SHOWN).map((node) => ({ effect: null, ...node }));
  const count = nodes.length.toLocaleString('en');
  const note = known
    ? `Effect on the log-probability of ${visible(tokenTexts[known.target])} when the node is set ` +
      `to its mean at this token only; the largest of all ${count} active nodes.`
    : `Ablating each of the ${count} active nodes at this token; the largest effects will appear below.`;
  return { view, rows, config, place, labels, note };
}
