/** What the page of models says of text that nobody trained on, against what was measured. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Measured {
  readonly models: readonly {
    readonly name: string;
    readonly hash: string;
    readonly nats_per_token: number;
    readonly first_share: number;
    readonly first_five_share: number;
    readonly bigram_nats_per_token: number;
  }[];
}

const read = (file: string) => readFileSync(file, 'utf8');

it('the page of models gives the losses and ranks that were measured on Flask, with the models that ship', () => {
  const { models } = JSON.parse(read('docs/results/data/flask.json')) as Measured;
  const [sparse, dense] = models;
  for (const { name, hash } of models) {
    const bundle = JSON.parse(read(`models/bundles/${name}/bundle.json`)) as { hash: string };
    expect(bundle.hash, name).toBe(hash);
  }
  const page = read('docs/models.md');
  const row = [sparse.nats_per_token, dense.nats_per_token, sparse.bigram_nats_per_token];
  const cells = row.map((one) => `\\| ${one.toFixed(3)} +`).join('');
  expect(page).toMatch(new RegExp(`^\\| Flask [^|]*${cells}\\|$`, 'm'));
  const shares = [sparse.first_share, sparse.first_five_share];
  const [first, five] = shares.map((share) => `${(100 * share).toFixed(1)} %`);
  expect(page).toContain(`first in ${first} of places, and among its top five in ${five}`);
});
