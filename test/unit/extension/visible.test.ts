import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeMarkdown, escapeMarkdown, visible } from '../../../extension/text/visible';

const hostile = [
  '`',
  '``` \n',
  '|',
  '||\n|--|',
  '<script>alert(1)</script>',
  '</code><img src=x onerror=alert(1)>',
  '](command:workbench.action.terminal.new)',
  '[x](command:evil "t")',
  '![x](https://example.com/x.png)',
  'https://example.com www.example.com me@example.com',
  '$(trash)',
  '\u202e\u2066abc',
  'שלום',
  '&lt;b&gt; &#60;',
  '\\[\\]',
  '# heading\n---\n* list',
  '\ud800',
  '\u0301',
  '\u00a0\u2003\u200b\ufeff',
];

/** What is left of numeric references when they are read once, as a browser does. */
const read = (markdown: string) =>
  markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

describe('visible', () => {
  it('shows blanks as dots and escapes what cannot be seen', () => {
    expect(visible('  if\t')).toBe('··if\\t');
    expect(visible('a\u202eb\u00a0\u200b')).toBe('a\\u{202e}b\\u{a0}\\u{200b}');
    expect(visible('\ud800')).toBe('\\u{d800}');
    expect(visible('\u0301')).toBe('\\u{301}');
    expect(visible('e\u0301')).toBe('e\u0301');
  });

  it('cuts long tokens at whole characters', () => {
    expect(visible('😀'.repeat(50))).toBe('😀'.repeat(40) + '…');
  });

  it('leaves nothing invisible in any text', () => {
    const invisible = /[\p{C}\p{Z}]/u;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(invisible.test(visible(text))).toBe(false);
      }),
    );
  });
});

describe('escapeMarkdown', () => {
  it.each(hostile)('leaves no markup of %j', (text) => {
    const escaped = escapeMarkdown(text);
    expect(escaped).toMatch(/^([A-Za-z0-9]|&#\d+;)*$/);
    expect(read(escaped).replace(/^\u2068|\u2069$/g, '')).toBe(text);
  });

  it('is read back as the same text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).toMatch(/^([A-Za-z0-9]|&#\d+;)*$/);
        expect(read(escaped).replace(/^\u2068|\u2069$/g, '')).toBe(text);
      }),
    );
  });

  it('keeps right-to-left text to itself', () => {
    expect(escapeMarkdown('שלום')).toMatch(/^&#8296;.*&#8297;$/);
    expect(escapeMarkdown('abc')).toBe('abc');
  });
});

it('puts tokens into code whose end no token can write', () => {
  for (const text of hostile) {
    expect(codeMarkdown(text)).toMatch(/^<code>[A-Za-z0-9&#;]*<\/code>$/);
  }
});
