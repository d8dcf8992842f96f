import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { Goal } from '../../../models/circuits/search/goal';
import { PutBack } from '../../../models/circuits/search/putBack';
import { Rng } from '../../../models/random';
import type { Prompt } from '../../../models/tasks/prompts';
import { tinyConfig } from '../../support/models';

const all = NodeSet.all(tinyConfig());
const core = all.filter((place) => place < 4);
const prompts: Prompt[] = Array.from({ length: 16 }, (_, i) => ({
  ...{ tokens: Int32Array.of(0), first: 1, second: 2 },
  sign: i % 2 === 0 ? 1 : -1,
}));

/** A core whose answer leads by 8, less what is open outside costs. */
function beside(cost: (setting: Float32Array) => number, slopes: (place: number) => number) {
  const settings: Float32Array[] = [];
  const model = {
    differences: (some: readonly Prompt[], asked: readonly Float32Array[]) =>
      Promise.resolve(
        asked.map((setting) => Float64Array.from(some, ({ sign }) => sign * (8 - cost(setting)))),
      ),
    gradient: (some: readonly Prompt[], setting: Float32Array) => {
      settings.push(setting);
      const gradient = setting.map((_, place) => slopes(place));
      return Promise.resolve({ loss: 0, differences: new Float32Array(some.length), gradient });
    },
    release: () => Promise.resolve(),
  };
  return {
    putBack: new PutBack(model, all, new Rng('put back'), new Goal(prompts, 0.1)),
    settings,
  };
}
const none = () => 0;
const never = () => false;

describe('parts of the outside put back', () => {
  it('leave a core that relies on nobody’s absence', async () => {
    const { putBack } = beside(none, none);
    expect(await putBack.keeps(core)).toBe(true);
  });

  it('break one that does', async () => {
    const { putBack } = beside((setting) => (setting[20] === 1 ? 20 : 0), none);
    expect(await putBack.keeps(core)).toBe(false);
  });

  it('include what an adversary finds, which no random part would be', async () => {
    const few = [30, 31, 32];
    const { putBack } = beside(
      (setting) => {
        const open = setting.reduce((sum, gate) => sum + gate, 0) - core.count;
        return few.every((place) => setting[place] === 1) && open === few.length ? 20 : 0;
      },
      (place) => (few.includes(place) ? 1 : -1),
    );
    expect(await putBack.keeps(core)).toBe(false);
  });

  it('include what a whole attack finds, which is kept from then on', async () => {
    const few = [30, 31, 32];
    const costs = (setting: Float32Array) =>
      few.every((place) => setting[place] === 1) && setting[20] === 0 ? 20 : 0;
    const slopes = (place: number) => (few.includes(place) ? 1 : -1);
    const { putBack, settings } = beside(costs, slopes);
    expect(await putBack.attack(core, never)).toBe(false);
    settings.length = 0;
    await putBack.helps(core);
    expect(costs(settings[0])).toBe(20);
    expect(await beside(costs, () => -1).putBack.attack(core, never)).toBe(true);
    // Nor is it where no time is left.
    expect(await beside(costs, slopes).putBack.attack(core, () => true)).toBe(true);
  });

  it('are those that are hardest of many, and more of them where others turn out harder', async () => {
    // One node in four draws or so is open alone of two.
    const cost = (setting: Float32Array) => (setting[20] === 1 && setting[21] === 0 ? 20 : 0);
    const { putBack, settings } = beside(cost, none);
    expect(await putBack.drawHardest(core)).toBe(false);
    await putBack.harms(core);
    const hard = settings.slice(0, -1);
    expect(hard.length).toBeGreaterThan(2);
    expect(hard.every((setting) => cost(setting) > 0)).toBe(true);
    await putBack.drawHardest(core);
    settings.length = 0;
    await putBack.harms(core);
    expect(settings.length - 1).toBe(2 * hard.length);
    expect(await beside(none, none).putBack.drawHardest(core)).toBe(true);
  });

  it('tell what opening a node takes off the loss there, where it is closed', async () => {
    const { putBack } = beside(none, (place) => (place === 20 || place === 2 ? -5 : 1));
    await putBack.drawHardest(core);
    const helps = [...(await putBack.helps(core))];
    // A node of the core is open already, and no other helps anywhere.
    expect(helps[20]).toBe(5);
    expect(helps.filter((help) => help > 0)).toEqual([5]);
  });

  it('tell what dropping a node of the core does there, the most of all', async () => {
    const { putBack, settings } = beside(none, (place) => (place === 2 ? -3 : 1));
    await putBack.drawHardest(core);
    expect([...(await putBack.harms(core))]).toEqual([-1, -1, 3, -1]);
    settings.length = 0;
    await putBack.harms(core);
    const open = settings.map((setting) => setting.reduce((sum, gate) => sum + gate, 0));
    // Random parts of several sizes, and what the adversary chooses, who has learned nothing yet.
    expect(new Set(open).size).toBe(settings.length);
    expect(open.at(-1)).toBe(core.count);
  });
});
