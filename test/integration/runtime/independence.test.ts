/** What is asked before, beside or in another order changes no answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../../models/inference/engine';
import { ENGINES } from '../../../models/engines/engineChoice';
import type { Intervention } from '../../../models/inference/interventions';
import { trace } from '../../../models/inference/trace';
import { bundleIn, temporaryFolder } from './bundles';
import { parts, text } from './small';

const TOKEN = 23;
const ablated = (node: string): Intervention => ({
  ...{ nodes: [node], positions: 'all', kind: { kind: 'zero' } },
});
const moved = (from: number): Intervention => ({
  ...{ nodes: ['1.mlp.post_act.7'], positions: { from }, kind: { kind: 'value', value: 1.5 } },
});
const NODES = ['0.attn.v.3', '0.mlp.act_in.4', '1.attn.q.2', '1.mlp.post_act.7'];

describe.each(ENGINES)('on the %s engine', (name) => {
  let engine: Engine;
  const folder = temporaryFolder();
  beforeAll(async () => {
    engine = await Engine.open(bundleIn(folder.dir, parts), 1, name);
  });
  afterAll(async () => {
    await engine.release();
    folder.remove();
  });
  const predicted = async (interventions: readonly Intervention[], token = TOKEN, of = text) =>
    (await trace(engine, { text: of, position: { token }, interventions, whole: false })).logprobs;

  it('a trace is the same to the last bit after others, with ablations and of other texts', async () => {
    const before = await predicted([]);
    // More than are remembered, so that the second is computed again.
    for (const node of NODES) {
      await predicted([ablated(node)]);
      await predicted([ablated(node)], 4, `# ${node}\n${text}`);
    }
    expect(await predicted([])).toEqual(before);
    expect(await predicted([ablated(NODES[0])])).not.toEqual(before);
  });

  it('ablations act alike in any order, in one entry or in several', async () => {
    const all = NODES.map((node) => ablated(node));
    const found = await predicted(all);
    expect(await predicted(all.toReversed())).toEqual(found);
    expect(await predicted([{ ...all[0], nodes: NODES.toReversed() }])).toEqual(found);
  });

  it('an ablation from a token on changes the prediction made there first, none before', async () => {
    for (const token of [TOKEN - 2, TOKEN - 1, TOKEN, TOKEN + 1]) {
      const cut = await predicted([moved(TOKEN)], token);
      const whole = await predicted([], token);
      if (token < TOKEN) expect(cut, `token ${token}`).toEqual(whole);
      else expect(cut, `token ${token}`).not.toEqual(whole);
    }
  });
});
