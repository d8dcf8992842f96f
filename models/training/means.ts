/** Mean activation of every node over the training distribution: what mean ablation freezes it to. */
import type { TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { makeBatch, type WindowSource } from './data';
import { SiteReader } from './siteReader';

const BATCH = 8;

/** Means by site name, [node] each, over `windows` windows of the source. */
export async function nodeMeans(
  config: TransformerConfig,
  weights: Weights,
  source: WindowSource,
  windows: number,
): Promise<Map<string, Float32Array>> {
  const reader = await SiteReader.open(config, weights);
  try {
    return await meansOf(reader, source, windows);
  } finally {
    await reader.release();
  }
}

async function meansOf(reader: SiteReader, source: WindowSource, windows: number) {
  const sites = reader.sites.map((site) => ({ ...site, sum: new Float64Array(site.width) }));
  const rounds = Math.ceil(windows / BATCH);
  for (let round = 0; round < rounds; round++) {
    const { tokens } = makeBatch(source, 'means', round, 0, BATCH);
    const activations = await reader.read(tokens);
    for (const { name, width, sum } of sites) {
      const data = activations(name);
      for (let i = 0; i < data.length;) for (let c = 0; c < width; c++) sum[c] += data[i++];
    }
  }
  const count = rounds * BATCH * source.context;
  return new Map(sites.map(({ name, sum }) => [name, Float32Array.from(sum, (x) => x / count)]));
}
