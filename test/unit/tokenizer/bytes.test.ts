import { expect, test } from 'vitest';
import {
  BYTE_CHARS,
  bytesToToken,
  printableBytes,
  tokenToBytes,
} from '../../../models/tokenizer/bytes';

test('the byte alphabet is the one of GPT-2', () => {
  expect(new Set(BYTE_CHARS).size).toBe(256);
  expect([0x20, 0x0a, 0x41, 0x7f, 0xad, 0xff].map((byte) => BYTE_CHARS[byte])).toEqual([
    'Ġ',
    'Ċ',
    'A',
    'ġ',
    'Ń',
    'ÿ',
  ]);
});

test('tokens and bytes convert both ways', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(tokenToBytes(bytesToToken(bytes))).toEqual(bytes);
  expect(() => tokenToBytes('a b')).toThrow('token "a b" is not byte-level');
});

test.each([
  ['\n    ', '\\n    '],
  ['\t\r\x1b', '\\t\\r\\x1b'],
  ['\\n', '\\\\n'],
  ['é€😀', 'é€😀'],
])('%j is printed as %s', (text, printed) => {
  expect(printableBytes(new TextEncoder().encode(text))).toBe(printed);
});

test.each([
  [[0xe2], '\\xe2'],
  [[0x82, 0xac], '\\x82\\xac'],
  [[0x41, 0xe2, 0x82], 'A\\xe2\\x82'],
  [[0xc0, 0x80], '\\xc0\\x80'],
  [[0xff], '\\xff'],
])('the bytes %j, which are no whole characters, are escaped', (bytes, printed) => {
  expect(printableBytes(Uint8Array.from(bytes))).toBe(printed);
});
