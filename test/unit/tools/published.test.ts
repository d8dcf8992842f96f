/** What a pack says of where its source is: given once, by whoever packs. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packFolder } from '../../../tools/package.mjs';
import { findsPictures, repositoryFields, withFields } from '../../../tools/published.mjs';
import { zipEntries } from '../../e2e/zip';

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-published-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the address of a repository', () => {
  it.each([
    ['https://github.com/some/thing', 'https://github.com/some/thing', 'issues'],
    ['https://github.com/some/thing.git', 'https://github.com/some/thing', 'issues'],
    ['https://gitlab.com/group/sub/thing/', 'https://gitlab.com/group/sub/thing', '-/issues'],
    ['https://code.example.org:8443/a/b', 'https://code.example.org:8443/a/b', 'issues'],
  ])('%s fills three fields', (address, page, issues) => {
    expect(repositoryFields(address)).toEqual({
      repository: { type: 'git', url: `${page}.git` },
      bugs: { url: `${page}/${issues}` },
      homepage: `${page}#readme`,
    });
  });

  it.each([
    ['http://github.com/some/thing', /is no https address/],
    ['git@github.com:some/thing.git', /is no address/],
    ['ssh://git@github.com/some/thing', /is no https address/],
    ['file:///home/me/thing', /is no https address/],
    ['javascript:alert(1)', /is no https address/],
    ['github.com/some/thing', /is no address/],
    ['', /is no address/],
    ['https://github.com', /names no repository/],
    ['https://github.com/some', /names no repository/],
    ['https://localhost/some/thing', /names no repository/],
    ['https://me:secret@github.com/some/thing', /has a name or password/],
    ['https://github.com/some/thing?tab=readme', /has a query/],
    ['https://github.com/some/ thing', /is no address/],
  ])('%j is refused', (address, message) => {
    expect(() => repositoryFields(address)).toThrow(message);
  });
});

describe('a folder that is packed', () => {
  const dir = join(folder, 'extension');
  const manifest = { name: 'thing', publisher: 'me', version: '1.0.0', engines: { vscode: '*' } };
  const text = JSON.stringify(manifest);
  mkdirSync(dir);
  writeFileSync(join(dir, 'package.json'), text);
  writeFileSync(join(dir, 'README.md'), '# Thing\n\n![A thing](docs/thing.png)\n');
  const fields = repositoryFields('https://github.com/some/thing');

  it('has the fields in its manifests and its pictures from there, and is left as it was', async () => {
    const out = join(folder, 'thing.vsix');
    await withFields(dir, fields, () => packFolder(dir, out, ['--skip-license']));
    const packed = new Map(zipEntries(out).map((entry) => [entry.name, entry.text]));
    const own = JSON.parse(packed.get('extension/package.json')!()) as object;
    expect(own).toEqual({ ...manifest, ...fields });
    const links = packed.get('extension.vsixmanifest')!();
    expect(links).toContain('Links.Support" Value="https://github.com/some/thing/issues"');
    expect(links).toContain('Links.Learn" Value="https://github.com/some/thing#readme"');
    expect(packed.get('extension/readme.md')!()).toContain(
      '![A thing](https://github.com/some/thing/raw/HEAD/docs/thing.png)',
    );
    expect(readFileSync(join(dir, 'package.json'), 'utf8')).toBe(text);
    expect(existsSync(join(dir, 'package.json.new'))).toBe(false);
  });

  it('is left as it was when the work fails', async () => {
    const failing = withFields(dir, fields, () => Promise.reject(new Error('no room')));
    await expect(failing).rejects.toThrow('no room');
    expect(readFileSync(join(dir, 'package.json'), 'utf8')).toBe(text);
  });

  it('finds its pictures by an address whose raw files are known', () => {
    expect(findsPictures(manifest as object)).toBe(false);
    expect(findsPictures(fields)).toBe(true);
    expect(findsPictures(repositoryFields('https://code.example.org/a/b'))).toBe(false);
  });
});
