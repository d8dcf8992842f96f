/** Pages that name tests name tests that there are. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((path) => `/${path}`);

it.each([
  ['docs/known-reports.md', 50],
  ['CONTRIBUTING.md', 40],
  ['SECURITY.md', 8],
])('%s names no test that is not there', (page, least) => {
  const named = [
    ...readFileSync(page, 'utf8').matchAll(/`((?:test\/)?[\w/]+\.(?:test\.)?ts)`/g),
  ].map(([, name]) => name.replace(/^test\//, ''));
  // Files of the program stand in these pages too.
  const of = named.filter((name) => page.startsWith('docs') || name.endsWith('.test.ts'));
  expect(of.length).toBeGreaterThan(least);
  const missing = of.filter((name) => !tests.some((path) => path.endsWith(`/${name}`)));
  expect([...new Set(missing)]).toEqual([]);
});
