/** A set that cannot act on the model is refused when it is opened, and not at every pass. */
import { beforeEach, expect, it, vi } from 'vitest';
import { people, reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { loadSet } = await import('../../../extension/commands/loadSet');
const { InterventionStore } = await import('../../../extension/interventions/store');
const { Models } = await import('../../../extension/model/models');
const { fakeRuntime } = await import('../panel/fakeModel');
type Parts = Parameters<typeof loadSet.run>[0];

const log = { info() {}, warn() {}, error() {}, debug() {} };
const memory = { get: () => undefined, update: () => Promise.resolve() };

/** Loads a set of weights from the clipboard; of another model, where it says so. */
async function load(from: string, bundle?: { name: string; hash: string }) {
  const models = new Models(() => Promise.resolve(fakeRuntime().runtime), log);
  const store = new InterventionStore(memory, () => undefined);
  const weight = { nodes: [from], into: '1.mlp.post_act.0', positions: 'all' };
  const interventions = [{ ...weight, kind: { kind: 'zero' } }];
  seen.clipboard = JSON.stringify({ name: 'weights', interventions, ...(bundle && { bundle }) });
  people.chooses = (items) => items.find(({ label }) => label.includes('Clipboard'));
  await loadSet.run({ models, store } as unknown as Parts, undefined);
  return store.state.entries;
}
beforeEach(reset);

it('takes weights that the model has', async () => {
  expect(await load('1.mlp.act_in.1')).toMatchObject([{ into: '1.mlp.post_act.0', on: true }]);
});

it('refuses a weight between nodes that none joins, and changes nothing', async () => {
  await expect(load('1.mlp.act_in.0')).rejects.toThrow(/no weight leads from 1\.mlp\.act_in\.0/);
  expect(seen.messages).toEqual([]);
});

it('does not ask the model in use of the weights of another', async () => {
  const other = { name: 'other', hash: 'f'.repeat(64) };
  expect(await load('1.mlp.act_in.0', other)).toMatchObject([{ model: other }]);
});
