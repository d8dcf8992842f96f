/** Reading and writing of files. */

import type { Block, Fill } from './block';
import { fStringOf, strExpr } from './expressions';
import { growSeveral } from './growth';
import { quoted, readName, word, writeName } from './text';

const handles = ['f', 'f', 'f', 'file', 'handle', 'source', 'out', 'fp', 'stream', 'reader'];

/** `"name.txt", "r"`: the mode fits the name; some reads leave it out. */
function openArguments(b: Block, mode: 'r' | 'w'): string {
  const { rng } = b;
  const name = mode === 'r' ? readName(rng) : writeName(rng);
  if (mode === 'r' && rng.chance(0.1)) return name;
  return `${name}, ${quoted(rng, mode)}`;
}

const handle = (b: Block): string => {
  const name = b.rng.pick(handles);
  return b.knows(name) ? b.fresh('any') : name;
};

/** Reads the open file in one of the usual ways. */
function read(b: Block, f: string, fill: Fill): void {
  const roll = b.rng.next();
  if (roll < 0.3) b.assign('str', `${f}.read()`);
  else if (roll < 0.5) b.assign('strs', `${f}.${b.rng.pick(['readlines()', 'read().split()'])}`);
  else if (roll < 0.6) b.assign('str', `${f}.readline()`);
  else {
    const line = b.knows('line') ? b.fresh('str') : b.rng.pick(['line', 'line', b.fresh('str')]);
    const body = b.nested(`for ${line} in ${f}:`, { loop: true });
    body.bind(line, 'str');
    if (b.vars.some((v) => v.grows)) growSeveral(body);
    else fill(body, 1);
  }
}

/** Writes one to three times into the open file. */
function write(b: Block, f: string): void {
  for (let count = b.rng.pick([1, 1, 2]); count > 0; count--) {
    const text = b.rng.pick([strExpr(b), fStringOf(b), quoted(b.rng, `${word(b.rng)}\\n`)]);
    b.line(`${f}.write(${text ?? strExpr(b)})`);
  }
}

/** `with open(…) as f:`. */
export function withOpen(b: Block, fill: Fill): void {
  const mode = b.rng.pick(['r', 'w'] as const);
  const f = handle(b);
  const body = b.nested(`with open(${openArguments(b, mode)}) as ${f}:`);
  if (mode === 'r') read(body, f, fill);
  else write(body, f);
  if (b.rng.chance(0.1)) fill(body, 1);
}

/** `f = open(…)` and later `f.close()`. */
export function openClose(b: Block, fill: Fill): void {
  const mode = b.rng.pick(['r', 'w'] as const);
  const f = handle(b);
  b.line(`${f} = open(${openArguments(b, mode)})`);
  b.bind(f, 'file');
  if (mode === 'r') read(b, f, fill);
  else write(b, f);
  if (b.rng.chance(0.8)) b.line(`${f}.close()`);
}
