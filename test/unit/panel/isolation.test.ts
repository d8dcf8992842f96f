import { describe, expect, it } from 'vitest';
import { isolations, withRandom } from '../../../extension/panel/isolation';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const trace = {
  logprobs: new Float32Array(0),
  sites: [
    {
      site: '0.mlp.post_act',
      indices: Int32Array.of(1, 2, 3, 4),
      values: new Float32Array(4).fill(1),
    },
    { site: '1.attn.v', indices: Int32Array.of(5), values: Float32Array.of(1) },
  ],
};
const own = ['0.mlp.post_act.1', '0.mlp.post_act.2', '1.attn.v.5'];
const total = allSites(config).reduce((sum, { site }) => sum + siteWidth(config, site), 0);

describe('withRandom', () => {
  it('draws as many others from the same sites, active ones first', () => {
    const { random } = withRandom(own, trace, config);
    expect(random).toHaveLength(3);
    expect(random.slice(0, 2).sort()).toEqual(['0.mlp.post_act.3', '0.mlp.post_act.4']);
    expect(random[2]).toMatch(/^1\.attn\.v\.\d+$/);
    expect(own).not.toContain(random[2]);
  });

  it('draws the same for the same nodes', () => {
    expect(withRandom(own, trace, config)).toEqual(withRandom(own, trace, config));
  });
});

describe('isolations', () => {
  const sets = withRandom(own, trace, config);
  const four = isolations([{ ...sets, positions: { at: 2 } }], config, { kind: 'mean' });

  it('ablates all but the nodes, or just them', () => {
    expect(four.just[0].nodes).toEqual(own);
    expect(four.allBut[0].nodes).toHaveLength(total - 3);
    expect(four.allButRandom[0].nodes).toHaveLength(total - 3);
    expect(four.allBut[0].nodes).not.toContain(own[0]);
    expect(four.allButRandom[0].nodes).toContain(own[0]);
    expect(four.allBut[0]).toMatchObject({ positions: { at: 2 }, kind: { kind: 'mean' } });
  });
  it('asks of each token by itself', () => {
    const [a, b] = [own.slice(0, 1), own.slice(1)].map((nodes) => withRandom(nodes, trace, config));
    const both = [
      { ...a, positions: { at: 1 } },
      { ...b, positions: { at: 2 } },
    ];
    const { just, allBut } = isolations(both, config, { kind: 'mean' });
    expect(just.map(({ nodes, positions }) => [nodes, positions])).toEqual([
      [own.slice(0, 1), { at: 1 }],
      [own.slice(1), { at: 2 }],
    ]);
    expect(allBut[0].nodes).toContain(own[1]);
    expect(allBut[1].nodes).not.toContain(own[1]);
  });
});
