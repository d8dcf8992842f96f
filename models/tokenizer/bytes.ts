/**
 * The byte alphabet of byte-level BPE files: every byte has a printable character, so that tokens
 * can stand in JSON. Printable Latin-1 bytes stand for themselves, the others for U+0100 onwards
 * (the convention of GPT-2's vocabulary).
 */

/** The character of each byte, [256]. */
export const BYTE_CHARS: readonly string[] = byteChars();

const CHAR_BYTES = new Map(BYTE_CHARS.map((char, byte) => [char, byte]));

function byteChars(): string[] {
  const chars: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    chars.push(String.fromCharCode(printable ? byte : next++));
  }
  return chars;
}

/** The bytes of a token as it is written in the file. Throws if a character is not a byte's. */
export function tokenToBytes(token: string): Uint8Array {
  return Uint8Array.from(token, (char) => {
    const byte = CHAR_BYTES.get(char);
    if (byte === undefined) throw new Error(`token ${JSON.stringify(token)} is not byte-level`);
    return byte;
  });
}

/** Bytes as they are written in the file. */
export function bytesToToken(bytes: Uint8Array): string {
  let token = '';
  for (const byte of bytes) token += BYTE_CHARS[byte];
  return token;
}

/**
 * Bytes as a person may read them: whole characters as they are, control characters and bytes that
 * are no whole character as escapes (`\n`, `\x1b`, `\xe2`), a backslash as two.
 */
export function printableBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    text +=
      length === 0
        ? hexEscape(bytes[at])
        : printableChar(decodeUtf8(bytes.subarray(at, at + length)));
    at += Math.max(1, length);
  }
  return text;
}

/** UTF-8 to text; a byte-order mark is kept, malformed bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Length in bytes of the whole UTF-8 character that begins here; 0 if none does. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  const length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

function printableChar(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  if (char === '\\') return '\\\\';
  const code = char.codePointAt(0)!;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ? hexEscape(code) : char;
}

function hexEscape(byte: number): string {
  return '\\x' + byte.toString(16).padStart(2, '0');
}
