import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { CHOICE } from '../../../models/circuits/search/adversary';
import { NodeGates, type GatedModel } from '../../../models/circuits/search/gates';
import { trainMasks, type MaskTrainingOptions } from '../../../models/circuits/search/maskTraining';
import { settingsOf } from '../../../models/circuits/search/settings';
import { Rng } from '../../../models/random';
import type { GradientCalibration } from '../../../models/inference/promptFeeds';
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
const counting = (own: NodeGates) => weighing(own, 0);
/** One in which it falls by 1/4 with every other. */
const harmful = (own: NodeGates) => weighing(own, -0.5);

function weighing(
  own: NodeGates,
  other: number,
  help: (place: number) => number = () => 1,
): GatedModel {
  const names = nodes.names();
  const places = own.names.map((name) => names.indexOf(name));
  const worth = places.map((place) => (helps(place) ? help(place) : other));
  const lead = (gates: Float32Array, { tokens, sign }: Prompt) => {
    const open = gates.reduce((sum, gate, i) => sum + worth[i] * gate, 0);
    return sign * 0.5 * (open - tokens[1]);
  };
  const differences = (prompts: readonly Prompt[], settings: readonly Float32Array[]) =>
    Promise.resolve(
      settings.map((gates) => Float64Array.from(prompts, (prompt) => lead(gates, prompt))),
    );
  const gradient = async (
    prompts: readonly Prompt[],
    gates: Float32Array,
    at: GradientCalibration,
  ) => {
    const [found] = await differences(prompts, [gates]);
    // The sides of a pair lead alike, so that the mean of all is 0.
    const shift = at.shift === 'centred' ? 0 : at.shift;
    let [loss, slope] = [0, 0];
    prompts.forEach(({ sign }, i) => {
      const margin = sign * (at.scale * found[i] + shift);
      loss += Math.log1p(Math.exp(-margin)) / prompts.length;
      slope -= (at.scale * 0.5) / (1 + Math.exp(margin)) / prompts.length;
    });
    const all = Float32Array.from(worth, (each) => each * slope);
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

  it('opens hardly more than it may, whatever the loss', async () => {
    // Each of another worth: alike they open and close all at once.
    const open = (own: NodeGates) => weighing(own, 0, (place) => 1 + place / HELPFUL);
    const free = await train({ open, prompts: pairs(16, 80) });
    expect(free.mean).toBeGreaterThan(30);
    const held = await train({ open, prompts: pairs(16, 80), most: 12 });
    expect(held.mean).toBeLessThan(16);
    expect(held.mean).toBeGreaterThan(4);
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
    const open: number[] = [];
    const isOver = () => open.length === 20;
    const cut = await train({ expired: isOver, onStep: (step) => open.push(step.open) }, 60);
    expect(cut.ranked.steps).toBe(20);
    expect(open).toEqual(whole.open.slice(0, 20));
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

  it('takes turns when asked to: what is kept alone, beside random parts, beside an adversary', async () => {
    const settings: Float32Array[] = [];
    const open = (gates: NodeGates): GatedModel => {
      const model = counting(gates);
      return {
        ...model,
        gradient: (prompts, setting, calibration) => {
          settings.push(setting);
          return model.gradient(prompts, setting, calibration);
        },
      };
    };
    const { open: kept } = await train({ putBack: true, open }, 90);
    const passes = settings.slice(-kept.length);
    const more = passes.map((gates, i) => gates.reduce((sum, gate) => sum + gate, 0) - kept[i]);
    const turn = (which: number) => more.filter((_, step) => step % 3 === which);
    expect(turn(0).every((count) => count === 0)).toBe(true);
    expect(turn(1).filter((count) => count > CHOICE).length).toBeGreaterThan(10);
    expect(turn(2).every((count) => count <= CHOICE)).toBe(true);
  });

  it('goes down for what is kept and up for the adversary, who opens what harms', async () => {
    const settings: Float32Array[] = [];
    // What does not help does harm.
    const open = (gates: NodeGates): GatedModel => {
      const model = harmful(gates);
      return {
        ...model,
        gradient: (prompts, setting, calibration) => {
          settings.push(setting);
          return model.gradient(prompts, setting, calibration);
        },
      };
    };
    const { open: kept } = await train({ putBack: true, open }, 90);
    const last = settings
      .slice(-kept.length)
      .filter((_, step) => step % 3 === 2)
      .slice(-5);
    const opened = last.flatMap((gates) => [...gates.keys()].filter((gate) => gates[gate] === 1));
    const harming = opened.filter((gate) => !helps(gate)).length / last.length;
    expect(harming).toBeGreaterThan(CHOICE / 2);
  });
});
