/** The list of nodes that a person types in, and the places that they are offered. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { people, reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { pickNode } = await import('../../../extension/commands/pickNode');
const { pickPositions } = await import('../../../extension/commands/pickChange');
const { readState } = await import('../../../webview/protocol');
const { snapshotOf } = await import('../../support/snapshots');
const { sampleLabel, sampleLabels } = await import('../../support/labels');
const { NodeLabels } = await import('../../../extension/labels/labels');
type NodeMeanings = Parameters<typeof pickNode>[0]['meanings'];
type Token = Awaited<NonNullable<Parameters<typeof pickNode>[1]>>;

const bundled = sampleLabels(['a name'], {
  '0.mlp.post_act.3': { positive: sampleLabel([1]) },
  '1.mlp.post_act.12': { negative: sampleLabel([-1]) },
});
const parts = {
  labels: new NodeLabels(
    () => [],
    () => undefined,
  ),
  meanings: { labels: () => Promise.resolve(bundled) } as unknown as NodeMeanings,
};
const leading = [{ node: '0.mlp.post_act.3', activation: 1.12, effect: -0.5 }];
const strongest = [...leading, { node: '0.mlp.post_act.4', activation: 0.12 }];
/** A token whose effects are there at once, or never. */
const tokenWith = (effects: () => Promise<unknown>) =>
  ({ snapshot: snapshotOf('a'), strongest, leading: effects }) as unknown as Token;
const measured = tokenWith(() => Promise.resolve({ nodes: leading }));
/** The list is there, with its rows. */
const filled = () => expect.poll(() => seen.picks[0]?.busy).toBe(false);

beforeEach(reset);

describe('the list of nodes', () => {
  it.each(['1.mlp.post_act.12', ' 0.mlp.post_act.1 '])(
    'takes the node whose name is typed, whatever else the name is a part of: %j',
    async (typed) => {
      const chosen = pickNode(parts, Promise.resolve(measured), 'Ablate');
      await filled();
      const [pick] = seen.picks;
      pick.type(typed);
      expect(pick.items[0].node).toBe(typed.trim());
      pick.accept();
      expect((await chosen)?.node).toBe(typed.trim());
    },
  );

  it('takes it also when it was typed before the rows were there', async () => {
    let come: (token: Token) => void = () => undefined;
    const chosen = pickNode(parts, new Promise<Token>((resolve) => (come = resolve)), 'Ablate');
    const [pick] = seen.picks;
    pick.type('1.mlp.post_act.12');
    // Too early to mean anything.
    pick.accept();
    come(measured);
    await filled();
    expect(pick.shown).toBe(true);
    pick.accept();
    expect((await chosen)?.node).toBe('1.mlp.post_act.12');
  });

  it('is not searched by the digits of activations', async () => {
    void pickNode(parts, Promise.resolve(measured), 'Ablate');
    await filled();
    const [pick] = seen.picks;
    expect([pick.matchOnDescription, pick.matchOnDetail]).toEqual([true, false]);
    // What is searched are a label and a name: numbers stand apart.
    for (const item of pick.items as { label: string; description?: string }[]) {
      expect(`${item.label} ${item.description ?? ''}`).not.toMatch(/[+−]\d/);
    }
  });

  it('says what each node tells, and that a node has no label', async () => {
    void pickNode(parts, Promise.resolve(measured), 'Ablate');
    await filled();
    const described = (
      seen.picks[0].items as readonly { node?: string; description?: string }[]
    ).filter(({ node }) => /^[01]\.mlp\.post_act\.(3|4|12)$/.test(node ?? ''));
    expect(described.map(({ description }) => description)).toEqual([
      ...['a name  0.mlp.post_act.3', 'no label  0.mlp.post_act.4'],
      ...['no label  0.mlp.post_act.12', 'no label  1.mlp.post_act.3'],
      ...['no label  1.mlp.post_act.4', '− not a name  1.mlp.post_act.12'],
    ]);
  });

  it('lets a person stop before the model has said anything', async () => {
    const stop = { label: 'Stop coloring' };
    const chosen = pickNode(parts, new Promise(() => undefined), 'Color', [stop]);
    const [pick] = seen.picks;
    expect([pick.shown, pick.items]).toEqual([true, [stop]]);
    pick.activeItems = [stop];
    pick.accept();
    expect(await chosen).toBe(stop);
  });

  it('does not wait for effects that take long', async () => {
    vi.useFakeTimers();
    try {
      void pickNode(parts, Promise.resolve(tokenWith(() => new Promise(() => undefined))), 'Color');
      await vi.advanceTimersByTimeAsync(2500);
      const [pick] = seen.picks;
      expect(pick.busy).toBe(false);
      expect(pick.items.filter(({ node }) => node !== undefined)[0].node).toBe(strongest[0].node);
    } finally {
      vi.useRealTimers();
    }
  });
});

it('one place is the default everywhere: the token at which effects are measured', async () => {
  people.chooses = ([first]) => first;
  const view = { token: 7, text: 'x' } as Parameters<typeof pickPositions>[1];
  expect(await pickPositions('Ablate', view)).toEqual({ at: 7 });
  expect((seen.lists[0].items as { label: string }[])[0].label).toBe('Only at this token');
  // The panel begins there, and comes back there when what it remembers is no place.
  for (const remembered of [undefined, {}, { place: 'nowhere' }]) {
    expect(readState(remembered).place).toBe('at');
  }
  expect(readState({ ...readState(undefined), place: 'all' }).place).toBe('all');
});
