/** List, dict and nested literals of varied depth and length. */

import type { Rng } from '../../random';
import type { Block, VarType } from './block';
import { between, common, times, weighted } from './choose';
import { quoted, word, wordString } from './text';
import { everyday, nouns } from './words';

/** A small whole number as text, single digits most often. */
export function numeral(rng: Rng): string {
  const roll = rng.next();
  if (roll < 0.5) return String(rng.int(10));
  if (roll < 0.85) return String(rng.int(100));
  return String(rng.pick([100, 200, 250, 365, 404, 500, 1000, 2000, 4096, rng.int(1000)]));
}

const brackets = (items: readonly string[]): string => `[${items.join(', ')}]`;
const length = weighted([4, 2], [6, 3], [5, 4], [2, 5], [1, 6], [0.5, 8], [0.3, 11]);

/** A word that suits as a key or label. */
const label = (rng: Rng): string =>
  quoted(rng, rng.chance(0.4) ? rng.pick(everyday) : common(rng, nouns));

/** `[3, 1, 4]`: numbers, or integer variables that are in sight. */
export function intList(b: Block): string {
  const known = b.vars.filter(({ type }) => type === 'int');
  const useNames = known.length > 2 && b.rng.chance(0.25);
  return brackets(times(length(b.rng), () => (useNames ? b.rng.pick(known).name : numeral(b.rng))));
}

/** `['red', 'blue']`, in one kind of quotes or mixed. */
export function strList(rng: Rng): string {
  return brackets(times(rng.pick([1, 2, 2, 2, 3, 3, 4]), () => wordString(rng)));
}

/** `[[1, 2], [3, 4]]`, two deep, with rows of equal or varied length; now and then three deep. */
export function grid(rng: Rng): string {
  const rows = rng.pick([1, 1, 2, 2, 2, 3, 3, 4, 5]);
  const width = between(rng, 1, 4);
  const ragged = rng.chance(0.4);
  const cell = rng.chance(0.85) ? numeral : wordString;
  const row = (): string => brackets(times(ragged ? between(rng, 1, 5) : width, () => cell(rng)));
  if (rng.chance(0.06)) return brackets(times(between(rng, 1, 2), () => brackets(times(2, row))));
  return brackets(times(rows, row));
}

/** `[1, 2, [3, 4]]`: flat first, nested at the end. */
export function lateGrid(rng: Rng): string {
  const flat = times(between(rng, 1, 5), () => numeral(rng));
  return brackets([...flat, brackets(times(between(rng, 1, 4), () => numeral(rng)))]);
}

const braces = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`;

/** `{'red': 3, 'blue': 5}`; keys differ. */
export function dict(rng: Rng, value: (rng: Rng) => string = numeral): string {
  const keys = new Set(times(rng.pick([1, 2, 2, 3, 4]), () => common(rng, nouns)));
  return braces([...keys].map((key) => [quoted(rng, key), value(rng)] as const));
}

/** `{1: 10, 2: 20}` or `{1: 'red'}`. */
export function numberDict(rng: Rng): string {
  const value = rng.chance(0.75) ? numeral : wordString;
  const keys = new Set(times(between(rng, 1, 6), () => numeral(rng)));
  return braces([...keys].map((key) => [key, value(rng)] as const));
}

/** A dict with names of what it holds: `{"name": "Ann", "tags": ["a", "b"]}`. */
export function recordDict(rng: Rng): string {
  const keys = [...new Set(times(between(rng, 2, 3), () => rng.pick(everyday)))];
  const value = weighted<() => string>(
    [4, () => numeral(rng)],
    [4, () => quoted(rng, word(rng))],
    [1, () => strList(rng)],
    [1, () => rng.pick(['True', 'False', 'None'])],
    [1, () => dict(rng)],
  );
  return braces(keys.map((key) => [quoted(rng, key), value(rng)()] as const));
}

/** A collection over several lines, with a comma after every entry. */
export function tallLiteral(b: Block): string {
  const pad = '    '.repeat(b.depth);
  const { rng } = b;
  const entry = rng.pick<() => string>([
    () => `${label(rng)}: ${numeral(rng)}`,
    () => `${label(rng)}: ${strList(rng)}`,
    () => recordDict(rng),
    () => wordString(rng),
    () => `(${label(rng)}, ${numeral(rng)})`,
  ]);
  const lines = times(between(rng, 2, 4), entry);
  const [open, close] = /^(['"])\w+\1: /.test(lines[0]) ? '{}' : '[]';
  return `${open}\n${lines.map((line) => `${pad}    ${line},\n`).join('')}${pad}${close}`;
}

/** A literal of the given type. */
export function literal(b: Block, type: VarType): string {
  const { rng } = b;
  switch (type) {
    case 'int':
      return numeral(rng);
    case 'str':
      return rng.chance(0.8) ? wordString(rng) : '""';
    case 'bool':
      return rng.chance(0.6) ? 'True' : 'False';
    case 'set':
      return rng.chance(0.5) ? 'set()' : `set(${strList(rng)})`;
    case 'ints':
      return intList(b);
    case 'strs':
      return strList(rng);
    case 'dict':
      return dict(rng);
    case 'grid':
      return grid(rng);
    case 'callable':
      return `lambda ${rng.pick(['x', 'n', 'value'])}: 0`;
    case 'any':
    case 'file':
      return 'None';
  }
}
