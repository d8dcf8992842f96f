/** Endless small Python programs, such as a beginner's course has: training data for the tasks. */

import type { Rng } from '../../random';
import { Block, type VarType } from './block';
import { fill } from './body';
import { between, weighted } from './choose';
import { type Class, defineClass, useClass } from './classes';
import { defineFunction, defineMain } from './functions';
import { copyNames } from './copying';
import { remark } from './text';
import type { WideNames } from './wideNames';

/** Imports with the type and text of an expression that uses them. */
const imports: readonly [string, VarType, string][] = [
  ['import random', 'int', 'random.randint(1, 6)'],
  ['import random', 'int', 'random.choice([1, 2, 3])'],
  ['import math', 'int', 'math.floor(7.5)'],
  ['import math', 'int', 'math.sqrt(16)'],
  ['import os', 'str', 'os.getcwd()'],
  ['import os', 'strs', 'os.listdir(".")'],
  ['import sys', 'strs', 'sys.argv[1:]'],
  ['import time', 'int', 'time.time()'],
  ['import json', 'str', 'json.dumps([1, 2])'],
  ['from datetime import date', 'any', 'date.today()'],
  ['from collections import Counter', 'dict', 'Counter(["a", "b", "a"])'],
];

/** A module being written, section after section. */
class Program {
  readonly block: Block;
  private lastWasDefinition = false;
  private readonly wishes: [VarType, string][] = [];

  constructor(
    readonly rng: Rng,
    wide: WideNames | null,
  ) {
    this.block = Block.module(rng, wide);
  }

  /** Starts a section with the blank lines that belong before it. */
  private start(definition: boolean): void {
    if (this.block.lines.length > 0) {
      this.block.blank(definition || this.lastWasDefinition ? 2 : 1);
    }
    this.lastWasDefinition = definition;
  }

  head(): void {
    const { block, rng } = this;
    if (rng.chance(0.06)) block.line(`"""${remark(rng)}."""`);
    else if (rng.chance(0.08)) block.line(`# ${remark(rng)}`);
    if (!rng.chance(0.18)) return;
    if (block.lines.length > 0) block.blank();
    const [line, type, use] = rng.pick(imports);
    block.line(line);
    this.wishes.push([type, use]);
  }

  statements(count: number): void {
    this.start(false);
    const wish = this.wishes.pop();
    if (wish) this.block.assign(...wish);
    fill(this.block, count);
  }

  functions(count: number): void {
    for (let i = 0; i < count; i++) {
      this.start(true);
      defineFunction(this.block);
    }
  }

  /** One class, or a class and an heir. */
  classes(): Class {
    this.start(true);
    const base = defineClass(this.block);
    if (!this.rng.chance(0.25)) return base;
    this.start(true);
    return defineClass(this.block, base);
  }

  use(known: Class): void {
    this.start(false);
    useClass(this.block, known);
    fill(this.block, this.rng.int(4));
  }

  /** Definitions and statements in which names come back. */
  copying(count: number): void {
    for (let i = 0; i < count; i++) {
      const kind = this.rng.chance(0.75) ? 'definition' : 'statements';
      this.start(kind === 'definition');
      copyNames(this.block, kind);
    }
  }

  main(): void {
    this.start(true);
    defineMain(this.block);
  }

  text(): string {
    return this.block.lines.join('\n') + '\n';
  }
}

/** Share of the programs with wide names that do nothing but copy them. */
const COPYING_SHARE = 0.5;

const plans = weighted<(p: Program) => void>(
  [4, (p) => p.statements(between(p.rng, 3, 8))],
  [3, withFunctions],
  [4, withClasses],
  [1, mixed],
);

function withFunctions(p: Program): void {
  const { rng } = p;
  if (rng.chance(0.15)) p.statements(between(rng, 1, 2));
  p.functions(rng.pick([1, 1, 2, 2, 3]));
  if (rng.chance(0.2)) p.main();
  else p.statements(between(rng, 1, 4));
}

function withClasses(p: Program): void {
  const known = p.classes();
  p.use(known);
}

function mixed(p: Program): void {
  p.statements(between(p.rng, 1, 3));
  const known = p.classes();
  p.functions(1);
  p.use(known);
}

/**
 * One program of some 5 to 60 lines; the generator's state decides all of it.
 * @param wide source of names for programs that teach copying; null, the default, for those of the
 * word lists alone, on which models are measured
 */
export function generateProgram(rng: Rng, wide: WideNames | null = null): string {
  const program = new Program(rng, wide);
  program.head();
  if (wide && rng.chance(COPYING_SHARE)) program.copying(between(rng, 2, 5));
  else plans(rng)(program);
  return program.text();
}
