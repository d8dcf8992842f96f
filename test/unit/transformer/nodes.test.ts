import { describe, expect, it } from 'vitest';
import { keptChannels, SITES, siteWidth } from '../../../models/transformer/config';
import { allSites, describeNode, nodeName, parseNode } from '../../../models/transformer/nodes';
import { initialWeights, parameterSpecs, sizeOf } from '../../../models/transformer/parameters';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();

describe('node names', () => {
  it('are read back to the node that they name, for every node of the model', () => {
    for (const { layer, site } of allSites(config)) {
      for (let index = 0; index < siteWidth(config, site); index++) {
        const node = { layer, site, index };
        expect(parseNode(nodeName(node), config)).toEqual(node);
      }
    }
  });

  it.each([
    ['', 'is not a node name'],
    ['1.mlp.post_act', 'is not a node name'],
    ['1.mlp.gate.3', 'is not a node name'],
    ['-1.mlp.post_act.3', 'is not a node name'],
    ['1.mlp.post_act.3x', 'is not a node name'],
    ['2.mlp.post_act.3', 'the model has layers 0 to 1'],
    ['1.mlp.post_act.32', 'mlp.post_act has channels 0 to 31'],
    ['1.attn.act_in.19', 'attn.act_in has channels 0 to 18'],
  ])('that are wrong are answered with what would be right: "%s"', (name, says) => {
    expect(() => parseNode(name, config)).toThrow(says);
  });

  it('are shown to people by head and channel, or by neuron', () => {
    const shown = (name: string) => describeNode(parseNode(name, config), config);
    expect(shown('1.mlp.post_act.18')).toBe('L1 MLP neuron 18');
    expect(shown('0.attn.v.14')).toBe('L0 head 3 · V channel 2');
    const all = SITES.map((site) => describeNode({ layer: 0, site, index: 5 }, config));
    expect(new Set(all).size).toBe(SITES.length);
  });
});

describe('the channels that AbsTopK keeps', () => {
  it('are the fraction of the width, at least one', () => {
    expect(keptChannels(config, 'mlp.post_act')).toBe(16);
    expect(keptChannels(config, 'attn.act_in')).toBe(10); // half of 16 + 3, rounded
    const sparse = { ...config.activationFraction, 'attn.q': 0.001 };
    expect(keptChannels(tinyConfig({ activationFraction: sparse }), 'attn.q')).toBe(1);
  });
});

describe('the parameters', () => {
  it('have names of their own, and fresh weights for each of its size', () => {
    const specs = parameterSpecs(config);
    const weights = initialWeights(config, 1);
    expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
    expect([...weights.keys()]).toEqual(specs.map(({ name }) => name));
    for (const { name, shape } of specs) expect(weights.get(name)).toHaveLength(sizeOf(shape));
  });

  it('start with the standard deviation of their spec, and the same for the same seed', () => {
    const wide = tinyConfig({ vocab: 500, dMlp: 200 });
    const weights = initialWeights(wide, 1);
    expect(initialWeights(wide, 1)).toEqual(weights);
    for (const { name, std, initial } of parameterSpecs(wide)) {
      const data = weights.get(name)!;
      if (std === 0) {
        const start = typeof initial === 'number' ? data.map(() => initial) : initial;
        expect([...data]).toEqual([...Float32Array.from(start)]);
      }
      if (std === 0 || data.length < 3000) continue;
      const rms = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
      expect(rms / std, name).toBeCloseTo(1, 1);
      expect(initialWeights(wide, 2).get(name)).not.toEqual(data);
    }
  });

  it('are protected along the axis that counts the channels of a head or neuron', () => {
    const axes = parameterSpecs(config).filter((spec) => spec.channelAxis !== null);
    const { heads, dHead, dMlp } = config;
    for (const { name, shape, channelAxis } of axes) {
      expect(shape[channelAxis!], name).toBe(name.includes('.mlp.') ? dMlp : heads * dHead);
    }
    expect(axes).toHaveLength(config.layers * 6);
  });

  it('keep norms, sinks, recency and the bigram table out of the sparse set', () => {
    const dense = parameterSpecs(config).filter((spec) => !spec.sparse);
    for (const { name } of dense)
      expect(name).toMatch(/\.norm\.gain$|\.sink$|\.recency$|^bigram\.table$/);
  });
});
