/** Every word of the field is explained somewhere in the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TERMS } from '../../../webview/terms';

const folder = join(import.meta.dirname, '../../../webview');
const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && name !== 'terms.ts')
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

describe('the words of the field', () => {
  it.each(Object.entries(TERMS))(
    '%s is one sentence, shown where the word stands',
    (term, text) => {
      expect(text).toMatch(/^[A-Z].*\.$/);
      const places = [`TERMS.${term}`, `of="${term}"`, `term="${term}"`, `term: '${term}'`, `['${term}',`]; // prettier-ignore
      expect(places.filter((place) => code.includes(place))).not.toEqual([]);
    },
  );

  it('are those that a newcomer meets', () => {
    const wanted = [
      'node',
      'channel',
      'nats',
      'effect',
      'sink',
      'query',
      'mean',
      'activation',
      'edge',
      'token',
    ];
    expect(Object.keys(TERMS)).toEqual(expect.arrayContaining(wanted));
  });
});
