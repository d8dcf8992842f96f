/** From bytes to text, as Python decodes its source files (PEP 263). */
import { isUtf8 } from 'node:buffer';

/** First or second line that names an encoding, and a first line after which the second may. */
const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const BLANK = /^[ \t\f]*(#.*)?$/;

/** Python's names of encodings of one byte a character, by what the platform calls them. */
const LABELS: readonly (readonly [RegExp, string])[] = [
  [/^(iso-?8859-?|latin-?|l)([2-8]|1[0345])$/, 'iso-8859-$2'],
  [/^(cp|windows-?)?(125[013-8])$/, 'windows-$2'],
  [/^(cp|ibm)?866$/, 'ibm866'],
  [/^koi8-?r$/, 'koi8-r'],
];
/** What Windows 1252 has where Latin 1 has control characters, byte 0x80 first; a blank for none. */
const WESTERN = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
/** Latin 5 to 9 by the number of their standard. */
const LATIN: Readonly<Record<string, string>> = {
  ...{ latin5: 'iso-8859-9', latin6: 'iso-8859-10', latin7: 'iso-8859-13', latin8: 'iso-8859-14' },
  latin9: 'iso-8859-15',
};
/** Where ISO 8859-9 is not Latin 1. */
const TURKISH: Readonly<Record<string, string>> = {
  ...{ Ð: 'Ğ', Ý: 'İ', Þ: 'Ş', ð: 'ğ', ý: 'ı', þ: 'ş' },
};

/** An encoding that is not read here, whatever the bytes are. */
export class UnknownEncoding extends Error {
  override readonly name = 'UnknownEncoding';
}

/**
 * Text of a Python source file, without a byte order mark: in UTF-8, or in the encoding that its first
 * or second line names.
 * @param file what errors call it
 * @throws one line that says what is wrong and what to do
 */
export function decodePython(bytes: Uint8Array, file: string): string {
  const mark = markOf(bytes);
  if (mark === 'utf-16le' || mark === 'utf-16be') {
    throw new UnknownEncoding(`${file} is in UTF-16, which Python does not read; save it as UTF-8`);
  }
  if (bytes.includes(0)) throw new Error(`${file} is binary; give a Python file`);
  const name = cookieOf(bytes);
  if (name === null || name === 'utf-8') return decodeUtf8(bytes, file, name !== null);
  if (mark !== null) {
    throw new Error(`${file} begins with the mark of UTF-8 and names ${name}; remove one`);
  }
  const text = decodeSingleByte(bytes, name);
  if (text === undefined) {
    throw new UnknownEncoding(
      `${file} names the encoding ${name}, which is not known here; save it as UTF-8`,
    );
  }
  if (text !== null) return text;
  throw new Error(`${file} is not in ${name}, which it names; save it as UTF-8`);
}

/** Text of a file that is not Python: in UTF-8, or in UTF-16 with a byte order mark. */
export function decodeUnicode(bytes: Uint8Array, file: string): string {
  const mark = markOf(bytes);
  if (mark === null || mark === 'utf-8') return decodeUtf8(bytes, file, false);
  try {
    return new TextDecoder(mark, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${file} is no whole text in UTF-16; save it as UTF-8`, { cause: error });
  }
}

function decodeUtf8(bytes: Uint8Array, file: string, named: boolean): string {
  if (!isUtf8(bytes)) {
    throw new Error(
      `${file} is not in UTF-8${named ? ', which it names' : ''}; save it as UTF-8${named ? '' : ', or name its encoding in the first line'}`,
    );
  }
  return new TextDecoder().decode(bytes);
}

/** The encoding that a byte order mark means; null without one. */
function markOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : null;
}

/** Name of the encoding that the first two lines say; null when they say none. */
function cookieOf(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 1024))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  const [first, second = ''] = head.split(/\r\n|\r|\n/, 2);
  const found = COOKIE.exec(first) ?? (BLANK.test(first) ? COOKIE.exec(second) : null);
  if (!found) return null;
  const name = found[1].toLowerCase().replaceAll('_', '-');
  if (/^(utf-?8|u8)(-.*)?$/.test(name)) return 'utf-8';
  if (/^(latin-?1|iso-?8859-?1|iso-latin-1|l1|cp819)(-.*)?$/.test(name)) return 'latin-1';
  return name;
}

/** Text in an encoding of one byte a character; null where Python would refuse, undefined where it is not known. */
function decodeSingleByte(bytes: Uint8Array, name: string): string | null | undefined {
  const latin = () => Buffer.from(bytes).toString('latin1');
  if (name === 'latin-1') return latin();
  if (/^(us-?)?ascii$/.test(name)) return bytes.every((byte) => byte < 0x80) ? latin() : null;
  if (/^(cp|windows-?)?1252$/.test(name)) {
    const text = latin().replace(/[\x80-\x9f]/g, (char) =>
      WESTERN[char.charCodeAt(0) - 0x80].trim(),
    );
    return text.length === bytes.length ? text : null;
  }
  const plain = LATIN[name.replace('-', '')] ?? name;
  if (/^iso-?8859-?9$/.test(plain)) return latin().replace(/[ÐÝÞðýþ]/g, (char) => TURKISH[char]);
  const label = LABELS.find(([pattern]) => pattern.test(plain));
  if (!label) return undefined;
  const encoding = plain.replace(...label);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // What these leave undefined, browsers read as control characters, and Python does not.
    const undefinedBytes = encoding === 'windows-1253' ? /[\x80-\x9fª]/ : /[\x80-\x9f]/;
    return encoding.startsWith('windows') && undefinedBytes.test(text) ? null : text;
  } catch {
    return null;
  }
}
