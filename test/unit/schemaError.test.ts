import * as v from 'valibot';
import { expect, it } from 'vitest';
import { schemaError } from '../../models/schemaError';

const Schema = v.strictObject({
  name: v.string(),
  count: v.pipe(v.number(), v.integer('a whole number is wanted')),
  kinds: v.array(v.picklist(['mean', 'zero'])),
});

it.each([
  [{}, 'name: it is missing'],
  [{ name: 3 }, 'name: it is 3, and should be a string'],
  [{ name: 'x', count: 1.5, kinds: [] }, 'count: a whole number is wanted'],
  [
    { name: 'x', count: 1, kinds: ['mode'] },
    "kinds.0: it is 'mode', and should be 'mean' or 'zero'",
  ],
  [{ name: 'x', count: 1, kinds: [], more: 1 }, 'more: it is not known here'],
  [7, 'the line: it is 7, and should be an object'],
])('what is wrong with %j is said in words', (data, words) => {
  const { issues } = v.safeParse(Schema, data);
  expect(schemaError(issues![0], 'the line')).toBe(words);
});
