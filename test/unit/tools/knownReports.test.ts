/** The page about reports of neighbours names tests that there are. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync('docs/known-reports.md', 'utf8');
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((path) => `/${path}`);

it('names no test that is not there', () => {
  const named = [...page.matchAll(/`([\w/]+\.(?:test\.)?ts)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter((name) => !tests.some((path) => path.endsWith(`/${name}`)));
  expect([...new Set(missing)]).toEqual([]);
});
