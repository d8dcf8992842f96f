import { describe, expect, it } from 'vitest';
import { titleParts, titleText, type Titled } from '../../../shared/title';
import { TERMS } from '../../../webview/terms';

const next: Titled = {
  mode: 'next',
  cursor: { text: '·bool' },
  reader: { text: '·bool' },
  target: { text: ':', observed: true },
  contrast: null,
};

describe('the title of a prediction', () => {
  it('says what comes after which token', () => {
    expect(titleText(next)).toBe('‘:’ after ‘·bool’');
    expect(titleText({ ...next, contrast: { text: ',' } })).toBe('‘:’ and not ‘,’ after ‘·bool’');
  });

  it('asks why a token came, as long as the question is about that token', () => {
    const why = { ...next, mode: 'why', cursor: { text: ':' } } as const;
    expect(titleText(why)).toBe('Why ‘:’ after ‘·bool’?');
    expect(titleText({ ...why, target: { text: ',', observed: false } })).toBe('‘,’ after ‘·bool’');
    expect(titleText({ ...why, contrast: { text: ',' } })).toBe('‘:’ and not ‘,’ after ‘·bool’');
  });

  it('keeps texts of tokens apart from its own words', () => {
    const parts = titleParts({ ...next, target: { text: ' after ', observed: true } });
    expect(parts.filter(({ token }) => token).map(({ text }) => text)).toEqual([
      ' after ',
      '·bool',
    ]);
  });
});

it('every word of the field is explained in one sentence', () => {
  for (const text of Object.values(TERMS)) {
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(text.replace(/\d\.\d/g, '').match(/[.!?](\s|$)/g)).toHaveLength(1);
  }
});
