/** The list of circuits: made from the index of the bundle, without reading one of them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFolders, people, reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { CircuitLibrary } = await import('../../../extension/circuits/library');
const { pickCircuit } = await import('../../../extension/circuits/show');
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
for (const name of ['quotes', 'with_as']) writeCircuit(file(name), circuit);
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
    const [quotes, withAs] = await list();
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
      ['quotes', 'shipped', true],
      ['with_as', 'shipped', false],
    ]);
    writeFileSync(file('with_as'), whole);
  });

  it('is what people choose from, with sizes and losses', async () => {
    openFolders(own);
    const models = new Models(() => Promise.resolve(fakeRuntime(circuit.bundle.hash).runtime), {
      info() {},
      warn() {},
      error() {},
      debug() {},
    });
    people.chooses = () => undefined;
    await pickCircuit({ models, circuits: new CircuitLibrary(() => bundle) }, 'Draw');
    const items = seen.lists[0].items as { label: string; description?: string }[];
    const quotes = items.find(({ label }) => label.endsWith('quotes'))!;
    expect(quotes.description).toMatch(/nodes?, .* loss \d/);
  });
});
