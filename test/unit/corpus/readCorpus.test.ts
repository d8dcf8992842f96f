import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCorpus } from '../../../models/training/corpus/readCorpus';
import { screenFile } from '../../../models/training/corpus/screen';

const CODE = 'def area(width, height):\n    return width * height  # square metres\n\n\n'.repeat(6);
const bytes = (text: string) => new TextEncoder().encode(text);

test('ordinary code is kept, with line ends of one kind and no byte-order mark', () => {
  expect(screenFile(bytes(CODE))).toEqual({ text: CODE });
  expect(screenFile(bytes('\ufeff' + CODE.replaceAll('\n', '\r\n')))).toEqual({ text: CODE });
});

test.each([
  ['too short', bytes('x = 1\n')],
  ['too long', bytes(CODE.repeat(200))],
  ['binary', bytes(CODE + '\0')],
  ['not UTF-8', Uint8Array.of(...bytes(CODE), 0xe9, 0x0a)],
  ['long lines', bytes(`${CODE}x = "${'a'.repeat(1000)}"\n`)],
  ['mostly digits', bytes('TABLE = [\n' + '    float(0.8414709848),\n'.repeat(30) + ']\n')],
  ['mostly data', bytes('NAMES = {\n' + "    0x41: 'A',  # LATIN CAPITAL\n".repeat(30) + '}\n')],
])('a file that is %s is left out', (skip, content) => {
  expect(screenFile(content)).toEqual({ skip });
});

test('code with a short table is kept', () => {
  expect(screenFile(bytes(CODE + "SIZES = [\n    1,\n    2,\n    'many',\n]\n"))).toHaveProperty(
    'text',
  );
});

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'));
beforeAll(() => {
  fs.mkdirSync(path.join(dir, 'b'));
  const write = (name: string, content: string) => fs.writeFileSync(path.join(dir, name), content);
  write('b/z.py', CODE + 'z = 1\n');
  write('b.py', CODE + 'é = 1\n');
  write('a.py', CODE);
  write('same.py', CODE);
  write('empty.py', '');
  write('notes.txt', CODE);
  write('corpus.json', '{"packages": [{"name": "made-up"}]}');
});
afterAll(() => fs.rmSync(dir, { recursive: true }));

test('files come in sorted order, each text once, with an account of the rest', () => {
  const { files, summary } = readCorpus([dir]);
  expect(files.map((file) => file.path)).toEqual(['a.py', 'b.py', 'b/z.py']);
  expect(summary).toEqual({
    files: 3,
    bytes: 3 * CODE.length + 6 + 7,
    skipped: { duplicate: 1, 'too short': 1 },
    packages: [{ name: 'made-up' }],
  });
});

test('the same folder twice adds nothing', () => {
  expect(readCorpus([dir, dir]).files).toEqual(readCorpus([dir]).files);
});

test('folders that are missing, empty or badly described are refused', () => {
  expect(() => readCorpus([path.join(dir, 'none')])).toThrow('there is no corpus folder');
  fs.mkdirSync(path.join(dir, 'bare'));
  expect(() => readCorpus([path.join(dir, 'bare')])).toThrow('no usable .py files below');
  fs.writeFileSync(path.join(dir, 'bare', 'corpus.json'), '{}');
  expect(() => readCorpus([path.join(dir, 'bare')])).toThrow('has no list of packages');
});
