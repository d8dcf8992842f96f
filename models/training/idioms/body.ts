/** Fills blocks with statements, each kind as often as its weight says. */

import type { Block, Fill } from './block';
import { ifElse, ifEquals, ifFlag, tryExcept } from './branches';
import { weighted } from './choose';
import { openClose, withOpen } from './files';
import { accumulators, grow } from './growth';
import {
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

const simple = weighted<Statement>(
  [6, assignNumber],
  [3, assignText],
  [5, assignFlag],
  [3, rebind],
  [11, printLine],
  [9, assignCollection],
  [2, listInCall],
  [6, grow],
  [5, swap],
  [6, ternary],
  [5, lambda],
  [3, call],
  [2, derivedList],
  [1, ask],
  [0.5, check],
);

const compound = weighted<Statement>(
  [5, forEach],
  [4, forRange],
  [5, forEnumerate],
  [1, forItems],
  [3.5, whileTrue],
  [4, whileName],
  [2, whileCondition],
  [6, ifElse],
  [3, ifFlag],
  [3, ifEquals],
  [1, tryExcept],
  [4.5, withOpen],
  [4, openClose],
);

/** How likely a statement is a compound one, by how many are around it. */
const compoundChance = [0.34, 0.2, 0.07, 0];

/** Writes so many statements of any kind into a block. */
export const fill: Fill = (b, count) => {
  const { rng, place } = b;
  for (let i = 0; i < count; i++) {
    if (rng.chance(0.05)) b.line(`# ${remark(rng)}`);
    if (rng.chance(compoundChance[place.nesting] ?? 0)) compound(rng)(b, fill);
    else if (place.nesting === 0 && rng.chance(0.07)) accumulators(b);
    else simple(rng)(b, fill);
  }
};
