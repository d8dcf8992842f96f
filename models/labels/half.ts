/** One half of the windows: which terms an activation tells best there, and how well given terms are told. */
import { AT_STRONGEST } from '../bundles/labels';
import { CONCEPTS } from './concepts';
import type { Levels } from './levels';
import type { ConceptTable } from './sample';
import { areaUnderCurve, correlation, f1, precision, recall } from './score';

/** A concept or its negation. */
export interface Term {
  /** Index in `CONCEPTS`. */
  readonly concept: number;
  readonly negated: boolean;
}

/** One term, or two that both hold. */
export type Terms = readonly [Term] | readonly [Term, Term];

/** Terms and the lowest level that counts as active. */
export interface Choice {
  readonly terms: Terms;
  readonly level: number;
  readonly correlation: number;
  /** What it is chosen by: its correlation, or less where it does not hold where the node is strongest. */
  readonly value: number;
}

/** What may be chosen. */
export interface Wanted {
  /** Terms that may be used. */
  readonly terms: readonly Term[];
  /** What a correlation counts, 0 to 1, when the terms do not hold where the node is strongest. */
  readonly elsewhere: number;
}

/** How well an activation tells where terms hold, on text that did not choose them. */
export interface Scored {
  readonly terms: Terms;
  /** Activations at or above it count as active. */
  readonly threshold: number;
  readonly correlation: number;
  readonly auroc: number;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Share of the strongest activations where they hold. */
  readonly strongest: number;
}

/** What a second concept must add to the correlation, or one that looks beyond the token. */
export const WORTH = 0.03;

/** Concepts that hold at fewer positions of a half teach nothing. */
const FEWEST = 40;
/** Active at fewer positions of a half, a node is not labelled. */
const FEWEST_ACTIVE = 20;
/** Single concepts that are joined with every other. */
const JOINED = 6;

const N = CONCEPTS.length;

/** Active positions as places in the table, and their levels, [active]. */
interface Active {
  readonly places: Uint32Array;
  readonly level: Uint8Array;
}

/** Active positions by concept and level, [concept, level]; and by level alone. */
interface Counted {
  readonly byConcept: Float64Array;
  readonly totals: Float64Array;
}

export class Half {
  /** Positions where each concept holds, and where each pair does. */
  private readonly counts = new Float64Array(N);
  private readonly pairs = new Float64Array(N * N);
  private readonly size: number;

  /** Positions `from` to `to` of the table. */
  constructor(
    private readonly table: ConceptTable,
    readonly from: number,
    readonly to: number,
  ) {
    this.size = to - from;
    const { first, ids } = table;
    for (let i = from; i < to; i++) {
      for (let a = first[i]; a < first[i + 1]; a++) {
        this.counts[ids[a]]++;
        for (let b = first[i]; b < first[i + 1]; b++) this.pairs[ids[a] * N + ids[b]]++;
      }
    }
  }

  /**
   * The best terms for an activation cut into levels, one choice for each thing wanted; null where the
   * node is hardly ever active or no concept goes with it.
   * @param shift positions by which text and activations are parted, as a control that finds chance
   */
  choose(levels: Levels, wanted: readonly Wanted[], shift = 0): (Choice | null)[] {
    if (levels.at.length < FEWEST_ACTIVE) return wanted.map(() => null);
    const active = this.active(levels, shift);
    const counted = this.count(active, levels.count);
    const within = new Map<string, Counted>();
    const where = (term: Term) => {
      const key = `${term.concept} ${term.negated}`;
      let found = within.get(key);
      if (!found) {
        found = this.count(this.where(active, term), levels.count);
        within.set(key, found);
      }
      return found;
    };
    return wanted.map(({ terms: usable, elsewhere }) => {
      const singles = usable.flatMap((term) => this.best([term], counted, levels, elsewhere) ?? []);
      if (singles.length === 0) return null;
      singles.sort((a, b) => b.value - a.value);
      let [best] = singles;
      for (const { terms } of singles.slice(0, JOINED)) {
        const [term] = terms;
        for (const other of usable) {
          if (other.concept === term.concept) continue;
          const joined = this.best([term, other], where(term), levels, elsewhere);
          const worth = best.terms.length === 1 ? WORTH : 0;
          if (joined && joined.value > best.value + worth) best = joined;
        }
      }
      return best;
    });
  }

  /** Scores chosen terms on this half. */
  score({ terms, level }: Choice, levels: Levels, edges: Float32Array, shift = 0): Scored {
    const { count, totals } = levels;
    let active = this.active(levels, shift);
    for (const term of terms) active = this.where(active, term);
    const holding = new Float64Array(count);
    for (const one of active.level) holding[one]++;
    const holds = this.holding(terms);
    const sum = (values: Float64Array, from: number) =>
      values.subarray(from).reduce((a, b) => a + b, 0);
    const counts = {
      both: sum(holding, level),
      active: sum(totals, level),
      holds,
      positions: this.size,
    };
    const all = totals.slice();
    const strongest = totals[count - 1] === 0 ? 0 : holding[count - 1] / totals[count - 1];
    holding[0] = holds - sum(holding, 1);
    all[0] = this.size - sum(totals, 1);
    return {
      terms,
      threshold: edges[level - 1],
      correlation: correlation(counts),
      auroc: areaUnderCurve(holding, all),
      f1: f1(counts),
      precision: precision(counts),
      recall: recall(counts),
      strongest,
    };
  }

  /** The best threshold for terms, of which the last is looked up in what is counted. */
  private best(
    terms: Terms,
    { byConcept, totals }: Counted,
    levels: Levels,
    elsewhere: number,
  ): Choice | null {
    const holds = this.holding(terms);
    if (holds < FEWEST || this.size - holds < FEWEST) return null;
    const { concept, negated } = terms.at(-1)!;
    const row = concept * levels.count;
    const last = levels.count - 1;
    const strongest = negated ? totals[last] - byConcept[row + last] : byConcept[row + last];
    const value = strongest >= AT_STRONGEST * levels.totals[last] ? 1 : elsewhere;
    const counts = { both: 0, active: 0, holds, positions: this.size };
    let [best, bestLevel] = [0, 0];
    for (let level = levels.count - 1; level >= 1; level--) {
      const own = byConcept[row + level];
      counts.both += negated ? totals[level] - own : own;
      counts.active += levels.totals[level];
      const found = correlation(counts);
      if (found > best) [best, bestLevel] = [found, level];
    }
    if (bestLevel === 0) return null;
    return { terms, level: bestLevel, correlation: best, value: value * best };
  }

  /** Positions where terms hold. */
  private holding([a, b]: Terms): number {
    const { counts, pairs, size } = this;
    const alone = a.negated ? size - counts[a.concept] : counts[a.concept];
    if (!b) return alone;
    const pair = pairs[a.concept * N + b.concept];
    const both = a.negated ? counts[b.concept] - pair : pair;
    return b.negated ? alone - both : both;
  }

  /** The active positions, each with the place of its concepts; shifted, of another's. */
  private active({ at, level }: Levels, shift: number): Active {
    const places = new Uint32Array(at.length);
    for (let k = 0; k < at.length; k++) places[k] = this.from + ((at[k] + shift) % this.size);
    return { places, level };
  }

  /** Those of the active positions where a term holds. */
  private where({ places, level }: Active, { concept, negated }: Term): Active {
    const { holds, positions } = this.table;
    const found = { places: new Uint32Array(places.length), level: new Uint8Array(places.length) };
    const [row, wanted] = [concept * positions, negated ? 0 : 1];
    let size = 0;
    for (let k = 0; k < places.length; k++) {
      if (holds[row + places[k]] !== wanted) continue;
      found.places[size] = places[k];
      found.level[size++] = level[k];
    }
    return { places: found.places.subarray(0, size), level: found.level.subarray(0, size) };
  }

  private count({ places, level }: Active, count: number): Counted {
    const { first, ids } = this.table;
    const [byConcept, totals] = [new Float64Array(N * count), new Float64Array(count)];
    for (let k = 0; k < places.length; k++) {
      const [i, own] = [places[k], level[k]];
      totals[own]++;
      for (let a = first[i]; a < first[i + 1]; a++) byConcept[ids[a] * count + own]++;
    }
    return { byConcept, totals };
  }
}
