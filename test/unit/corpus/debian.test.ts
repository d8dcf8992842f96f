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
  'LicenseRef-matplotlib',
] as const;
const schema = v.array(
  v.strictObject({
    name: v.string(),
    version: v.string(),
    licence: v.picklist(PERMISSIVE),
    heldOut: v.boolean(),
    note: v.optional(v.string()),
  }),
);

test('the corpus is made of permissively licensed packages, some of them held out', () => {
  const file = path.join(import.meta.dirname, '../../../models/training/corpus/debian.json');
  const packages = v.parse(schema, JSON.parse(fs.readFileSync(file, 'utf8')));
  const names = packages.map((entry) => entry.name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(packages.filter((entry) => entry.heldOut).length).toBeGreaterThan(3);
});
