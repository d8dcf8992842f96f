/** A block of Python being written: its lines, its indentation, and the variables that are bound. */

import type { Rng } from '../../random';
import { collectionName, flagName, thingName } from './names';
import type { WideNames } from './wideNames';

/** What a variable holds. `dict` maps strings to integers, `grid` is a list of lists of integers. */
export type VarType =
  'int' | 'str' | 'bool' | 'set' | 'ints' | 'strs' | 'dict' | 'grid' | 'callable' | 'file' | 'any';

/** A bound variable. `grows` marks those that were bound empty, to be filled later. */
export interface Var {
  name: string;
  type: VarType;
  grows?: boolean;
}

/** A parameter of a function; the default is Python text. */
export interface Param {
  name: string;
  type: VarType;
  default?: string;
}

/** A function that later code may call. */
export interface Func {
  name: string;
  params: readonly Param[];
  returns: VarType | null;
}

/** Where a block stands: what its function returns, whether a loop is around it, how deep it is. */
export interface Place {
  /** Type that the function returns, null for none; absent outside functions. */
  returns?: VarType | null;
  loop: boolean;
  /** Compound statements around the block within its function. */
  nesting: number;
}

/** Writes so many statements of any kind into a block. */
export type Fill = (b: Block, count: number) => void;

/** Share of the names that come from the wide source where there is one. */
const WIDE_SHARE = 0.8;

const collections: ReadonlySet<VarType> = new Set(['set', 'ints', 'strs', 'dict', 'grid']);

/** Lines at one indentation, with the names that may be used in them. */
export class Block {
  constructor(
    readonly rng: Rng,
    readonly lines: string[],
    readonly depth: number,
    readonly vars: Var[],
    readonly funcs: Func[],
    readonly place: Place,
    /** Where most names come from; null for the word lists alone. */
    readonly wide: WideNames | null = null,
  ) {}

  /** Empty module. */
  static module(rng: Rng, wide: WideNames | null = null): Block {
    return new Block(rng, [], 0, [], [], { loop: false, nesting: 0 }, wide);
  }

  line(text: string): void {
    this.lines.push('    '.repeat(this.depth) + text);
  }

  blank(count = 1): void {
    for (let i = 0; i < count; i++) this.lines.push('');
  }

  /** Writes a header and returns its body; what the body binds is forgotten after it. */
  nested(header: string, place: Partial<Place> = {}): Block {
    this.line(header);
    const { rng, lines, depth, vars, funcs, wide } = this;
    const inner = { ...this.place, nesting: this.place.nesting + 1, ...place };
    return new Block(rng, lines, depth + 1, [...vars], funcs, inner, wide);
  }

  /** Writes a function header and returns its body, which sees only what is given. */
  functionBody(header: string, vars: Var[], returns: VarType | null): Block {
    this.line(header);
    const place = { returns, loop: false, nesting: 0 };
    const { rng, lines, depth, funcs, wide } = this;
    return new Block(rng, lines, depth + 1, vars, funcs, place, wide);
  }

  /** A name fitting the type that nothing in sight has. */
  fresh(type: VarType): string {
    for (;;) {
      const name = this.proposeName(type);
      if (!this.knows(name)) return name;
    }
  }

  /** Whether a variable or function in sight has the name. */
  knows(name: string): boolean {
    return this.vars.some((v) => v.name === name) || this.funcs.some((f) => f.name === name);
  }

  /** A name of the wide source, most of the time where there is one. */
  wideName(): string | undefined {
    return this.wide && this.rng.chance(WIDE_SHARE) ? this.wide.propose(this.rng) : undefined;
  }

  private proposeName(type: VarType): string {
    const wide = this.wideName();
    if (wide !== undefined) return wide;
    if (type === 'bool') return flagName(this.rng);
    if (collections.has(type) && this.rng.chance(0.7)) return collectionName(this.rng);
    return thingName(this.rng);
  }

  /** Records that a variable is bound from here on. */
  bind(name: string, type: VarType, grows = false): void {
    this.vars.push({ name, type, grows });
  }

  /** Writes `name = value` for a fresh name and returns the name. */
  assign(type: VarType, value: string, grows = false): string {
    const name = this.fresh(type);
    this.line(`${name} = ${value}`);
    this.bind(name, type, grows);
    return name;
  }

  /** A bound variable of one of the types; undefined when there is none. */
  find(...types: VarType[]): Var | undefined {
    return this.findWhere((v) => types.includes(v.type));
  }

  /** A bound variable for which the test holds; undefined when there is none. */
  findWhere(test: (v: Var) => boolean): Var | undefined {
    const found = this.vars.filter(test);
    return found.length === 0 ? undefined : this.rng.pick(found);
  }
}
