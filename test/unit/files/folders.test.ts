/** What is written into a folder or through a link leaves everything of a person's alone. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addToCard, readBundle, writeBundle } from '../../../models/bundles/bundle';
import { finishReplacing, replaceFiles, writeFileAtomic } from '../../../models/files';
import { sampleParts } from '../bundles/sample';

const root = mkdtempSync(join(tmpdir(), 'circuitscope-folders-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const folder = () => mkdtempSync(join(root, 'x-'));

describe('a bundle whose card is changed', () => {
  it('keeps everything else in its folder, and the link that leads to it', () => {
    const dir = join(folder(), 'bundle');
    writeBundle(dir, sampleParts());
    for (const name of ['.git', 'notes']) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, 'mine'), 'mine');
    }
    const link = join(folder(), 'link');
    symlinkSync(dir, link);
    const before = readBundle(link).hash;
    addToCard(link, { added: 1 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readBundle(dir)).toMatchObject({ hash: before, card: { added: 1 } });
    for (const name of ['.git', 'notes']) {
      expect(readFileSync(join(dir, name, 'mine'), 'utf8')).toBe('mine');
    }
  });
});

describe('files that are replaced together', () => {
  it('change, come and go; nothing else does', () => {
    const dir = folder();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(dir, name), 'old');
    replaceFiles(dir, new Map([['a', 'new'], ['d', 'new']]), ['b', 'never']); // prettier-ignore
    expect(readdirSync(dir)).toEqual(['a', 'c', 'd']);
    expect(['a', 'c', 'd'].map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(
      ['new', 'old', 'new'], // prettier-ignore
    );
  });

  it('stay in their folder, whatever a journal says that somebody else wrote', () => {
    const outer = folder();
    const dir = join(outer, 'bundle');
    mkdirSync(dir);
    const mine = join(outer, 'mine');
    writeFileSync(mine, 'mine');
    writeFileSync(join(dir, 'own'), 'own');
    const journal = [
      ['../mine', null],
      ['..', null],
      ['../mine', '.own.new-1-0'],
      ['copy', '../mine'],
      ['copy', 'own'],
    ];
    writeFileSync(join(dir, '.replacing.json'), JSON.stringify(journal));
    finishReplacing(dir);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
    expect(readdirSync(dir)).toEqual(['own']);
  });

  it.each(['', '7', '{}', 'null', '[7, null]', '[['])(
    'refuse the journal %j in one line',
    (text) => {
      const dir = folder();
      writeFileSync(join(dir, '.replacing.json'), text);
      expect(() => {
        finishReplacing(dir);
      }).toThrow(/\.replacing\.json is damaged; remove it/);
    },
  );
});

describe('a file behind a symbolic link', () => {
  it('is replaced where it is, and the link stays', () => {
    const [elsewhere, dir] = [folder(), folder()];
    writeFileSync(join(elsewhere, 'file'), 'old');
    const link = join(dir, 'link');
    symlinkSync(join(elsewhere, 'file'), link);
    writeFileAtomic(link, 'new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('new');
    expect(existsSync(join(dir, 'file'))).toBe(false);
  });
});
