/** Where development tools write: below the checkout, in one cache folder, or in a temporary folder that goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const tools = readdirSync('tools', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => ({ name, code: readFileSync(join('tools', name), 'utf8') }));
const those = (of: RegExp) => tools.filter(({ code }) => of.test(code)).map(({ name }) => name);

it('is known of every tool that there is', () => {
  expect(tools.length).toBeGreaterThan(15);
});

it('is the home of nobody but by the one that names the cache folder', () => {
  expect(those(/\bhomedir\b|\benv\.HOME\b|XDG_CACHE_HOME \|\||LOCALAPPDATA/)).toEqual([
    'cache.mjs',
  ]);
});

it('is a temporary folder only where the same tool removes it', () => {
  const making = those(/\btmpdir\(/);
  expect(making).toEqual(expect.arrayContaining(['package.mjs', 'start.mjs']));
  for (const { name, code } of tools.filter((tool) => making.includes(tool.name))) {
    expect(code.match(/\btmpdir\(/g), name).toEqual(code.match(/mkdtempSync\(join\(tmpdir\(/g)!.map(() => 'tmpdir(')); // prettier-ignore
    expect(code, name).toMatch(/rmSync\(scratch, \{ recursive: true/);
  }
});
