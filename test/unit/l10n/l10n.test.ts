/** Every text that people read is there in every language that is shipped, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_WORDS } from '../../../models/transformer/nodes';
import { ROOT, textsOf } from './texts';

const table = (file: string) =>
  JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Record<string, string>;
const chinese = table('l10n/bundle.l10n.zh-cn.json');
const manifest = { english: table('package.nls.json'), chinese: table('package.nls.zh-cn.json') };

// models/ speaks English; of what it tells, sentences and names of nodes are templates.
const { known, unknowable, english } = textsOf([
  ...['extension', 'webview', 'shared'],
  'models/labels/explain',
]);
for (const text of Object.values(NODE_WORDS)) known.set(text, 'NODE_WORDS');

/** `{0}`, and in texts of the manifest the commands that it links to. */
function places(text: string): string[] {
  return [...text.matchAll(/\{\d+\}|\(command:[^)]*\)|`[^`]*`/g)].map(([place]) => place).sort();
}

const letters = (text: string) => /\p{L}/u.test(text.replace(/\{\d+\}/g, ''));

describe('the texts in the code', () => {
  it('are many, and each is looked up as it stands there', () => {
    expect(known.size).toBeGreaterThan(600);
    expect(unknowable).toEqual([]);
  });

  it('are all looked up', () => {
    expect(english).toEqual([]);
  });

  it('are there in Chinese, and nothing else is', () => {
    const missing = [...known].filter(([text]) => !Object.hasOwn(chinese, text));
    expect(missing.map(([text, where]) => `${where}: ${text}`)).toEqual([]);
    expect(Object.keys(chinese).filter((text) => !known.has(text))).toEqual([]);
  });

  it.each(Object.entries(chinese))('%j has the same places in Chinese', (text, translation) => {
    expect(places(translation.replaceAll('`', ''))).toEqual(places(text.replaceAll('`', '')));
    expect(translation.trim() !== '' || text.trim() === '').toBe(true);
    if (letters(text) && text !== 'L{0} MLP') expect(translation).not.toBe(text);
  });
});

describe('the texts of the manifest', () => {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const used = [...text.matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key);

  it('are there in English and in Chinese, and nothing else is', () => {
    const keys = [...new Set(used)].sort();
    expect(keys.length).toBeGreaterThan(80);
    expect(Object.keys(manifest.english).sort()).toEqual(keys);
    expect(Object.keys(manifest.chinese).sort()).toEqual(keys);
  });

  it.each(Object.entries(manifest.english))('%s links to the same commands', (key, own) => {
    const links = (text: string) => places(text).filter((place) => place.startsWith('(command'));
    expect(links(manifest.chinese[key])).toEqual(links(own));
    expect(manifest.chinese[key]).toMatch(/\p{Script=Han}/u);
  });

  it('are translated as they are in the code', () => {
    for (const [key, own] of Object.entries(manifest.english)) {
      if (Object.hasOwn(chinese, own)) expect(manifest.chinese[key], own).toBe(chinese[own]);
    }
  });

  it('stand nowhere else', () => {
    const { contributes } = JSON.parse(text) as { contributes: unknown };
    const shown = /^(title|description|markdownDescription|contents|name)$/;
    const plain: string[] = [];
    JSON.stringify(contributes, (key, value: unknown) => {
      if (shown.test(key) && typeof value === 'string' && !/^%.*%$|^Circuitscope$/.test(value)) {
        plain.push(value);
      }
      return value;
    });
    expect(plain).toEqual([]);
  });
});
