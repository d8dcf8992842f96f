/** The list of circuits: made from the index of the bundle, without reading one of them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFolders, people, reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { CircuitLibrary } = await import('../../../extension/circuits/library');
const { pickCircuit } = await import('../../../extension/circuits/show');
const { CircuitsTree } = await import('../../../extension/views/circuits');
const { writeCircuit } = await import('../../../models/circuits/file/circuitFile');
const { sampleCircuit } = await import('../../support/circuits');
const { fakeRuntime } = await import('../panel/fakeModel');
const { Models } = await import('../../../extension/model/models');

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-library-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
const bundle = join(dir, 'bundle');
const file = (name: string) => join(bundle, 'circuits', `${name}.json`);
mkdirSync(join(bundle, 'circuits'), { recursive: true });
writeFileSync(join(bundle, 'bundle.json'), '{}');
const circuit = sampleCircuit({});
for (const name of ['if_ternary', 'quotes', 'with_as']) writeCircuit(file(name), circuit);
const own = join(dir, 'own');
mkdirSync(join(own, '.circuitscope', 'circuits'), { recursive: true });

beforeEach(reset);
const list = async () => {
  openFolders(own);
  return await new CircuitLibrary(() => bundle).list();
};

describe('the list of circuits', () => {
  it('says what the index says, and reads none', async () => {
    const whole = readFileSync(file('quotes'), 'utf8');
    // As long as the file, and no circuit.
    writeFileSync(file('quotes'), ' '.repeat(whole.length));
    const [, quotes, withAs] = await list();
    const { core, backups } = circuit;
    expect(quotes).toMatchObject({
      ...{ name: 'quotes', origin: 'shipped', problem: null },
      about: { nodes: core.length, backups: backups.length, loss: circuit.search!.loss.core },
    });
    // It is read when it is chosen.
    await expect(quotes.open()).rejects.toThrow(/quotes\.json is not JSON/);
    expect((await withAs.open()).circuit.core).toEqual(core);
    writeFileSync(file('quotes'), whole);
  });

  it('reads what has another size than the index says, and what is kept', async () => {
    const whole = readFileSync(file('with_as'), 'utf8');
    writeFileSync(file('with_as'), '{}');
    writeFileSync(join(own, '.circuitscope', 'circuits', 'mine.json'), '{}');
    const found = await list();
    expect(found.map(({ name, origin, about }) => [name, origin, about !== null])).toEqual([
      ['mine', 'kept', false],
      ['if_ternary', 'shipped', true],
      ['quotes', 'shipped', true],
      ['with_as', 'shipped', false],
    ]);
    writeFileSync(file('with_as'), whole);
  });

  it('is what people choose from, with sizes and losses, and what a task is about', async () => {
    openFolders(own);
    people.chooses = () => undefined;
    await pickCircuit({ models: models(), circuits: new CircuitLibrary(() => bundle) }, 'Draw');
    const items = seen.lists[0].items as Record<'label' | 'description' | 'detail', string>[];
    const [ternary, quotes] = ['if_ternary', 'quotes'].map((name) =>
      items.find(({ label }) => label.endsWith(name)),
    );
    expect(quotes!.description).toMatch(/nodes?, .* loss \d/);
    expect(ternary!.detail).toMatch(/^The condition .*‘ else’/);
    expect(quotes!.detail).toBeUndefined();
  });
});

const log = { info() {}, warn() {}, error() {}, debug() {} };
const models = () =>
  new Models(() => Promise.resolve(fakeRuntime(circuit.bundle.hash).runtime), log);

describe('the tree of circuits', () => {
  it('has them by where they come from, with loss and proof, those of no task too', async () => {
    writeCircuit(join(own, '.circuitscope', 'circuits', 'mine.json'), circuit);
    writeFileSync(join(own, '.circuitscope', 'circuits', 'broken.json'), '{}');
    openFolders(own);
    const library = new CircuitLibrary(() => bundle);
    library.judge('quotes', false);
    const tree = new CircuitsTree(library, models());
    const rows = [];
    for (const origin of await tree.getChildren()) {
      const under = (await tree.getChildren(origin)).map((item) => tree.getTreeItem(item));
      rows.push([tree.getTreeItem(origin).label, under.map(({ label }) => label)]);
      if (tree.getTreeItem(origin).label === 'Kept in this workspace') {
        expect(under.map(({ description }) => description)).toEqual([
          'cannot be read',
          '2 nodes · loss 0.12',
        ]);
        continue;
      }
      const [ternary, quotes] = under;
      expect(ternary.tooltip).toMatch(/^The condition .*\n.*nats/);
      expect(quotes.tooltip).toMatch(/^\d+ nodes.*nats/);
      expect(quotes.iconPath).toMatchObject({ id: 'warning' });
      expect(quotes.command).toMatchObject({ command: 'circuitscope.showTaskCircuit' });
    }
    expect(rows).toEqual([
      ['Kept in this workspace', ['broken', 'mine']],
      ['Shipped with the model', ['if_ternary', 'quotes', 'with_as']],
    ]);
    tree.dispose();
  });

  it('is empty without a model, so that its welcome leads to one', async () => {
    const none = new CircuitLibrary(() => {
      throw new Error('no bundle');
    });
    expect(await new CircuitsTree(none, models()).getChildren()).toEqual([]);
  });
});
