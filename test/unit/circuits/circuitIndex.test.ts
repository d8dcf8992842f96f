import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCircuit, writeCircuit } from '../../../models/circuits/file/circuitFile';
import { indexEntry, readIndex } from '../../../models/circuits/file/circuitIndex';

const BUNDLES = 'models/bundles';
const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-index-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

describe('the index of circuits', () => {
  it.each(['python-sparse', 'python-dense'])(
    'of %s says of every shipped circuit what its file says',
    (name) => {
      const dir = join(BUNDLES, name);
      const folder = join(dir, 'circuits');
      const files = existsSync(folder)
        ? readdirSync(folder).filter((file) => file.endsWith('.json'))
        : [];
      const index = readIndex(dir);
      expect([...index.keys()]).toEqual(files.sort());
      for (const file of files) {
        const path = join(dir, 'circuits', file);
        expect(index.get(file)).toEqual(indexEntry(readCircuit(path), statSync(path).size));
      }
    },
  );

  it('follows what is written into the folder of a bundle, and no other', () => {
    const [shipped] = readdirSync(join(BUNDLES, 'python-sparse', 'circuits'));
    const circuit = readCircuit(join(BUNDLES, 'python-sparse', 'circuits', shipped));
    mkdirSync(join(scratch, 'mine', 'circuits'), { recursive: true });
    writeFileSync(join(scratch, 'mine', 'bundle.json'), '{}');
    const file = (name: string) => join(scratch, 'mine', 'circuits', name);
    writeCircuit(file('b.json'), circuit);
    writeCircuit(file('a.json'), circuit);
    expect([...readIndex(join(scratch, 'mine')).keys()]).toEqual(['a.json', 'b.json']);
    rmSync(file('b.json'));
    writeCircuit(file('c.json'), { ...circuit, core: [], edges: [] });
    const index = readIndex(join(scratch, 'mine'));
    expect([...index.keys()]).toEqual(['a.json', 'c.json']);
    expect(index.get('c.json')).toMatchObject({ nodes: 0, bytes: statSync(file('c.json')).size });
    mkdirSync(join(scratch, 'kept', 'circuits'), { recursive: true });
    writeCircuit(join(scratch, 'kept', 'circuits', 'a.json'), circuit);
    expect(readdirSync(join(scratch, 'kept'))).toEqual(['circuits']);
  });

  it('that is damaged counts as none', () => {
    writeFileSync(join(scratch, 'mine', 'circuits.json'), '{"format": 1}');
    expect(readIndex(join(scratch, 'mine')).size).toBe(0);
    expect(readIndex(join(scratch, 'nowhere')).size).toBe(0);
  });
});
