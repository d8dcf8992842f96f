/** Mean activation of every node over the training distribution: what mean ablation freezes it to. */
import * as ort from 'onnxruntime-node';
import { emitOnnx } from '../graph/onnx';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, inferenceGraph, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import type { Weights } from '../transformer/parameters';
import { makeBatch, type WindowSource } from './data';

const BATCH = 8;

/** Means by site name, [node] each, over `windows` windows of the source. */
export async function nodeMeans(
  config: TransformerConfig,
  weights: Weights,
  source: WindowSource,
  windows: number,
): Promise<Map<string, Float32Array>> {
  const sites = allSites(config).map(({ name, site }) => ({
    name,
    width: siteWidth(config, site),
    sum: new Float64Array(siteWidth(config, site)),
  }));
  const session = await ort.InferenceSession.create(emitOnnx(inferenceGraph(config, weights)));
  const feeds: Record<string, ort.Tensor> = {
    index: new ort.Tensor(
      'int32',
      Int32Array.from({ length: source.context }, (_, i) => i),
    ),
    read: new ort.Tensor('int32', Int32Array.of(0)),
  };
  for (const { name, width } of sites) {
    feeds[keepInput(name)] = new ort.Tensor(new Float32Array(width).fill(1), [1, 1, width]);
    feeds[addInput(name)] = new ort.Tensor(new Float32Array(width), [1, 1, width]);
  }
  const rounds = Math.ceil(windows / BATCH);
  const names = sites.map(({ name }) => name);
  for (let round = 0; round < rounds; round++) {
    const { tokens } = makeBatch(source, 'means', round, 0, BATCH);
    feeds.tokens = new ort.Tensor('int32', tokens, [BATCH, source.context]);
    const results = await session.run(feeds, names);
    for (const { name, width, sum } of sites) {
      const data = results[name].data as Float32Array;
      for (let i = 0; i < data.length;) for (let c = 0; c < width; c++) sum[c] += data[i++];
    }
  }
  await session.release();
  const count = rounds * BATCH * source.context;
  return new Map(sites.map(({ name, sum }) => [name, Float32Array.from(sum, (x) => x / count)]));
}
