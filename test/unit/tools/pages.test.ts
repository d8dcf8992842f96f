/** Pages that people read: what leads to a page leads to one that the reader has, and the README is short. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow } from '../../../models/inputFolder';
import { linksOf } from '../../support/links';

const read = (file: string) => readFileSync(file, 'utf8');
const below = (folder: string, end: string) => filesBelow(folder, (name) => name.endsWith(end), []);
const deadIn = (file: string) =>
  linksOf(read(file)).filter((link) => !existsSync(join(dirname(file), link)));
const own = readdirSync('.').filter((name) => name.endsWith('.md'));

it.each([...own, ...below('docs', '.md'), ...below('samples', '.md')])(
  'links of %s lead somewhere',
  (file) => {
    expect(deadIn(file)).toEqual([]);
  },
);

it.each([...own, ...below('docs', '.md')])('commands of %s take what ships or was made', (file) => {
  const commands = Array.from(
    read(file).matchAll(/^```sh\n([^]*?)^```/gm),
    ([, block]) => block,
  ).join('');
  const takes = (option: RegExp) => Array.from(commands.matchAll(option), ([, name]) => name);
  const made = takes(/--out (\S+)/g);
  const isThere = (name: string) =>
    existsSync(join('models/bundles', name, 'bundle.json')) ||
    made.some((out) => name === out || name === `${out}/bundle`);
  expect(takes(/--(?:bundle|from) (\S+)/g).filter((name) => !isThere(name))).toEqual([]);
  const own = takes(/ ((?:models|samples|docs)\/\S+)/g);
  expect(own.filter((path) => !existsSync(path))).toEqual([]);
});

describe('in the .vsix, which has no docs/', () => {
  it.each(['CHANGELOG.md', ...below('models/bundles', 'README.md')])('%s leads nowhere', (file) => {
    expect(linksOf(read(file))).toEqual([]);
  });

  it('the page of the extension has pictures alone, which packing takes out or finds', () => {
    const text = read('EXTENSION.md').replace(/^!\[[^\]]*\]\([^)]*\)$/gm, '');
    expect(linksOf(text)).toEqual([]);
    expect(text).not.toMatch(/docs\//);
  });

  it('pages of the walkthrough lead to what lies beside them', () => {
    const pages = below('media', '.md');
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.flatMap(deadIn)).toEqual([]);
  });

  it('no message names a page', () => {
    const files = [
      ...['package.json', 'package.nls.json', 'package.nls.zh-cn.json', ...below('l10n', '.json')],
      ...['extension', 'webview', 'shared', 'models'].flatMap((folder) => below(folder, '.ts')),
    ].filter((file) => !file.startsWith(join('models', 'cli')));
    expect(files.length).toBeGreaterThan(300);
    expect(files.filter((file) => /docs\/[a-z]/.test(read(file)))).toEqual([]);
  });
});

it('points of README.md take two lines at most', () => {
  const points = read('README.md').match(/^- .*$/gm)!;
  expect(points.length).toBeGreaterThan(10);
  expect(points.filter((point) => point.length > 240)).toEqual([]);
});
