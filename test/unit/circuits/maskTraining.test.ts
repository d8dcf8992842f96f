import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/circuits/nodeSet';
import { NodeGates, type GatedModel } from '../../../models/circuits/search/gates';
import { trainMasks, type MaskTrainingOptions } from '../../../models/circuits/search/maskTraining';
import { settingsOf } from '../../../models/circuits/search/settings';
import { Rng } from '../../../models/random';
import type { Calibration } from '../../../models/runtime/maskedModel';
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
function counting(own: NodeGates): GatedModel {
  const names = nodes.names();
  const places = own.names.map((name) => names.indexOf(name));
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
  return { differences, gradient, release };
}

/** Steps at the end over which open nodes are counted. */
const LAST = 50;

type Options = MaskTrainingOptions<NodeGates>;
const train = async (change: Partial<Options> = {}, steps = 300) => {
  const open: number[] = [];
  const rng = new Rng('masks');
  const ranked = await trainMasks<NodeGates>({
    ...{ gates: new NodeGates(nodes, false), open: counting, prompts: pairs(16, 8), aim: 0.1 },
    settings: { ...settingsOf(0, steps, rng), price: 1e-3 },
    ...{ putBack: false, rng, expired: () => false },
    onStep: (step) => open.push(step.open),
    ...change,
  });
  const last = open.slice(-LAST);
  return { ranked, open, mean: last.reduce((sum, count) => sum + count, 0) / last.length };
};

describe('mask training', () => {
  it('keeps nodes that help, and hardly more than the loss asks for', async () => {
    const { ranked, mean } = await train();
    expect(mean).toBeGreaterThan(8);
    expect(mean).toBeLessThan(36);
    const { gates, scores } = ranked;
    const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
    const names = nodes.names();
    const best = order.slice(0, 12).map((gate) => names.indexOf(gates.names[gate]));
    expect(best.filter(helps)).toHaveLength(12);
  });

  it('closes nodes one after the other, those that matter least first', async () => {
    const { open } = await train({}, 100);
    const falls = open.slice(1).map((count, i) => open[i] - count);
    expect(Math.max(...falls)).toBeLessThan(HELPFUL);
  });

  it('depends on the number of steps and not on the clock, which only stops it', async () => {
    const slowly = () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      return false;
    };
    const [whole, slow] = [await train({}, 60), await train({ expired: slowly }, 60)];
    expect([...slow.ranked.scores]).toEqual([...whole.ranked.scores]);
    let asked = 0;
    const cut = await train({ expired: () => ++asked > 20 }, 60);
    expect(cut.ranked.steps).toBe(20);
    expect(cut.open).toEqual(whole.open.slice(0, 20));
  });

  it('goes on where labels carry no signal: gates still move', async () => {
    const random = new Rng('labels');
    const prompts = pairs(16, 8).map((prompt) => ({
      ...prompt,
      sign: random.chance(0.5) ? (1 as const) : (-1 as const),
    }));
    const slopes: number[] = [];
    const open = (gates: NodeGates): GatedModel => {
      const model = counting(gates);
      return {
        ...model,
        gradient: async (...args) => {
          const found = await model.gradient(...args);
          slopes.push(Math.max(...found.gradient.map(Math.abs)));
          return found;
        },
      };
    };
    await train({ prompts, open }, 60);
    expect(slopes.every((slope) => slope > 0)).toBe(true);
  });

  it('tries what is kept beside random parts of what is not, when asked to', async () => {
    const counts: number[] = [];
    const open = (gates: NodeGates): GatedModel => {
      const model = counting(gates);
      return {
        ...model,
        gradient: (prompts, setting, calibration) => {
          counts.push(setting.reduce((sum, gate) => sum + gate, 0));
          return model.gradient(prompts, setting, calibration);
        },
      };
    };
    const { open: kept } = await train({ putBack: true, open }, 40);
    // Slopes at the start, then two passes a step.
    const passes = counts.slice(-2 * kept.length);
    const more = kept.filter((count, step) => passes[2 * step + 1] > count).length;
    expect(passes.filter((_, i) => i % 2 === 0)).toEqual(kept);
    expect(more).toBeGreaterThan(kept.length / 2);
  });
});
