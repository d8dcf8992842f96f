/** Fills blocks with statements, each kind as often as its weight says. */

import type { Block, Fill } from './block';
import { earlyReturn, ifElse, ifEquals, ifFlag, tryExcept } from './branches';
import { weighted } from './choose';
import { openClose, withOpen } from './files';
import { grow } from './growth';
import {
  accumulate,
  forEach,
  forEnumerate,
  forItems,
  forRange,
  whileCondition,
  whileName,
  whileTrue,
} from './loops';
import {
  ask,
  assignCollection,
  assignFlag,
  assignNumber,
  assignText,
  call,
  check,
  derivedList,
  lambda,
  listInCall,
  printLine,
  rebind,
  swap,
  ternary,
} from './simple';
import { remark } from './text';

type Statement = (b: Block, fill: Fill) => void;

/** Statements of the body of a module or function. */
const outer = weighted<Statement>(
  [1, assignNumber],
  [0.7, assignText],
  [6, assignFlag],
  [1, rebind],
  [16, printLine],
  [15, assignCollection],
  [1.2, listInCall],
  [9, grow],
  [19, swap],
  [7, ternary],
  [11, lambda],
  [2, call],
  [0.8, derivedList],
  [0.4, ask],
  [0.3, check],
);

/** Statements inside loops and branches: things done, rather than things bound. */
const inner = weighted<Statement>(
  [0.5, assignNumber],
  [6, assignFlag],
  [2, rebind],
  [15, printLine],
  [5, assignCollection],
  [0.7, listInCall],
  [14, grow],
  [9, swap],
  [5, ternary],
  [3, lambda],
  [1, call],
  [0.5, derivedList],
);

const compound = weighted<Statement>(
  [1, forEach],
  [12, forRange],
  [13, forEnumerate],
  [0.7, forItems],
  [7, accumulate],
  [12, whileTrue],
  [4.5, whileName],
  [1, whileCondition],
  [10, ifElse],
  [12, ifFlag],
  [1.5, ifEquals],
  [0.5, tryExcept],
  [12, withOpen],
  [10.5, openClose],
);

/** How likely a statement is a compound one, by how many are around it. */
const compoundChance = [0.54, 0.3, 0.1, 0];

function statement(b: Block): void {
  const { rng, place } = b;
  const yesOrNo = place.returns === 'bool' && place.nesting < 2;
  if (yesOrNo && rng.chance(0.3)) earlyReturn(b);
  else if (rng.chance(compoundChance[place.nesting] ?? 0)) compound(rng)(b, fill);
  else (place.nesting === 0 ? outer : inner)(rng)(b, fill);
}

/** Writes so many statements of any kind into a block. */
export const fill: Fill = (b, count) => {
  for (let i = 0; i < count; i++) {
    if (b.rng.chance(0.01)) b.line(`# ${remark(b.rng)}`);
    statement(b);
  }
};
