/**
 * The concept that a node's activation of one sign tells best: chosen on one half of the windows and
 * scored on the other, so that the choice cannot flatter the score.
 */
import { CONCEPTS } from './concepts';
import { levelEdges, levelsOf, type Levels } from './levels';
import type { ConceptTable } from './sample';
import { areaUnderCurve, correlation, f1, precision, recall, type Confusion } from './score';

/** A concept or its negation. */
export interface Term {
  /** Index in `CONCEPTS`. */
  readonly concept: number;
  readonly negated: boolean;
}

/** One term, or two that both hold. */
export type Terms = readonly [Term] | readonly [Term, Term];

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
}

/** The best label of a node's sign, and the best that looks at the token alone. */
export interface Found {
  readonly best: Scored;
  readonly tokenOnly: Scored;
}

/** Concepts that hold at fewer positions of a half teach nothing. */
const FEWEST = 40;
/** Active at fewer positions of a half, a node is not labelled. */
const FEWEST_ACTIVE = 20;
/** Single concepts that are joined with every other. */
const JOINED = 6;
/** What a second concept must add to the correlation, so that labels stay short. */
const WORTH = 0.03;

const TOKEN_ONLY = CONCEPTS.map(({ tokenOnly }) => tokenOnly);

/** One half of the windows. */
export class Half {
  /** Positions where each concept holds, and where each pair does. */
  private readonly counts: Float64Array;
  private readonly pairs: Float64Array;
  private readonly size: number;

  /** Positions `from` to `to` of the table. */
  constructor(
    readonly table: ConceptTable,
    readonly from: number,
    readonly to: number,
  ) {
    const n = CONCEPTS.length;
    this.size = to - from;
    this.counts = new Float64Array(n);
    this.pairs = new Float64Array(n * n);
    const { first, ids } = table;
    for (let i = from; i < to; i++) {
      for (let a = first[i]; a < first[i + 1]; a++) {
        this.counts[ids[a]]++;
        for (let b = first[i]; b < first[i + 1]; b++) this.pairs[ids[a] * n + ids[b]]++;
      }
    }
  }

  /** Where a concept's list stands that belongs to an active position; shifted, it is another's. */
  private place(at: number, shift: number): number {
    return this.from + ((at + shift) % this.size);
  }

  /** The best terms for an activation cut into levels; null when it is hardly ever active. */
  choose(levels: Levels, among: (concept: number) => boolean, shift = 0): Choice | null {
    if (levels.at.length < FEWEST_ACTIVE) return null;
    const n = CONCEPTS.length;
    const { count } = levels;
    const all = this.histogram(levels, null, shift);
    const candidates: Choice[] = [];
    for (let c = 0; c < n; c++) {
      if (!among(c)) continue;
      const own = all.subarray(c * count, (c + 1) * count);
      for (const negated of [false, true]) {
        const holds = negated ? this.size - this.counts[c] : this.counts[c];
        const hist = negated ? levelTotals(levels).map((total, i) => total - own[i]) : own;
        const choice = this.bestThreshold([{ concept: c, negated }], hist, holds, levels);
        if (choice) candidates.push(choice);
      }
    }
    candidates.sort((a, b) => b.correlation - a.correlation);
    let [best] = candidates;
    if (!best) return null;
    for (const { terms } of candidates.slice(0, JOINED)) {
      const joined = this.join(terms[0], levels, among, shift);
      if (joined && joined.correlation > best.correlation + (best.terms.length === 1 ? WORTH : 0)) {
        best = joined;
      }
    }
    return best;
  }

  /** The best conjunction of a term with another. */
  private join(
    term: Term,
    levels: Levels,
    among: (c: number) => boolean,
    shift: number,
  ): Choice | null {
    const n = CONCEPTS.length;
    const { count } = levels;
    const within = this.histogram(levels, term, shift);
    const mine = this.levelsWhere(levels, term, shift);
    let best: Choice | null = null;
    const holdsAlone = term.negated
      ? this.size - this.counts[term.concept]
      : this.counts[term.concept];
    for (let c = 0; c < n; c++) {
      if (c === term.concept || !among(c)) continue;
      const pair = this.pairs[term.concept * n + c];
      const both = term.negated ? this.counts[c] - pair : pair;
      const own = within.subarray(c * count, (c + 1) * count);
      for (const negated of [false, true]) {
        const holds = negated ? holdsAlone - both : both;
        const hist = negated ? mine.map((total, i) => total - own[i]) : own;
        const terms: Terms = [term, { concept: c, negated }];
        const choice = this.bestThreshold(terms, hist, holds, levels);
        if (choice && choice.correlation > (best?.correlation ?? 0)) best = choice;
      }
    }
    return best;
  }

  /** Active positions by concept and level, [concept, level]; of those where a term holds. */
  private histogram(levels: Levels, where: Term | null, shift: number): Float64Array {
    const { first, ids, holds, positions } = this.table;
    const { at, level, count } = levels;
    const out = new Float64Array(CONCEPTS.length * count);
    for (let k = 0; k < at.length; k++) {
      const i = this.place(at[k], shift);
      if (where && (holds[where.concept * positions + i] === 1) === where.negated) continue;
      for (let a = first[i]; a < first[i + 1]; a++) out[ids[a] * count + level[k]]++;
    }
    return out;
  }

  private levelsWhere({ at, level, count }: Levels, term: Term, shift: number): Float64Array {
    const { holds, positions } = this.table;
    const out = new Float64Array(count);
    for (let k = 0; k < at.length; k++) {
      const i = this.place(at[k], shift);
      if ((holds[term.concept * positions + i] === 1) !== term.negated) out[level[k]]++;
    }
    return out;
  }

  private bestThreshold(
    terms: Terms,
    hist: Float64Array,
    holds: number,
    levels: Levels,
  ): Choice | null {
    if (holds < FEWEST || this.size - holds < FEWEST) return null;
    const totals = levelTotals(levels);
    let [both, active, best, bestLevel] = [0, 0, 0, 0];
    for (let level = levels.count - 1; level >= 1; level--) {
      both += hist[level];
      active += totals[level];
      const found = correlation({ both, active, holds, positions: this.size });
      if (found > best) [best, bestLevel] = [found, level];
    }
    return bestLevel === 0 ? null : { terms, level: bestLevel, correlation: best };
  }

  /** Scores chosen terms on this half. */
  score({ terms, level }: Choice, levels: Levels, edges: Float32Array, shift = 0): Scored {
    const { at, count } = levels;
    const [holding, all] = [new Float64Array(count), new Float64Array(count)];
    let holds = 0;
    for (let i = 0; i < this.size; i++) if (this.true(terms, this.place(i, shift))) holds++;
    for (let k = 0; k < at.length; k++) {
      all[levels.level[k]]++;
      if (this.true(terms, this.place(at[k], shift))) holding[levels.level[k]]++;
    }
    const sum = (values: Float64Array, from: number) =>
      values.slice(from).reduce((a, b) => a + b, 0);
    holding[0] = holds - sum(holding, 1);
    all[0] = this.size - sum(all, 1);
    const counts: Confusion = {
      both: sum(holding, level),
      active: sum(all, level),
      holds,
      positions: this.size,
    };
    return {
      terms,
      threshold: edges[level - 1],
      correlation: correlation(counts),
      auroc: areaUnderCurve(holding, all),
      f1: f1(counts),
      precision: precision(counts),
      recall: recall(counts),
    };
  }

  private true(terms: Terms, i: number): boolean {
    const { holds, positions } = this.table;
    return terms.every(
      ({ concept, negated }) => (holds[concept * positions + i] === 1) !== negated,
    );
  }
}

/** Terms and the lowest level that counts as active. */
interface Choice {
  readonly terms: Terms;
  readonly level: number;
  readonly correlation: number;
}

const totalsOf = new WeakMap<Levels, Float64Array>();
/** Active positions by level. */
function levelTotals(levels: Levels): Float64Array {
  const known = totalsOf.get(levels);
  if (known) return known;
  const totals = new Float64Array(levels.count);
  for (const level of levels.level) totals[level]++;
  totalsOf.set(levels, totals);
  return totals;
}

/**
 * The label of an activation.
 * @param choosing activation of one sign in the first half, [pos], not positive where it has the other
 * @param scoring the same in the second half
 * @param shift positions by which text and activations are parted, as a control that finds chance
 */
export function findLabel(
  [first, second]: readonly [Half, Half],
  choosing: Float32Array,
  scoring: Float32Array,
  shift = 0,
): Found | null {
  const edges = levelEdges(choosing);
  const [a, b] = [choosing, scoring].map((values) => levelsOf(values, edges));
  const best = first.choose(a, () => true, shift);
  const tokenOnly = first.choose(a, (c) => TOKEN_ONLY[c], shift);
  if (!best || !tokenOnly) return null;
  return {
    best: second.score(best, b, edges, shift),
    tokenOnly: second.score(tokenOnly, b, edges, shift),
  };
}
