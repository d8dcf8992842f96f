import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FEATURES, type Feature } from '../../../models/training/corpus/features';

interface Part {
  packages: number;
  files: number;
  tokens: number;
  bytes: number;
  skipped: Record<string, number>;
  features: Record<Feature, number>;
}
const data = JSON.parse(readFileSync('docs/corpus.json', 'utf8')) as {
  parts: Record<string, Part>;
  identifiers: number;
};
const text = readFileSync('docs/corpus.md', 'utf8');
/** Cells of the table rows that begin with a name. */
const rows = (name: string) =>
  text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells[1] === name)
    .map((cells) => cells.slice(2, -1));

it('the document on the corpus says what was measured', () => {
  for (const [name, part] of Object.entries(data.parts)) {
    const { packages, files, tokens, bytes, features } = part;
    const shares = FEATURES.map((f) => `${((100 * features[f]) / files).toFixed(1)} %`);
    expect(rows(`\`${name}\``)).toEqual([[packages, files, tokens, bytes].map(String), shares]);
  }
  const { skipped, features } = data.parts.train;
  for (const reason of ['generated', 'near duplicate', 'copyleft']) {
    const row = text.split('\n').find((line) => line.startsWith(`| ${reason}: `));
    expect(row).toMatch(new RegExp(` ${skipped[reason]} \\|$`));
  }
  expect(text).toContain(`in ${features.match} files of \`train\``);
  expect(text).toContain(`the ${data.identifiers} variable-like identifiers`);
});

it('the packages of the document are those of the list', () => {
  const list = JSON.parse(readFileSync('models/training/corpus/debian.json', 'utf8')) as {
    part: string;
  }[];
  for (const [name, { packages }] of Object.entries(data.parts)) {
    expect(list.filter(({ part }) => part === name)).toHaveLength(packages);
  }
});
