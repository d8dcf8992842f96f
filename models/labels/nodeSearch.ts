/** Labels of a few nodes from their activations over a sample; what searches need not know the model. */
import type { Label, Labels } from '../bundles/labels';
import { Half } from './half';
import type { Sample } from './sample';
import { findLabel, isAccepted, type Found } from './search';

export const SIGNS = ['positive', 'negative'] as const;

/** One node in this many is also labelled against text that is not its own, to see what chance does. */
const CONTROLS = 8;

/** Text of a search. */
export type SearchedText = Pick<Sample, 'table' | 'windows' | 'context'>;

/** What was found at some nodes. */
export interface FoundNodes {
  /** Accepted labels of each node, none for some, [node]. */
  readonly signs: readonly Labels['nodes'][string][];
  /** Node signs that chance was given to label, and how many labels it got accepted. */
  readonly control: { readonly tried: number; readonly accepted: number };
  /** Node signs that were active often enough to be labelled. */
  readonly tried: number;
}

export interface NodeSearcher {
  /**
   * @param activations of neighbours at one site, [node, pos]; not to be used afterwards
   * @param first index of the first of them in the site
   */
  search(activations: Float32Array, first: number): Promise<FoundNodes>;
}

/** Searches in the caller's thread. */
export class NodeSearch implements NodeSearcher {
  private readonly halves: readonly [Half, Half];
  private readonly middle: number;
  /** Whole windows and an odd rest apart, so that no position meets its own text. */
  private readonly shift: number;

  constructor(private readonly text: SearchedText) {
    const { table, windows, context } = text;
    this.middle = Math.floor(windows / 2) * context;
    this.halves = [new Half(table, 0, this.middle), new Half(table, this.middle, table.positions)];
    this.shift = 37 * context + 91;
  }

  search(activations: Float32Array, first: number): Promise<FoundNodes> {
    const { positions } = this.text.table;
    const control = { tried: 0, accepted: 0 };
    let tried = 0;
    const signs = Array.from({ length: activations.length / positions }, (_, i) => {
      const own = activations.subarray(i * positions, (i + 1) * positions);
      const accepted: Partial<Record<(typeof SIGNS)[number], Label>> = {};
      for (const sign of SIGNS) {
        const values = sign === 'positive' ? own : own.map((value) => -value);
        const parts = [values.subarray(0, this.middle), values.subarray(this.middle)] as const;
        const label = findLabel(this.halves, ...parts);
        if (!label) continue;
        tried++;
        if (isAccepted(label)) accepted[sign] = labelOf(label);
        if ((first + i) % CONTROLS !== 0) continue;
        control.tried++;
        const byChance = findLabel(this.halves, ...parts, this.shift);
        if (byChance && isAccepted(byChance)) control.accepted++;
      }
      return accepted;
    });
    return Promise.resolve({ signs, control, tried });
  }
}

function labelOf({ label, needsText, tokenOnly: control }: Found): Label {
  const round = (value: number) => Number(value.toFixed(3));
  const { terms, threshold, correlation, auroc, f1, precision, recall, strongest } = label;
  // Of two labels of the token, the one chosen may tell the bulk less well than the control, or by chance better.
  const tokenOnly = needsText ? control.correlation : Math.max(control.correlation, correlation);
  return {
    terms: terms.map(({ concept, negated }) => (negated ? -1 : 1) * (concept + 1)),
    threshold: Number(threshold.toPrecision(4)),
    ...{ correlation: round(correlation), auroc: round(auroc), f1: round(f1) },
    ...{ precision: round(precision), recall: round(recall), strongest: round(strongest) },
    tokenOnly: round(tokenOnly),
    causal: null,
  };
}
