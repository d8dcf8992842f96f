import { expect, it } from 'vitest';
import { SiteActivity } from '../../../models/circuits/activity';

it('counts the nodes that are not zero at the tokens that were added', () => {
  const activity = new SiteActivity();
  const whole = new Map([
    ['0.attn.q', Float32Array.of(1, 0, 0, -2, 3, 0, 4, 5, 6)],
    ['0.mlp.post_act', Float32Array.of(0, 0, 1, 0, 0, 0)],
  ]);
  activity.add(whole, 1, 3);
  activity.add(whole, 2, 3);
  expect(activity.means).toEqual([
    { site: '0.attn.q', active: 2.5, nodes: 3 },
    { site: '0.mlp.post_act', active: 0.5, nodes: 2 },
  ]);
});
