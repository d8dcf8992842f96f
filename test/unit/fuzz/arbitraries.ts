/** What the property tests draw from: texts such as no person writes, edits, and damaged files. */
import fc from 'fast-check';

/** The same runs every time; a failure names its counterexample, shrunk. */
export const SEED = 20250607;

/** Pieces that tokenizers and editors get wrong, among ordinary code. */
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('def f(x):', '    ', 'return', ' x', '"', "'", '0x1F') },
  { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\t', '\n\n    ', ' \r\n\t') },
  { weight: 2, arbitrary: fc.constantFrom('\ud800', '\udc00', '\udfff\ud83d', '\u{1f600}') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('👩‍👩‍👧', 'e\u0301', '\u202e', '\ufeff', '\u2028', '\0', 'שלום', 'नी'),
  },
  { weight: 1, arbitrary: fc.constantFrom('<|endoftext|>', '\\n', '&#32;', '](command:x)') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) },
  { weight: 1, arbitrary: fc.nat(40).map((n) => ' '.repeat(n)) },
);

/** A text of any characters, lone surrogates and every line end among them. */
export function texts(maxPieces = 30): fc.Arbitrary<string> {
  return fc.array(piece, { maxLength: maxPieces }).map((pieces) => pieces.join(''));
}

/** A replacement of a part of a text; places count from 0 to 1. */
export interface Edit {
  readonly from: number;
  readonly length: number;
  readonly insert: string;
}

/** Edits as people make them, mostly short, and a few that nobody makes. */
export function edits(maxLength: number): fc.Arbitrary<Edit[]> {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const edit = fc.record({ from: place, length: fc.nat(12), insert: texts(3) });
  return fc.array(edit, { minLength: 1, maxLength });
}

/** The text after an edit. */
export function applyEdit(text: string, { from, length, insert }: Edit): string {
  const at = Math.floor(from * text.length);
  return text.slice(0, at) + insert + text.slice(at + length);
}

/** Any JSON value, small. */
export const json = fc.jsonValue({ maxDepth: 3 });

/**
 * A value with one part replaced, removed or added somewhere in it: what a hand or a program that
 * knows the format badly writes.
 */
export function mutations(value: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    path: fc.array(fc.nat(1000), { maxLength: 5 }),
    how: fc.constantFrom('replace', 'remove', 'add'),
    by: fc.oneof(json, odd),
    name: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'kind')),
  });
  return change.map((change) => mutate(value, change.path, change));
}

const odd = fc.constantFrom<unknown>(-1, 1e308, -0.5, 2 ** 53, '', '\n', '../../x', null, [], {});

interface Mutation {
  readonly how: string;
  readonly by: unknown;
  readonly name: string;
}

function mutate(value: unknown, [step, ...rest]: readonly number[], change: Mutation): unknown {
  if (typeof value !== 'object' || value === null) return change.by;
  const keys = Object.keys(value);
  if (step === undefined || keys.length === 0) {
    return change.how === 'add' && !Array.isArray(value)
      ? { ...value, [change.name]: change.by }
      : change.by;
  }
  const key = keys[step % keys.length];
  if (change.how === 'remove' && rest.length === 0) {
    const left = Object.entries(value).filter(([name]) => name !== key);
    return Array.isArray(value)
      ? left.map(([, item]) => item as unknown)
      : Object.fromEntries(left);
  }
  const child = mutate((value as Record<string, unknown>)[key], rest, change);
  return Array.isArray(value)
    ? value.map((item, i) => (String(i) === key ? child : (item as unknown)))
    : { ...value, [key]: child };
}

/** Every byte of a file with another bit changed at each, and the file cut at every fourth length. */
export function* damages(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Uint8Array.from(bytes);
    // Over a file all eight bits are tried many times.
    flipped[at] ^= 1 << ((at * 5) % 8);
    yield flipped;
    if (at % 4 === 0) yield bytes.subarray(0, at);
  }
}
