/** Reads what held-out Python shows of every node, for the bundle. */
import { emptySite, unreadTokens, type Examples } from '../bundles/examples';
import type { TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { describeNode } from './chooseExamples';
import { SiteReader } from './siteReader';

/** Activations that are held at once: the windows are read anew for every so many. */
const MOST_NUMBERS = 2 ** 27;

/** Nodes of a site whose activations are held, [node, window, pos]. */
interface Held {
  readonly name: string;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Examples of every node, at tokens that half a context stands before, as wherever a text is read:
 * what is strongest at the cut that begins a window tells of the cut.
 * @param tokens windows of held-out Python, [window · pos]
 * @param most activations that are held at once
 */
export async function nodeExamples(
  config: TransformerConfig,
  weights: Weights,
  tokens: Int32Array,
  onProgress: (done: number, total: number) => void = () => undefined,
  most = MOST_NUMBERS,
): Promise<Examples> {
  const { context } = config;
  const windows = tokens.length / context;
  const unread = unreadTokens(context);
  const perWindow = context - unread;
  const read = windows * perWindow;
  const placeOf = (at: number) => {
    const pos = at % perWindow;
    return ((at - pos) / perWindow) * context + unread + pos;
  };
  const reader = await SiteReader.open(config, weights);
  const sites = new Map(reader.sites.map(({ name, width }) => [name, emptySite(width)]));
  const parts = divided(reader.sites, Math.max(1, Math.floor(most / read)));
  try {
    for (const [round, part] of parts.entries()) {
      const columns = part.map(({ from, to }) => new Float32Array((to - from) * read));
      for (let window = 0; window < windows; window++) {
        const first = window * context;
        const names = [...new Set(part.map(({ name }) => name))];
        const activations = await reader.read(tokens.slice(first, first + context), names);
        part.forEach(({ name, width, from, to }, i) => {
          const rows = activations(name).subarray(unread * width);
          for (let node = from; node < to; node++) {
            const start = (node - from) * read + window * perWindow;
            for (let pos = 0; pos < perWindow; pos++) {
              columns[i][start + pos] = rows[pos * width + node];
            }
          }
        });
        onProgress(round * windows + window + 1, parts.length * windows);
      }
      part.forEach(({ name, from, to }, i) => {
        for (let node = from; node < to; node++) {
          const column = columns[i].subarray((node - from) * read, (node - from + 1) * read);
          describeNode(sites.get(name)!, node, column, perWindow, placeOf);
        }
      });
    }
  } finally {
    await reader.release();
  }
  return { tokens: Uint16Array.from(tokens), sites };
}

/** All nodes in parts of at most so many. */
function divided(sites: SiteReader['sites'], most: number): Held[][] {
  const parts: Held[][] = [];
  let room = 0;
  for (const { name, width } of sites) {
    for (let from = 0; from < width;) {
      if (room === 0) {
        parts.push([]);
        room = most;
      }
      const to = Math.min(width, from + room);
      parts.at(-1)!.push({ name, width, from, to });
      room -= to - from;
      from = to;
    }
  }
  return parts;
}
