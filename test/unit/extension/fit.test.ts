/** Ablations of another model, chosen later, that name what it does not have: kept, said, and in nobody's way. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../extension/interventions/entry';
import { Fit } from '../../../extension/interventions/fit';
import { InterventionStore } from '../../../extension/interventions/store';
import { Models } from '../../../extension/model/models';
import { ablationsView } from '../../../extension/panel/ablationsView';
import { anchorAt } from '../../../extension/trace/anchor';
import { ModelLost } from '../../../models/runtime/modelThread';
import { type Runtime } from '../../../models/runtime/runtime';
import { snapshotOf } from '../../support/snapshots';

const log = { info() {}, warn() {}, error() {}, debug() {} };
const snapshot = snapshotOf('a = b');
const { info } = snapshot;
const memory = { get: () => undefined, update: () => Promise.resolve() };
const kind = { kind: 'zero' } as const;

/** A set as it was loaded while another model was in use, and what is said when its own is chosen. */
function chosen(change: { readonly lost?: number } = {}) {
  const { lost = 0 } = change;
  const asked: string[] = [];
  const runtime = {
    info,
    checkInterventions: ([{ nodes }]: { nodes: string[] }[], where: string) => {
      asked.push(nodes[0]);
      if (asked.length <= lost) return Promise.reject(new ModelLost('gone'));
      if (nodes[0] !== '1.mlp.act_in.0') return Promise.resolve();
      return Promise.reject(new Error(`${where}: no weight leads from 1.mlp.act_in.0`));
    },
  } as unknown as Runtime;
  const models = new Models(() => Promise.resolve(runtime), log);
  const store = new InterventionStore(memory, () => undefined);
  const said: string[] = [];
  const fit = new Fit(store, models, (message) => said.push(message));
  const own = {
    where: 'all',
    model: { name: info.name, hash: info.hash },
    on: true,
    kind,
  } as const;
  const into = '1.mlp.post_act.0';
  const entries: Entry[] = [
    { ...own, nodes: ['0.mlp.post_act.3'] },
    { ...own, nodes: ['1.mlp.act_in.0'], into },
    { ...own, nodes: ['1.mlp.act_in.1'], into },
    { ...own, nodes: ['9.mlp.act_in.0'] },
    { ...own, nodes: ['9.mlp.act_in.0'], model: { name: 'other', hash: 'f'.repeat(64) } },
  ];
  store.replace({ name: 'a set', entries });
  models.changed.on(() => void fit.check());
  store.changed.on(() => void fit.check());
  return { asked, fit, models, said, store };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('when their model is chosen', () => {
  it('what it lacks is said once, kept in the set, and out of force; all others act', async () => {
    const { fit, models, said, store } = chosen();
    await fit.check();
    expect(said).toEqual([]);
    await models.info();
    await settled();
    expect(said).toEqual([
      expect.stringMatching(/^2 ablations name something .*; they are kept but inactive, the others apply\. .*: no weight leads from 1\.mlp\.act_in\.0$/), // prettier-ignore
    ]);
    expect(store.state.entries).toHaveLength(5);
    expect(store.active(snapshot).map(({ nodes }) => nodes[0])).toEqual([
      ...['0.mlp.post_act.3', '1.mlp.act_in.1'],
    ]);
    const { entries } = ablationsView(store, { info, snapshot });
    expect(entries.map(({ acts }) => acts)).toEqual([true, false, true, false, false]);
    expect(entries[1].where).toContain('no weight leads from 1.mlp.act_in.0');
    // Said once: what is done to others later says nothing again.
    store.remove(0);
    await settled();
    expect(said).toHaveLength(1);
    expect(store.active(snapshot)).toHaveLength(1);
  });

  it('they are asked of it again where it was lost before it could say', async () => {
    // The request is made once more by itself, then given up.
    const { models, said, store } = chosen({ lost: 2 });
    await models.info();
    await settled();
    store.remove(0);
    await settled();
    expect(said.join()).toContain('no weight leads from');
  });
});

it('an entry is said to be in another file when its token is, not when it waits or is lost', () => {
  const store = new InterventionStore(memory, () => undefined);
  const model = { name: info.name, hash: info.hash };
  const other = { name: 'other', hash: 'f'.repeat(64) };
  const here = anchorAt(snapshot, 0);
  const at = (anchor: typeof here, of = model): Entry => {
    return { nodes: ['0.mlp.post_act.3'], kind, where: { at: anchor }, model: of, on: true };
  };
  const entries = [
    at(here),
    at({ ...here, uri: 'file:///b.py' }),
    at({ ...here, lost: true }),
    at(here, other),
    { ...at(here, other), where: 'all' } as const,
  ];
  store.replace({ name: 'a set', entries });
  const places = ablationsView(store, { info, snapshot }).entries.map(({ where }) => where);
  expect(places.map((where) => where.includes('in another file'))).toEqual([
    ...[false, true, false, false, false],
  ]);
  expect(places[2]).toMatch(/^lost: .* is no longer in the text/);
  expect(places[4]).toMatch(/^everywhere; inactive, for another model: other/);
});
