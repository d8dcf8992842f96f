/** What people give: bytes, encodings, JSON, notebooks, folders. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readText } from '../../../models/cli/text';
import { cellsOf } from '../../../models/cli/notebook';
import { eachSource, allSources } from '../../../models/cli/sources';
import type { Skipped } from '../../../models/inputFolder';
import { readBundle } from '../../../models/bundles/bundle';
import { ModelFolder } from '../../../models/import/modelFolder';
import { readInput, readJson } from '../../../models/input';
import { oneLine } from '../../../models/oneLine';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { readCorpus } from '../../../models/training/corpus/readCorpus';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-input-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
const given = (name: string, content: string | Uint8Array) => {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
};
const python = (content: string | Uint8Array) => readText(given('a.py', content));
const coded = (cookie: string, ...bytes: number[]) =>
  Buffer.concat([Buffer.from(`# -*- coding: ${cookie} -*-\n`), Buffer.from(bytes)]);
const afterCookie = (text: string) => text.slice(text.indexOf('\n') + 1);

describe('a Python file', () => {
  // Made with Python 3: bytes([...]).decode(name).
  it.each([
    ['latin-1', [0xe9, 0x80, 0xff], 'é\x80ÿ'],
    ['iso-8859-1', [0x93], '\x93'],
    ['iso-8859-9', [0xd0, 0xfd, 0xe9], 'Ğıé'],
    ['ISO_8859-15', [0xa4], '€'],
    ['latin2', [0xb1, 0x9f], 'ą\x9f'],
    ['koi8-r', [0xcd, 0xc9, 0xd2], 'мир'],
    ['cp1251', [0xec, 0xe8, 0xf0], 'мир'],
    ['windows-1252', [0x80, 0x93, 0x9f, 0xe9], '€“Ÿé'],
    ['cp1253', [0xe1], 'α'],
    ['cp866', [0xac], 'м'],
    ['utf-8', [0xc3, 0xa9], 'é'],
    ['UTF_8', [0xc3, 0xa9], 'é'],
  ])('in %s is decoded as Python decodes it', (cookie, bytes, text) => {
    expect(afterCookie(python(coded(cookie, ...bytes)))).toBe(text);
  });

  it.each([
    [
      'a cookie that is wrong',
      coded('utf-8', 0xe9),
      /not in UTF-8, which it names; save it as UTF-8$/,
    ],
    [
      'a byte that its encoding does not have',
      coded('cp1252', 0x81),
      /is not in cp1252, which it names/,
    ],
    ['another one', coded('cp1253', 0xaa), /is not in cp1253/],
    ['high bytes in ASCII', coded('ascii', 0x80), /is not in ascii/],
    [
      'an encoding that is not known',
      coded('klingon', 0x41),
      /names the encoding klingon, which is not known here/,
    ],
    ['no cookie', Uint8Array.of(0xe9), /not in UTF-8; save it as UTF-8, or name its encoding/],
    [
      'a cookie in the third line',
      Buffer.from('\n\n# coding: latin-1\né', 'latin1'),
      /not in UTF-8/,
    ],
    ['a cookie after code', Buffer.from('x = 1\n# coding: latin-1\né', 'latin1'), /not in UTF-8/],
    ['UTF-16', Buffer.from('\ufeffx = 1\n', 'utf16le'), /is in UTF-16, which Python does not read/],
    ['UTF-16, big end first', Uint8Array.of(0xfe, 0xff, 0, 0x78), /is in UTF-16/],
    ['NUL', Buffer.from('x = 1\0'), /is binary; give a Python file/],
    [
      'a mark and a cookie that differ',
      Buffer.from('\ufeff# coding: latin-1\n'),
      /the mark of UTF-8 and names/,
    ],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => python(bytes)).toThrow(message);
    expect(() => python(bytes)).toThrow(/^[^\n]*$/);
  });

  it('may have a mark, a cookie in its second line, and any line ends', () => {
    expect(python('\ufeffx = 1\r\ny = 2\r')).toBe('x = 1\ny = 2\n');
    expect(python(Buffer.from('#!/usr/bin/python\n# coding=latin-1\né', 'latin1'))).toMatch(/é$/);
    expect(python(Buffer.from('\f# vim: set fileencoding=latin-1 :\né', 'latin1'))).toMatch(/é$/);
  });
});

describe('a file', () => {
  it.skipIf(process.platform === 'win32')('that is none is refused and not waited for', () => {
    execFileSync('bash', ['-c', `mkfifo "${join(dir, 'fifo')}"`]);
    expect(() => readInput(join(dir, 'fifo'))).toThrow(
      'is a device or a pipe; give a regular file',
    );
    expect(() => readInput('/dev/zero')).toThrow('is a device or a pipe');
    expect(() => readInput(dir)).toThrow('is a folder; give a file');
    expect(() => readInput(join(dir, 'none'))).toThrow('does not exist; check the path');
  });

  it.skipIf(process.platform === 'win32')('that is none is not waited for anywhere', () => {
    const place = mkdtempSync(join(dir, 'pipes-'));
    execFileSync(
      'mkfifo',
      [...['a.py', 'bundle.json', 'beeg_config.json', 'tokenizer.json', 'b.py.json']].map((name) =>
        join(place, name),
      ),
    );
    const none = /is a device or a pipe/;
    expect(() => readCorpus([place])).toThrow('no usable .py files');
    expect(() => readBundle(place)).toThrow(none);
    expect(() => Tokenizer.load(join(place, 'tokenizer.json'))).toThrow(none);
    writeFileSync(join(place, 'final_model.pt'), '');
    expect(() => ModelFolder.open(place)).toThrow(none);
  });

  it('has a limit, which is said', () => {
    const large = given('large.py', Buffer.alloc(32 * 2 ** 20 + 1, 'x'));
    expect(() => readInput(large)).toThrow(/has 33554433 bytes, the limit is 33554432; cut it/);
  });

  it('of JSON may have a byte order mark, in UTF-8 or UTF-16', () => {
    expect(readJson(given('a.json', '\ufeff{"a": "é"}'))).toEqual({ a: 'é' });
    expect(readJson(given('a.json', Buffer.from('\ufeff{"a": 1}', 'utf16le')))).toEqual({ a: 1 });
    expect(() => readJson(given('a.json', '{'))).toThrow(/a\.json is not JSON; correct it$/);
  });
});

describe('a notebook', () => {
  const notebook = (value: object) => given('a.ipynb', JSON.stringify(value));
  const code = (source: string | string[], more: object = {}) => {
    return { cell_type: 'code', metadata: {}, source, ...more };
  };

  it('is its Python cells, one by one', () => {
    const cells = [
      { cell_type: 'markdown', source: '# Title' },
      code(['x = 1\r\n', 'y = 2']),
      code('%%bash\nls'),
      code('%%time\nsum(x)'),
      code('%matplotlib inline\n!ls\nz = 3'),
      code('alert(1)', { metadata: { vscode: { languageId: 'javascript' } } }),
    ];
    const texts = ['x = 1\ny = 2', '%%time\nsum(x)', '%matplotlib inline\n!ls\nz = 3'];
    expect(cellsOf(notebook({ nbformat: 4, metadata: {}, cells }))).toEqual(texts);
    const old = { worksheets: [{ cells: [{ cell_type: 'code', input: 'a = 1' }] }] };
    expect(cellsOf(notebook(old))).toEqual(['a = 1']);
  });

  it('of another language, or none at all, is refused', () => {
    const other = { metadata: { language_info: { name: 'R' } }, cells: [] };
    expect(() => cellsOf(notebook(other))).toThrow('is a notebook in R; give one in Python');
    expect(() => cellsOf(notebook({ cells: 3 }))).toThrow('is not a notebook');
    expect(() => cellsOf(given('a.ipynb', 'x'))).toThrow('is not JSON; give a notebook');
  });
});

describe('a folder', () => {
  const folder = join(dir, 'folder');
  mkdirSync(join(folder, 'inner'), { recursive: true });
  writeFileSync(join(folder, 'inner', 'a.py'), 'x = 1\n');
  writeFileSync(join(folder, 'bad.py'), Uint8Array.of(0xe9));
  writeFileSync(join(folder, 'n.ipynb'), '{"cells":[{"cell_type":"code","source":"y = 2"}]}');
  writeFileSync(join(dir, 'outside.py'), 'z = 3\n');
  symlinkSync(join(dir, 'outside.py'), join(folder, 'link.py'));
  symlinkSync(join(folder, 'inner', 'a.py'), join(folder, 'z-twice.py'));
  symlinkSync(folder, join(folder, 'inner', 'loop'));
  symlinkSync(join(dir, 'nothing'), join(folder, 'lost.py'));

  it('is what its links lead to, each file once, and one broken file does not end the work', async () => {
    const skipped: Skipped[] = [];
    const read: string[] = [];
    await eachSource(allSources([folder], skipped), skipped, (texts) => {
      read.push(...texts);
      return Promise.resolve();
    });
    expect(read.sort()).toEqual(['x = 1\n', 'y = 2', 'z = 3\n']);
    const reasons = skipped.map(
      ({ file, reason }) => `${file.slice(folder.length + 1)}: ${reason}`,
    );
    expect(reasons.sort()).toEqual([
      'bad.py: it is not in UTF-8; save it as UTF-8, or name its encoding in the first line',
      'lost.py: its symbolic link leads to nothing',
    ]);
  });

  it('that is named beside its own files, by links too, has each once, and what is named stays so', () => {
    const skipped: Skipped[] = [];
    const [outside, link] = [join(dir, 'outside.py'), join(folder, 'link.py')];
    const sources = allSources([folder, link, outside, folder], skipped);
    expect(sources).toHaveLength(allSources([folder], []).length);
    const once = sources.filter(({ path }) => [outside, link].includes(path));
    expect(once).toEqual([{ path: link, named: true }]);
    expect(skipped.map(({ file }) => file)).toEqual([join(folder, 'lost.py')]);
  });

  it('that cannot be looked at is said in words', () => {
    const circle = join(dir, 'circle.py');
    symlinkSync(circle, circle);
    for (const [path, reason] of [
      [join(dir, 'outside.py', 'x'), 'a file stands in its path where a folder should'],
      [circle, 'its symbolic links lead in a circle'],
      [join(dir, 'x'.repeat(300)), 'its name is too long'],
    ]) {
      let said = '';
      try {
        allSources([path], []);
      } catch (error) {
        said = oneLine(error);
      }
      expect(said).toBe(`${path}: ${reason}; check the path`);
      expect(() => readInput(path)).toThrow(`${path}: ${reason}; check the path`);
    }
  });

  it('goes on where the work on one of its files fails, and ends where that was named', async () => {
    const skipped: Skipped[] = [];
    const use = () => Promise.reject(new Error('no'));
    await eachSource([{ path: join(dir, 'outside.py'), named: false }], skipped, use);
    expect(skipped).toEqual([{ file: join(dir, 'outside.py'), reason: 'no' }]);
    const named = eachSource([{ path: join(dir, 'outside.py'), named: true }], [], use);
    await expect(named).rejects.toThrow('no');
  });
});
