/** A node that is found by a concept colors the file, beside the concept and not its whole label. */
import { expect, it, vi } from 'vitest';
import { people, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { findByConcept } = await import('../../../extension/commands/findByConcept');

const label = { causal: null, f1: 1, correlation: 1, precision: 1, recall: 1, auroc: 1 };
const nodes = (['positive', 'negative'] as const).map((sign, i) => ({
  ...{ node: `0.mlp.post_act.${i}`, sign, text: 'comma and not in a string', label, causal: false },
}));
const concepts = ['in a string', 'comma'].map((concept) => {
  return { concept, description: '', alone: 1, others: 1 };
});

it('shows the node that was chosen, with the concept and the sign by which it was found', async () => {
  const info = { name: 'tiny', hash: 'h', config: { layers: 1, heads: 1, dHead: 1 } };
  const runtime = {
    concepts: (concept: string | null) =>
      Promise.resolve(concept === null ? { concepts, nodes: [] } : { concepts: [], nodes }),
  };
  const activationMap = { show: vi.fn() };
  const conceptMarks = { show: vi.fn() };
  const models = {
    info: () => Promise.resolve(info),
    useModel: (_: string, __: unknown, ask: (one: typeof runtime) => unknown) => ask(runtime),
  };
  people.chooses = (items) => items[1];
  const done = findByConcept.run({ models, activationMap, conceptMarks } as never, undefined);
  await expect.poll(() => seen.picks).toHaveLength(1);
  const [pick] = seen.picks;
  pick.activeItems = [pick.items[1]];
  pick.accept();
  await done;
  expect(activationMap.show.mock.calls).toEqual([['0.mlp.post_act.1']]);
  const picked = { concept: 'comma', sign: 'negative' };
  expect(conceptMarks.show.mock.calls).toEqual([[true, { node: '0.mlp.post_act.1', picked }]]);
});
