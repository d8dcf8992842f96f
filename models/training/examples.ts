/** Finds where every node is strongest in held-out Python, for the bundle. */
import * as ort from 'onnxruntime-node';
import {
  EXAMPLES_A_SIGN,
  MOST_TOKENS,
  type Examples,
  type SiteExamples,
} from '../bundles/examples';
import { emitOnnx } from '../graph/onnx';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, inferenceGraph, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { makeBatch, type WindowSource } from './data';

const WINDOWS = 200;
const PER_NODE = 2 * EXAMPLES_A_SIGN;

/**
 * Strongest activations of every node over ordinary Python, window by window.
 * @param source held-out text; idioms are left out
 */
export async function nodeExamples(
  config: TransformerConfig,
  weights: Weights,
  source: WindowSource,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Examples> {
  const { context } = config;
  const count = Math.min(WINDOWS, Math.floor(MOST_TOKENS / context));
  const { tokens } = makeBatch({ ...source, idiomShare: 0 }, 'examples', 0, 0, count);
  const sites = allSites(config).map(({ name, site }) => {
    const width = siteWidth(config, site);
    const size = width * PER_NODE;
    return { name, width, places: new Uint16Array(size), values: new Float32Array(size) };
  });
  const session = await ort.InferenceSession.create(emitOnnx(inferenceGraph(config, weights)));
  const feeds: Record<string, ort.Tensor> = {
    index: new ort.Tensor(
      'int32',
      Int32Array.from({ length: context }, (_, i) => i),
    ),
    read: new ort.Tensor('int32', Int32Array.of(0)),
  };
  for (const { name, width } of sites) {
    feeds[keepInput(name)] = new ort.Tensor(new Float32Array(width).fill(1), [1, 1, width]);
    feeds[addInput(name)] = new ort.Tensor(new Float32Array(width), [1, 1, width]);
  }
  const names = sites.map(({ name }) => name);
  for (let window = 0; window < count; window++) {
    const ids = tokens.slice(window * context, (window + 1) * context);
    feeds.tokens = new ort.Tensor('int32', ids, [1, context]);
    const results = await session.run(feeds, names);
    for (const site of sites) {
      addWindow(site, site.width, results[site.name].data as Float32Array, window * context);
    }
    onProgress(window + 1, count);
  }
  await session.release();
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
