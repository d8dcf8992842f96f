/** What the pages say of copied names, against what was measured. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Row {
  readonly role: string;
  readonly names: string;
  readonly first: number;
  readonly whole: number;
}
interface Measured {
  readonly models: readonly {
    readonly name: string;
    readonly hash: string;
    readonly rows: readonly Row[];
  }[];
}

const read = (file: string) => readFileSync(file, 'utf8');
const { models } = JSON.parse(read('docs/results/data/copying.json')) as Measured;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const mean = (rows: readonly Row[], key: 'first' | 'whole') =>
  rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
/** Means over roles: of names of one token, then of several. */
const means = models.map(({ rows }) =>
  ['one token', 'many tokens'].map((names) => {
    const own = rows.filter((row) => row.names === names);
    return { names, first: mean(own, 'first'), whole: mean(own, 'whole') };
  }),
);

it('the table has every row, and the models are those that ship', () => {
  const page = read('docs/corpus.md');
  for (const { name, hash } of models) {
    expect(JSON.parse(read(`models/bundles/${name}/bundle.json`)), name).toMatchObject({ hash });
  }
  const [sparse, dense] = models.map(({ rows }, i) => [
    ...rows,
    ...means[i].map((row) => ({ role: 'all', ...row })),
  ]);
  expect(sparse).toHaveLength(12);
  for (const [i, { role, names, first, whole }] of sparse.entries()) {
    const cells = [first, whole, dense[i].first, dense[i].whole].map(percent);
    const pattern = ` *${role}, ${names} *\\| *${cells.join(' *\\| *')} *\\|`;
    expect(page).toMatch(new RegExp(pattern));
  }
});

it('the sentences have its means, and the hardest role', () => {
  const [[one, many], [denseOne, denseMany]] = means;
  const page = read('docs/models.md');
  expect(page).toContain(
    `right in ${percent(one.first)} of places for names of one token, and in ${percent(many.first)} for names of several; the whole name is right in ${percent(one.whole)} and ${percent(many.whole)}`,
  );
  expect(page).toContain(`${percent(denseOne.whole)} and ${percent(denseMany.whole)} whole`);
  const [low, high] = [one.whole, many.whole].sort((a, b) => a - b).map(percent);
  expect(read('README.md')).toContain(`copies ${low.replace(' %', '')} to ${high} whole`);
  const whole = new Map<string, number>();
  for (const row of models[0].rows) whole.set(row.role, (whole.get(row.role) ?? 0) + row.whole);
  const [hardest] = [...whole].sort(([, a], [, b]) => a - b);
  expect(hardest[0]).toBe('loop');
  expect(page).toContain('Names in loops are the hardest.');
});
