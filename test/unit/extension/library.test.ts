/** The list of circuits: made from the index of the bundle, without reading one of them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KnownCircuit, Origin } from '../../../extension/circuits/known';
import { openFolders, people, reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { CircuitLibrary } = await import('../../../extension/circuits/library');
const { idOf } = await import('../../../extension/circuits/known');
const { circuitOf } = await import('../../../extension/commands/circuitOf');
const { pickCircuit } = await import('../../../extension/circuits/show');
const { CircuitsTree } = await import('../../../extension/views/circuits');
const { writeCircuit } = await import('../../../models/circuits/file/circuitFile');
const { sampleCircuit, sampleProof } = await import('../../support/circuits');
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

const of = (hash: string, origin: Origin = 'kept'): KnownCircuit => ({
  ...{ name: 'quotes', origin, where: 'quotes.json' },
  circuit: { ...circuit, bundle: { name: 'other', hash } },
  beside: () => Promise.resolve(null),
});
/** A circuit with a proof that it passes, or does not. */
const judged = (known: KnownCircuit, passes: boolean): KnownCircuit => {
  const proof = sampleProof(passes ? {} : { core: { loss: 1 } });
  return { ...known, circuit: { ...known.circuit, proof } };
};

describe('the tree of circuits', () => {
  it('has them by where they come from, with loss and proof, those of no task too', async () => {
    writeCircuit(join(own, '.circuitscope', 'circuits', 'mine.json'), circuit);
    writeFileSync(join(own, '.circuitscope', 'circuits', 'broken.json'), '{}');
    openFolders(own);
    const library = new CircuitLibrary(() => bundle);
    library.prove(judged(of(circuit.bundle.hash, 'shipped'), false), false);
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

describe('circuits of one name', () => {
  const HASH = circuit.bundle.hash;
  const OTHER = 'b'.repeat(64);
  /** A library with a kept circuit of a model beside the shipped one, in a folder of its own. */
  const beside = (hash: string) => {
    const folder = mkdtempSync(join(dir, 'kept-'));
    mkdirSync(join(folder, '.circuitscope', 'circuits'), { recursive: true });
    const path = join(folder, '.circuitscope', 'circuits', 'quotes.json');
    writeCircuit(path, of(hash).circuit);
    openFolders(folder);
    return new CircuitLibrary(() => bundle);
  };
  const rowsOf = async (library: InstanceType<typeof CircuitLibrary>) => {
    const tree = new CircuitsTree(library, models());
    const rows = [];
    for (const origin of await tree.getChildren()) {
      for (const row of await tree.getChildren(origin)) {
        if (row.kind === 'circuit' && row.circuit === 'quotes') rows.push(row);
      }
    }
    const icons = rows.map((row) => tree.getTreeItem(row).iconPath as { id: string });
    tree.dispose();
    return { rows, icons: icons.map(({ id }) => id) };
  };

  it('keep their verdicts apart, by model and by where they come from', async () => {
    const library = beside(OTHER);
    library.prove(judged(of(HASH), false), false);
    // Of neither row: the kept one is of another model, the shipped one is not kept.
    expect((await rowsOf(library)).icons).toEqual(['circuit-board', 'circuit-board']);
    library.prove(judged(of(OTHER), false), false);
    expect((await rowsOf(library)).icons).toEqual(['warning', 'circuit-board']);
    library.prove(judged(of(OTHER), true), false);
    library.prove(judged(of(HASH, 'shipped'), false), false);
    expect((await rowsOf(library)).icons).toEqual(['circuit-board', 'warning']);
  });

  it('of which one is shown are not both said to be', async () => {
    const library = beside(HASH);
    library.show(of(HASH, 'shipped'));
    expect((await rowsOf(library)).icons).toEqual(['circuit-board', 'eye']);
    // What was just found is what was kept of it.
    library.show(of(HASH, 'found'));
    expect((await rowsOf(library)).icons).toEqual(['eye', 'circuit-board']);
  });

  it('found again say nothing of the one before, and hide none of another model', async () => {
    const library = beside(OTHER);
    library.prove(judged(of(HASH), true), false);
    library.add(of(HASH, 'found'));
    expect(library.verdict(idOf(of(HASH)))).toBeUndefined();
    const origins = async () =>
      (await library.list()).flatMap(({ name, origin }) => (name === 'quotes' ? [origin] : []));
    expect(await origins()).toEqual(['found', 'kept', 'shipped']);
    library.add(of(OTHER, 'found'));
    expect(await origins()).toEqual(['found', 'kept', 'shipped']);
  });

  it('are opened by their row, by name that of the model in use, and by the tour the shipped one', async () => {
    const opened = async (library: InstanceType<typeof CircuitLibrary>, argument: object) =>
      (await circuitOf({ models: models(), circuits: library }, argument, '', false))?.origin;
    const same = beside(HASH);
    const { rows } = await rowsOf(same);
    expect(rows.map(({ origin }) => origin)).toEqual(['kept', 'shipped']);
    for (const row of rows) {
      expect(await opened(same, row)).toBe(row.origin);
      same.show(of(HASH, 'kept'));
    }
    const foreign = beside(OTHER);
    expect(await opened(foreign, { circuit: 'quotes' })).toBe('shipped');
    expect(await opened(foreign, { circuit: 'quotes', origin: 'shipped' })).toBe('shipped');
    await expect(opened(foreign, { circuit: 'quotes', origin: 'kept' })).rejects.toThrow(
      /is a circuit of other b{12}/,
    );
    await expect(opened(foreign, { circuit: 'none' })).rejects.toThrow(
      'there is no circuit "none"',
    );
  });
});
