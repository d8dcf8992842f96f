import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/circuits/nodeSet';
import { trainMasks } from '../../../models/circuits/prune/maskTraining';
import { bestOf } from '../../../models/circuits/prune/select';
import { centreSettings } from '../../../models/circuits/prune/settings';
import { Rng } from '../../../models/random';
import type { Calibration, MaskedModel } from '../../../models/runtime/maskedModel';
import type { Prompt } from '../../../models/tasks/prompts';
import { tinyConfig } from '../../support/models';

/** Nodes that every open one of which adds a share to the right answer's lead. */
const HELPFUL = 48;
const nodes = NodeSet.all(tinyConfig()).filter((place) => place < 2 * HELPFUL);
const helps = (place: number) => place % 2 === 0;

/** Pairs whose answers lead by what is open above `threshold`. */
const pairs = (count: number, threshold: number): Prompt[] =>
  Array.from({ length: 2 * count }, (_, i) => ({
    ...{ tokens: Int32Array.of(0, threshold), first: 1, second: 2 },
    sign: i % 2 === 0 ? 1 : -1,
  }));

/** A model in which a prompt's lead grows by 1/2 with every helpful node that is open. */
function counting(own: NodeSet): MaskedModel {
  const names = nodes.names();
  const places = own.names().map((name) => names.indexOf(name));
  const lead = (gates: Float32Array, { tokens, sign }: Prompt) => {
    const open = gates.reduce((sum, gate, i) => sum + (helps(places[i]) ? gate : 0), 0);
    return sign * 0.5 * (open - tokens[1]);
  };
  const differences = (prompts: readonly Prompt[], settings: readonly Float32Array[]) =>
    Promise.resolve(
      settings.map((gates) => Float64Array.from(prompts, (prompt) => lead(gates, prompt))),
    );
  const gradient = async (prompts: readonly Prompt[], gates: Float32Array, at: Calibration) => {
    const [found] = await differences(prompts, [gates]);
    let [loss, slope] = [0, 0];
    prompts.forEach(({ sign }, i) => {
      const margin = sign * (at.scale * found[i] + at.shift);
      loss += Math.log1p(Math.exp(-margin)) / prompts.length;
      slope -= (at.scale * 0.5) / (1 + Math.exp(margin)) / prompts.length;
    });
    const all = Float32Array.from(places, (place) => (helps(place) ? slope : 0));
    return { loss, gradient: all, differences: Float32Array.from(found) };
  };
  const release = () => Promise.resolve();
  return { nodes: own, differences, gradient, release } as unknown as MaskedModel;
}

/** Steps at the end over which open nodes are counted. */
const LAST = 50;

const train = (judge?: readonly Prompt[]) => {
  const open: number[] = [];
  const ranked = trainMasks({
    ...{ nodes, tied: false, open: counting, prompts: pairs(16, 8), aim: { loss: 0.1 } },
    ...(judge && { judge }),
    settings: centreSettings(300),
    rng: new Rng('masks'),
    elapsed: () => 0,
    onStep: (step) => open.push(step.open),
  });
  const mean = () => open.slice(-LAST).reduce((sum, count) => sum + count, 0) / LAST;
  return ranked.then((units) => ({ units, open: mean() }));
};

describe('mask training', () => {
  it('keeps nodes that help, and hardly more than the loss asks for', async () => {
    const { units, open } = await train();
    expect(open).toBeGreaterThan(8);
    expect(open).toBeLessThan(36);
    const best = bestOf(units, 12).names();
    const names = nodes.names();
    expect(best.filter((name) => helps(names.indexOf(name)))).toHaveLength(12);
  });

  it('keeps as many as pairs need that are judged but not taught', async () => {
    const { open } = await train(pairs(16, 36));
    expect(open).toBeGreaterThan(36);
  });
});
