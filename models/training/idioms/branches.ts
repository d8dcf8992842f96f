/** `if`, `elif`, `else`, and exceptions. */

import type { Block, Fill, Var } from './block';
import { condition, conditionOn } from './expressions';
import { literal, numeral } from './literals';
import { sentence } from './text';

/** What ends a branch early where that is allowed; false when nothing does. */
function leave(b: Block): boolean {
  const { returns, loop } = b.place;
  if (returns === 'bool' && b.rng.chance(0.6)) {
    b.line(`return ${b.rng.chance(0.75) ? 'True' : 'False'}`);
    return true;
  }
  if (loop && b.rng.chance(0.15)) {
    b.line(b.rng.pick(['break', 'continue']));
    return true;
  }
  if (returns && b.rng.chance(0.15)) {
    b.line(`return ${literal(b, returns)}`);
    return true;
  }
  return false;
}

function branch(b: Block, header: string, fill: Fill): void {
  const body = b.nested(header);
  if (b.rng.chance(0.3) && leave(body)) return;
  fill(body, b.rng.chance(0.85) ? 1 : 2);
  if (b.rng.chance(0.2)) leave(body);
}

/** `if …:` and a `return True` under it, in a function that answers yes or no. */
export function earlyReturn(b: Block): void {
  const body = b.nested(`if ${condition(b)}:`);
  if (b.rng.chance(0.2)) body.line(`print(${sentence(b.rng)})`);
  body.line(`return ${b.rng.chance(0.8) ? 'True' : 'False'}`);
}

/** `if …:` with any number of `elif …:` and perhaps an `else:`. */
export function ifElse(b: Block, fill: Fill): void {
  const { rng } = b;
  const x: Var | undefined = b.find('int', 'str', 'bool');
  const test = (): string => (x && rng.chance(0.8) ? conditionOn(b, x) : condition(b));
  branch(b, `if ${test()}:`, fill);
  if (rng.chance(0.75)) {
    for (let more = rng.pick([1, 1, 2]); more > 0; more--) branch(b, `elif ${test()}:`, fill);
  }
  if (rng.chance(0.75)) branch(b, 'else:', fill);
}

/** `if ready == True:` or `if ready:`. */
export function ifFlag(b: Block, fill: Fill): void {
  const flag = b.find('bool')?.name ?? b.assign('bool', b.rng.pick(['True', 'False']));
  const truth = b.rng.chance(0.9) ? 'True' : 'False';
  branch(b, b.rng.chance(0.88) ? `if ${flag} == ${truth}:` : `if ${flag}:`, fill);
  if (b.rng.chance(0.4)) branch(b, 'else:', fill);
}

/** `if count == 3:`, the variable bound just before or long ago. */
export function ifEquals(b: Block, fill: Fill): void {
  const x = b.find('int', 'int', 'str') ?? {
    name: b.assign('int', numeral(b.rng)),
    type: 'int' as const,
  };
  branch(b, `if ${x.name} == ${literal(b, x.type)}:`, fill);
  if (b.rng.chance(0.4)) branch(b, 'else:', fill);
}

/** `try:` around a conversion or a look-up. */
export function tryExcept(b: Block, fill: Fill): void {
  const { rng } = b;
  const text = b.find('str')?.name ?? b.assign('str', `input(${sentence(rng)})`);
  const body = b.nested('try:');
  body.assign('int', `int(${text})`);
  if (rng.chance(0.5)) fill(body, 1);
  const name = rng.pick(['ValueError', 'TypeError', 'Exception', 'ValueError as error']);
  const handler = b.nested(`except ${name}:`);
  handler.line(`print(${name.endsWith('error') && rng.chance(0.7) ? 'error' : sentence(rng)})`);
}
