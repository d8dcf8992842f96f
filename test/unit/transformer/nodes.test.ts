import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  keptChannels,
  SITES,
  siteWidth,
  TransformerConfigSchema,
} from '../../../models/transformer/config';
import {
  allSites,
  describeNode,
  nodeName,
  parseNode,
  searchedSites,
} from '../../../models/transformer/nodes';
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

describe('nodes of the last residual stream', () => {
  const final = tinyConfig({ finalResid: true });

  it('have no layer in their name, come last and stay out of searches', () => {
    const node = parseNode('final_resid.15', final);
    expect(node).toEqual({ layer: 2, site: 'final_resid', index: 15 });
    expect(nodeName(node)).toBe('final_resid.15');
    expect(describeNode(node, final)).toBe('final residual channel 15');
    expect(allSites(final).slice(0, -1)).toEqual(searchedSites(final));
    expect(allSites(final).at(-1)!.name).toBe('final_resid');
    expect(allSites(config)).toEqual(searchedSites(config));
  });

  it('are not those of a model without them, nor beyond its width, nor of a layer', () => {
    expect(() => parseNode('final_resid.3', config)).toThrow('no final_resid');
    expect(() => parseNode('final_resid.16', final)).toThrow('final_resid has channels 0 to 15');
    expect(() => parseNode('0.final_resid.3', final)).toThrow('is not a node name');
  });
});

describe('a config', () => {
  const accepts = (overrides: object) =>
    v.safeParse(TransformerConfigSchema, { ...config, ...overrides }).success;

  it('may leave out what older models did not have', () => {
    expect(v.parse(TransformerConfigSchema, config)).toEqual(config);
  });

  it('is refused where its fields do not fit together', () => {
    expect(accepts({ positions: 16, positionsAre: 'added' })).toBe(true);
    expect(accepts({ positions: 3, positionsAre: 'added' })).toBe(false);
    expect(accepts({ positionGains: true })).toBe(true);
    expect(accepts({ positions: 0, positionGains: true })).toBe(false);
    expect(accepts({ normEpsilon: 0 })).toBe(false);
    const count = (value: number) =>
      Object.fromEntries(SITES.map((site) => [site, site === 'attn.q' ? value : 1]));
    expect(accepts({ activationCount: count(16) })).toBe(true);
    expect(accepts({ activationCount: count(17) })).toBe(false);
    expect(accepts({ activationCount: count(0) })).toBe(false);
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
