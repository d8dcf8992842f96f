import * as fs from 'node:fs';
import * as path from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const PERMISSIVE = [
  'PSF-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'MIT',
  'Apache-2.0',
  'ISC',
  'Unlicense',
  'LicenseRef-matplotlib',
  'LicenseRef-Biopython',
] as const;

/** Held out from the first model on; losses on them are compared across models. */
const FIRST_HELD_OUT = ['aiohttp', 'attr', 'click', 'flask', 'networkx', 'requests', 'tornado'];
const schema = v.array(
  v.strictObject({
    name: v.string(),
    version: v.string(),
    licence: v.picklist(PERMISSIVE),
    part: v.picklist(['train', 'heldout', 'heldout-newer']),
    note: v.optional(v.string()),
  }),
);

test('the corpus is made of permissively licensed packages, some of them held out', () => {
  const file = path.join(import.meta.dirname, '../../../models/training/corpus/debian.json');
  const packages = v.parse(schema, JSON.parse(fs.readFileSync(file, 'utf8')));
  const names = packages.map((entry) => entry.name);
  expect(names).toEqual([...new Set(names)].sort());
  const namesOf = (part: string) =>
    packages.filter((entry) => entry.part === part).map((entry) => entry.name);
  expect(namesOf('heldout')).toEqual(FIRST_HELD_OUT.map((name) => `python3-${name}`));
  expect(namesOf('heldout').length + namesOf('heldout-newer').length).toBeGreaterThanOrEqual(12);
});
