/** Ablations of another model than that in use: they do nothing, wait in sight, greyed, and say for what. */
import { beforeEach, expect, it, vi } from 'vitest';
import { people, reset, seen, type ThemeIcon } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { AblationStatus } = await import('../../../extension/status');
const { AblationsTree } = await import('../../../extension/views/ablations');
const { toggleAblation } = await import('../../../extension/commands/toggleAblation');
const { conversation, fakeRuntime, NODE } = await import('../panel/fakeModel');
const { snapshotOf } = await import('../../support/snapshots');

const OTHER = '0.mlp.post_act.5';
const kind = { kind: 'zero' } as const;
const WAITS = 'inactive, for another model: model-b b';

beforeEach(reset);

/** A set of one ablation of the model in use and two of another, which has nodes of the same names. */
async function mixed() {
  const talk = conversation(fakeRuntime('a'));
  await talk.move('abcd', 1);
  const { store, models } = talk.parts;
  const own = talk.session.current!.question.snapshot;
  const others = snapshotOf('abcd', { hash: 'b', split: /./g });
  store.add({ nodes: [NODE], positions: 'all', kind }, own);
  store.add({ nodes: [NODE], positions: 'all', kind }, others);
  store.add({ nodes: [OTHER], positions: { at: 1 }, kind }, others);
  return { ...talk, store, models, own, others };
}

it('they change nothing that the model says, though it has nodes of their names', async () => {
  const { fake, session, store, own, others, last } = await mixed();
  await session.changed();
  expect(fake.ablated.length).toBeGreaterThan(0);
  expect(new Set(fake.ablated.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify({ nodes: [NODE], kind, positions: 'all' })]),
  );
  expect(last('prediction')!.prediction.inForce).toEqual({ ablations: 1, nodes: 1 });
  // Their own model has them.
  expect(store.active(others).map(({ nodes }) => nodes[0])).toEqual([NODE, OTHER]);
  expect(store.active(own)).toHaveLength(1);
});

it('the side bar shows them with a grey clock and the model that they wait for', async () => {
  const { parts, models, store } = await mixed();
  const at = (state: unknown) => {
    const tree = new AblationsTree(store, { ...models, state } as never, parts);
    return Promise.all(
      [0, 1, 2].map(async (index) => {
        const { label, iconPath, description } = await tree.getTreeItem({
          kind: 'ablation',
          index,
        });
        const { id, color } = (iconPath ?? {}) as Partial<ThemeIcon>;
        return { label, description, icon: [id, color?.id] };
      }),
    );
  };
  const grey = { icon: ['clock', 'disabledForeground'], description: WAITS };
  // By their bare names: what another model calls a node means nothing in this one.
  expect(await at(models.state)).toMatchObject([
    { label: 'L0 MLP neuron 3 → zero', icon: [undefined, undefined] },
    { ...grey, label: `${NODE} → zero` },
    { ...grey, label: `${OTHER} → zero` },
  ]);
  const { info } = snapshotOf('abcd', { hash: 'b' });
  const chosen = await at({ kind: 'ready', info });
  expect(chosen.map(({ icon: [icon] }) => icon)).toEqual(['clock', undefined, undefined]);
  expect(chosen[0].description).toMatch(/^inactive, for another model: fake a$/);
  expect(chosen[2].description).toContain('at ‘b’ in line 1');
});

it('the panel is told that they do not act, and what they wait for', async () => {
  const { session, last } = await mixed();
  session.sendAblations();
  const { ablations } = last('ablations')!;
  expect(ablations.entries.map(({ acts, where }) => [acts, where])).toEqual([
    [true, 'everywhere'],
    [false, `everywhere; ${WAITS}`],
    [false, `at ‘b’ in line 1; ${WAITS}`],
  ]);
});

it('the list to tick names what they wait for, and the status bar counts them apart', async () => {
  const { parts, models, store } = await mixed();
  people.chooses = () => undefined;
  await toggleAblation.run(parts as unknown as Parameters<typeof toggleAblation.run>[0], undefined);
  const details = (seen.lists[0].items as { detail?: string }[]).map(({ detail }) => detail ?? '');
  expect(details.map((detail) => detail.includes(WAITS))).toEqual([false, true, true]);
  const status = new AblationStatus(store, models);
  expect(seen.statusBar.at(-1)).toMatchObject({
    text: '$(circle-slash) 1 ablation',
    tooltip: expect.stringMatching(/1 on, 0 off.* 2 for another model, inactive/) as string,
  });
  status.dispose();
});
