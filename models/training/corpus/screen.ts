/** Which files of a corpus are worth reading, judged one by one. */
import { decodePython, UnknownEncoding } from '../../encodings';
import { withLineFeeds } from '../../tokenizer/lineEnds';

/** Why a file is left out. */
export type SkipReason =
  | 'cannot be read'
  | 'not text'
  | 'other encoding'
  | 'binary'
  | 'too short'
  | 'too long'
  | 'long lines'
  | 'mostly digits'
  | 'mostly data'
  | 'duplicate'
  | 'near duplicate'
  | 'generated'
  | 'copyleft';

/** Limits on files; sizes in bytes, lines in UTF-16 code units, shares between 0 and 1. */
const LIMITS = {
  minBytes: 300,
  maxBytes: 60_000,
  maxLine: 1000,
  maxDigitShare: 0.2,
  /** Share of lines that are rows of a table: quoted or numeric literals and nothing else. */
  maxRowShare: 0.5,
} as const;

/** The text of a file, with `\n` line ends and no byte-order mark, or why it is left out. */
export function screenFile(bytes: Uint8Array): { text: string } | { skip: SkipReason } {
  if (bytes.length < LIMITS.minBytes) return { skip: 'too short' };
  if (bytes.length > LIMITS.maxBytes) return { skip: 'too long' };
  const isUtf16 = (bytes[0] ^ bytes[1]) === 1 && bytes[0] >= 0xfe;
  if (bytes.includes(0) && !isUtf16) return { skip: 'binary' };
  try {
    const text = withLineFeeds(decodePython(bytes, ''));
    const skip = contentProblem(text);
    return skip ? { skip } : { text };
  } catch (error) {
    return { skip: error instanceof UnknownEncoding ? 'other encoding' : 'not text' };
  }
}

/**
 * Why a text is not trained on, beyond what every file has to be: its first lines say that a program
 * wrote it, or name a licence that is not permissive.
 */
export function trainingProblem(text: string): SkipReason | undefined {
  const head = text.slice(0, HEAD);
  if (GENERATED.test(head)) return 'generated';
  return COPYLEFT.test(head) ? 'copyleft' : undefined;
}

/** UTF-16 units in which a file says what it is. */
const HEAD = 2000;
/** In a comment, or on the first line of a docstring. */
const GENERATED =
  /^(?:\s*#|["']{3}).*(?:auto-?generated|automatically generated|generated (?:by|from|using|with)\b|do not edit|@generated)/im;
const COPYLEFT =
  /GNU (?:Lesser |Library |Affero )?General Public|\b[AL]?GPL|Mozilla Public License/;

function contentProblem(text: string): SkipReason | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.some((line) => line.length > LIMITS.maxLine)) return 'long lines';
  const digits = text.match(/\d/g)?.length ?? 0;
  const visible = text.match(/\S/g)?.length ?? 0;
  if (digits > LIMITS.maxDigitShare * visible) return 'mostly digits';
  const rows = lines.filter(isTableRow).length;
  return rows > LIMITS.maxRowShare * lines.length ? 'mostly data' : undefined;
}

/** A line of literals and separators only, such as `    0x41: 'A', # LATIN CAPITAL LETTER A`. */
function isTableRow(line: string): boolean {
  const [code] = line.replace(STRINGS, '').split('#');
  return code.replace(NUMBERS_AND_SEPARATORS, '') === '' && code.trim().length > 1;
}

const STRINGS = /[rbu]{0,2}'[^'\n]*'|[rbu]{0,2}"[^"\n]*"/gi;
const NUMBERS_AND_SEPARATORS = /\b\d[\w.]*|[-+\s,.:()[\]{}]+/g;
