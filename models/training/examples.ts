/** Finds where every node is strongest in held-out Python, for the bundle. */
import { EXAMPLES_A_SIGN, type Examples, type SiteExamples } from '../bundles/examples';
import type { TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { SiteReader } from './siteReader';

const PER_NODE = 2 * EXAMPLES_A_SIGN;

/**
 * Strongest activations of every node, window by window, at tokens that half a context stands before,
 * as wherever a text is read: what is strongest at the cut that begins a window tells of the cut.
 * @param tokens windows of held-out Python, [window · pos]
 */
export async function nodeExamples(
  config: TransformerConfig,
  weights: Weights,
  tokens: Int32Array,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Examples> {
  const { context } = config;
  const count = tokens.length / context;
  const unread = context >> 1;
  const reader = await SiteReader.open(config, weights);
  const sites = reader.sites.map(({ name, width }) => {
    const size = width * PER_NODE;
    return { name, width, places: new Uint16Array(size), values: new Float32Array(size) };
  });
  try {
    for (let window = 0; window < count; window++) {
      const first = window * context;
      const activations = await reader.read(tokens.slice(first, first + context));
      for (const site of sites) {
        const read = activations(site.name).subarray(unread * site.width);
        addWindow(site, site.width, read, first + unread);
      }
      onProgress(window + 1, count);
    }
  } finally {
    await reader.release();
  }
  return {
    tokens: Uint16Array.from(tokens),
    sites: new Map(sites.map(({ name, places, values }) => [name, { places, values }])),
  };
}

/** Takes in the activations [pos, node] of a window whose first token is at `first`. */
export function addWindow(
  examples: SiteExamples,
  width: number,
  activations: Float32Array,
  first: number,
): void {
  for (let node = 0; node < width; node++) {
    let [highest, lowest] = [node, node];
    for (let at = node; at < activations.length; at += width) {
      if (activations[at] > activations[highest]) highest = at;
      if (activations[at] < activations[lowest]) lowest = at;
    }
    const place = (at: number) => first + (at - node) / width;
    insert(examples, node * PER_NODE, place(highest), Math.max(0, activations[highest]));
    insert(
      examples,
      node * PER_NODE + EXAMPLES_A_SIGN,
      place(lowest),
      Math.min(0, activations[lowest]),
    );
  }
}

/** Puts an example among those from entry `from` on, which go by decreasing magnitude. */
function insert(
  { places, values }: SiteExamples,
  from: number,
  place: number,
  value: number,
): void {
  let at = from + EXAMPLES_A_SIGN - 1;
  if (Math.abs(value) <= Math.abs(values[at])) return;
  for (; at > from && Math.abs(value) > Math.abs(values[at - 1]); at--) {
    values[at] = values[at - 1];
    places[at] = places[at - 1];
  }
  values[at] = value;
  places[at] = place;
}
