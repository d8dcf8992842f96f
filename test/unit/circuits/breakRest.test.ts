import { describe, expect, it } from 'vitest';
import { breakRest } from '../../../models/circuits/search/breakRest';
import type { MaskedModel } from '../../../models/inference/maskedModel';
import type { Prompt } from '../../../models/tasks/prompts';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { tinyConfig } from '../../support/models';

const all = NodeSet.all(tinyConfig());
/** Both are needed for the task; the later one for another task too. */
const [EARLY, LATE] = [3, 20];
const core = all.filter((place) => place === EARLY || place === LATE);

/** Prompts of a task, which their first token tells. */
const promptsOf = (task: number): Prompt[] =>
  Array.from({ length: 16 }, (_, i) => ({
    ...{ tokens: Int32Array.of(task), first: 1, second: 2, sign: i % 2 === 0 ? 1 : -1 },
  }));
const [own, other] = [promptsOf(0), promptsOf(1)];

/** Tells answers apart where the nodes that the prompts' task needs are open. */
const model = {
  nodes: all,
  differences: (prompts: readonly Prompt[], settings: readonly Float32Array[]) =>
    Promise.resolve(
      settings.map((gates) =>
        Float64Array.from(prompts, ({ sign, tokens }) =>
          needed(tokens[0]).every((place) => gates[place] === 1) ? 8 * sign : 0,
        ),
      ),
    ),
  gradient: (prompts: readonly Prompt[]) => {
    const needs = needed(prompts[0].tokens[0]);
    const gradient = Float32Array.from(all.nodes, (_, place) => (needs.includes(place) ? -1 : 0));
    return Promise.resolve({ loss: 0, differences: new Float32Array(prompts.length), gradient });
  },
  release: () => Promise.resolve(),
} as unknown as MaskedModel;
const needed = (task: number) => (task === 0 ? [EARLY, LATE] : [LATE]);

const options = {
  ...{ all, prompts: own, open: () => model, expired: () => false, onRound: () => undefined },
};

describe('the cut', () => {
  it('is what must stay closed, of nodes alike the later one', async () => {
    const { cut, backups, done } = await breakRest(core, options);
    expect(done).toBe(true);
    expect(backups.count).toBe(0);
    expect(all.gatesOf(cut)[LATE]).toBe(1);
    expect(cut.count).toBe(1);
  });

  it('leaves alone what another task needs', async () => {
    const { cut } = await breakRest(core, { ...options, others: [other] });
    expect(all.gatesOf(cut)[EARLY]).toBe(1);
    expect(cut.count).toBe(1);
  });

  it('is of nodes that carry something, where those are enough, and says how many are closed', async () => {
    const constants = all.filter((place) => place === EARLY);
    const counts: number[] = [];
    const onOpened = (closed: number) => counts.push(closed);
    const { cut } = await breakRest(core, { ...options, others: [other], constants, onOpened });
    expect(all.gatesOf(cut)[LATE]).toBe(1);
    expect(cut.count).toBe(1);
    expect(counts).toEqual([1]);
  });
});
