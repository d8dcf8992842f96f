/** Models in the format of another project against what that project's own code computes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, type Tensor } from '../../../models/bundles/safetensors';
import { ModelFolder } from '../../../models/import/modelFolder';
import type { ReadModel } from '../../../models/import/openaiWeights';
import { siteWidth } from '../../../models/transformer/config';
import { addInput, inferenceGraph, keepInput, LOGPROBS } from '../../../models/transformer/graphs';
import { activationSites, parseNode, siteName } from '../../../models/transformer/nodes';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { logSoftmax, plainFeeds } from '../../support/inference';
import { OnnxGraph } from '../../support/onnxGraph';
import { FIXTURES, silent } from './fixtures';

/** Float32 by two programs: a right one is off by 3e-6, an epsilon of 1e-5 by 8e-3. */
const TOLERANCE = 1e-4;

interface Ablated {
  readonly node: string;
  readonly value: number;
}

describe.each(['openai-sink', 'openai-catpos', 'openai-addpos', 'openai-dense'])('%s', (name) => {
  const folder = join(FIXTURES, name);
  const golden = decodeSafetensors(readFileSync(join(folder, 'activations.safetensors')), name);
  const expected = (key: string): NdArray => {
    const { shape, data } = golden.tensors.get(key)!;
    return array(shape, data);
  };
  const { nodes } = JSON.parse(readFileSync(join(folder, 'ablations.json'), 'utf8')) as {
    nodes: Ablated[];
  };
  let model: ReadModel;
  let graph: OnnxGraph;
  let plain: Record<string, NdArray>;
  beforeAll(async () => {
    model = await ModelFolder.open(folder).read(silent);
    graph = await OnnxGraph.load(inferenceGraph(model.config, model.weights));
    plain = plainFeeds(model.config, rowsOf(golden.tensors.get('tokens')!));
  });

  /** Feeds in which some nodes are held at their values everywhere. */
  function held(ablated: readonly Ablated[]): Record<string, NdArray> {
    const feeds = { ...plain };
    for (const { node, value } of ablated) {
      const { layer, site, index } = parseNode(node, model.config);
      const own = siteName(layer, site);
      const copy = (key: string) =>
        feeds[key] === plain[key] ? array(plain[key].shape, plain[key].data.slice()) : feeds[key];
      feeds[keepInput(own)] = copy(keepInput(own));
      feeds[addInput(own)] = copy(addInput(own));
      feeds[keepInput(own)].data[index] = 0;
      feeds[addInput(own)].data[index] = value;
    }
    return feeds;
  }

  it('has the activations of every site, and the logits', async () => {
    const outputs = await graph.run(plain);
    for (const { name: site } of activationSites(model.config)) {
      expectClose(outputs[site], expected(site), TOLERANCE, site);
    }
    expectClose(outputs[LOGPROBS], logSoftmax(expected('logits')), TOLERANCE, 'logits');
  });

  it('has them with nodes held at a value, together and each alone', async () => {
    const together = await graph.run(held(nodes.filter(({ node }) => !/^final/.test(node))));
    const all = logSoftmax(expected('logits.ablated'));
    expectClose(together[LOGPROBS], all, TOLERANCE, 'all together');
    const each = expected('logits.ablated_each');
    const { vocab } = model.config;
    for (const [i, node] of nodes.entries()) {
      const { [LOGPROBS]: found } = await graph.run(held([node]));
      const [batch, pos] = found.shape;
      const last = Array.from({ length: batch }, (_, row) => {
        const end = (row + 1) * pos * vocab;
        return [...found.data.subarray(end - vocab, end)];
      });
      const own = each.data.subarray(i * batch * vocab, (i + 1) * batch * vocab);
      const wanted = logSoftmax(array([batch, vocab], own));
      expectClose(array([batch, vocab], last.flat()), wanted, TOLERANCE, node.node);
    }
  });

  it('counts the nodes of every site, the last residual stream among them', () => {
    const sites = activationSites(model.config);
    expect(sites.at(-1)!.name).toBe('final_resid');
    const width = (name: string) => golden.tensors.get(name)!.shape[2];
    for (const { name, site } of sites) expect(siteWidth(model.config, site)).toBe(width(name));
  });
});

it('openai-other is refused with its reason', () => {
  const folder = ModelFolder.open(join(FIXTURES, 'openai-other'));
  expect(() => folder.numbers).toThrow(/beeg_config.json asks for LayerNorm/);
});

function rowsOf({ shape: [rows, length], data }: Tensor): number[][] {
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * length, (i + 1) * length)]);
}
