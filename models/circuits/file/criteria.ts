/** The table of criteria by which the verdict on a circuit is derived from its proof. */
import { SOLVED } from '../../tasks';
import { CHOICE } from '../search/adversary';
import { counted, measured, type Proof } from './schema';

/** What a criterion is about. */
export const GROUPS = ['sufficient', 'robust', 'necessary', 'causal', 'selective', 'real'] as const;
export type Group = (typeof GROUPS)[number];

/** A number that must be at most, or at least, a bound. */
interface Criterion {
  readonly group: Group;
  readonly what: string;
  readonly value: (proof: Proof) => number | undefined;
  readonly most?: (proof: Proof) => number;
  readonly least?: (proof: Proof) => number;
  readonly unit: 'nats' | 'share' | 'pairs';
}

const loss = (id: string) => (proof: Proof) => measured(proof, id)?.loss;
const order = (id: string) => (proof: Proof) => measured(proof, id)?.order;
const share = (id: string) => (proof: Proof) => measured(proof, id)?.share;
const target = (proof: Proof) => proof.target;
const bound = (value: number) => () => value;

/**
 * Loss (nats) from which a set counts as failing; guessing has 0.693. The shift is fitted on the measured
 * pairs, so that over 48 pairs guessing has a little less.
 */
const FAILING_LOSS = 0.6;
/** Share of pairs in order up to which a set counts as failing: guessing has half, and by chance more. */
const FAILING_ORDER = 0.75;
/** Least effect of the interchange as a share of the gap; at half, both answers are equally near. */
const LEAST_EFFECT = 0.5;
/** Most effect of as many random nodes: half of what the circuit must have. */
const MOST_RANDOM_EFFECT = LEAST_EFFECT / 2;
/** Share of the other solved tasks that must survive the cut; not all, since tasks share nodes. */
const SURVIVING_TASKS = 0.75;
/** Accuracy from which a task survives the cut: nine prompts in ten, which counts as solved in pruning. */
const SURVIVING_ACCURACY = 0.9;
/** Least loss of controls, as a multiple of the target, to be clearly worse than the circuit. */
const CONTROL_FACTOR = 2;
/** Most backups, as a multiple of those of random nodes: with more, the core would not matter. */
const MOST_BACKUPS = 1;

/** Least pairs of a proof: with fewer, losses and shares are of chance. */
export const LEAST_PAIRS = 24;
/** A random set with fewer nodes than this share of those that it stands for is no control of them. */
const SAME_SIZE = 0.95;

/** Number of nodes that a set ablates, of which the measurement is what was left. */
const gone = (proof: Proof, id: string) => nodesOf(proof, 'whole') - nodesOf(proof, id);
const nodesOf = (proof: Proof, id: string) => measured(proof, id)?.nodes ?? NaN;

const controlBound = (proof: Proof) => CONTROL_FACTOR * proof.target;

/** Every criterion. */
export const CRITERIA: readonly Criterion[] = [
  {
    ...{
      group: 'sufficient',
      what: 'pairs of prompts that the search has not seen',
      unit: 'pairs',
    },
    ...{ value: ({ unseen, pairs }) => (unseen ? pairs : 0), least: bound(LEAST_PAIRS) },
  },
  {
    ...{ group: 'sufficient', what: 'loss of the core alone', unit: 'nats' },
    ...{ value: loss('core'), most: target },
  },
  {
    ...{ group: 'sufficient', what: 'loss with every node closed', unit: 'nats' },
    ...{ value: loss('empty'), least: controlBound },
  },
  {
    ...{
      group: 'robust',
      what: 'loss with all weights of the core and random parts of the rest put back, worst',
      unit: 'nats',
    },
    ...{ value: loss('subsets.worst'), most: target },
  },
  {
    ...{
      group: 'robust',
      what: `loss with all weights of the core and ${CHOICE} nodes that an adversary chooses`,
      unit: 'nats',
    },
    ...{ value: loss('adversary'), most: target },
  },
  {
    ...{ group: 'necessary', what: 'loss without core and backups', unit: 'nats' },
    ...{ value: loss('removed.circuit'), least: bound(FAILING_LOSS) },
  },
  {
    ...{ group: 'necessary', what: 'pairs in order without core and backups', unit: 'share' },
    ...{ value: order('removed.circuit'), most: bound(FAILING_ORDER) },
  },
  {
    ...{ group: 'necessary', what: 'loss without as many random nodes', unit: 'nats' },
    value: (proof) => {
      const [random, own] = ['removed.random', 'removed.circuit'].map((id) => gone(proof, id));
      return random >= SAME_SIZE * own ? loss('removed.random')(proof) : undefined;
    },
    most: target,
  },
  {
    ...{ group: 'necessary', what: 'backups, as a share of what random nodes need', unit: 'share' },
    value: (proof) => {
      const backups = counted(proof, 'backups');
      return backups && backups.count / Math.max(1, backups.of);
    },
    most: bound(MOST_BACKUPS),
  },
  {
    ...{ group: 'causal', what: 'how far answers follow joined nodes and backups', unit: 'share' },
    ...{ value: share('swap.circuit'), least: bound(LEAST_EFFECT) },
  },
  {
    ...{ group: 'causal', what: 'how far answers follow as many random nodes', unit: 'share' },
    value: (proof) => {
      const [random, own] = ['swap.random', 'swap.circuit'].map((id) => nodesOf(proof, id));
      return random >= SAME_SIZE * own ? share('swap.random')(proof) : undefined;
    },
    most: bound(MOST_RANDOM_EFFECT),
  },
  {
    ...{ group: 'selective', what: 'loss without the cut', unit: 'nats' },
    ...{ value: loss('removed.cut'), least: bound(FAILING_LOSS) },
  },
  {
    ...{
      group: 'selective',
      what: 'other solved tasks left as they are without the cut',
      unit: 'share',
    },
    ...{ value: survivingShare, least: bound(SURVIVING_TASKS) },
  },
  {
    ...{ group: 'real', what: 'loss of what the search finds for random labels', unit: 'nats' },
    ...{ value: loss('control.labels'), least: controlBound },
  },
  {
    ...{ group: 'real', what: 'loss of what the search finds in a random model', unit: 'nats' },
    ...{ value: loss('control.model'), least: controlBound },
  },
];

/** Whether the whole model solves a task. */
export const isSolved = ({ whole }: { readonly whole: number }) => whole >= SOLVED;

/** Whether a task that is solved survives the cut. */
export const survives = ({ without }: { readonly without: number }) =>
  without >= SURVIVING_ACCURACY;

/** Share of the other solved tasks that the model still solves without the cut. */
function survivingShare({ selective, own }: Proof): number | undefined {
  const others = selective.filter((row) => row.task !== own && isSolved(row));
  if (others.length === 0) return undefined;
  return others.filter(survives).length / others.length;
}

/** A criterion with its number. */
export interface Judged {
  readonly group: Group;
  readonly what: string;
  /** Undefined where it was not measured. */
  readonly value: number | undefined;
  readonly bound: number;
  readonly wanted: 'at most' | 'at least';
  readonly unit: Criterion['unit'];
  readonly holds: boolean;
}

export interface Verdict {
  readonly criteria: readonly Judged[];
  /** Groups all of whose criteria hold. */
  readonly groups: Readonly<Record<Group, boolean>>;
  /** Every criterion holds. */
  readonly passes: boolean;
  /** One sentence, with the numbers of what fails. */
  readonly words: string;
}

/** The verdict on a circuit from proofs of several seeds; for every criterion the worst number counts. */
export function judge(proofs: readonly Proof[]): Verdict {
  const [proof] = proofs;
  const criteria = CRITERIA.map(({ group, what, value, most, least, unit }): Judged => {
    const all = proofs.map(value);
    const found = all.reduce((worst, one) => {
      if (worst === undefined || one === undefined) return undefined;
      return most ? Math.max(worst, one) : Math.min(worst, one);
    });
    const limit = (most ?? least)!(proof);
    const holds = found !== undefined && (most ? found <= limit : found >= limit);
    const wanted = most ? 'at most' : 'at least';
    return { group, what, value: found, bound: limit, wanted, unit, holds };
  });
  const groups = Object.fromEntries(
    GROUPS.map((group) => [
      group,
      criteria.filter((one) => one.group === group).every(({ holds }) => holds),
    ]),
  ) as Record<Group, boolean>;
  const passes = criteria.every(({ holds }) => holds);
  const words = [inWords(criteria, groups, passes), ...limits(proofs)].join(' ');
  return { criteria, groups, passes, words };
}

/** Limits of the verdict, told with it. */
function limits(proofs: readonly Proof[]): string[] {
  const said = proofs.length > 1 ? [`Of ${proofs.length} seeds the worst numbers count.`] : [];
  if (proofs.some(({ stopped }) => stopped)) {
    said.push('The time ran out before all was measured.');
  }
  const worst = (id: string) => Math.max(...proofs.map((proof) => loss(id)(proof) ?? 0));
  const byEdges = Math.max(worst('subsets.edges'), worst('adversary.edges'));
  if (byEdges > proofs[0].target) {
    said.push(
      `By its kept weights alone it is not robust (${byEdges.toFixed(1)} nats beside parts of the rest).`,
    );
  }
  const carried = proofs
    .map((proof) => ['swap.rest', 'swap.circuit'].map((id) => share(id)(proof) ?? 0))
    .find(([rest, own]) => rest > own);
  if (carried) {
    const [rest, own] = carried.map((value) => `${Math.round(100 * value)} %`);
    said.push(
      `All nodes but core and backups carry more of the answer (${rest}) than the circuit (${own}).`,
    );
  }
  const free = worst('adversary.free');
  if (free > proofs[0].target) {
    const outside = `${free.toFixed(1)} nats`;
    said.push(`An adversary that may open any number of outside nodes breaks it (${outside}).`);
  }
  return said;
}

function inWords(criteria: readonly Judged[], groups: Verdict['groups'], passes: boolean): string {
  if (passes) return `The circuit is ${list(GROUPS.map((group) => GROUP_WORDS[group]))}.`;
  const holding = GROUPS.filter((group) => groups[group]).map((group) => GROUP_WORDS[group]);
  const faults = criteria
    .filter(({ holds, value }) => !holds && value !== undefined)
    .map((one) => `${one.what} ${valueText(one)}, wanted ${wantedText(one)}`);
  const good = holding.length > 0 ? `The circuit is ${list(holding)}. ` : '';
  const missing = criteria.filter(({ value }) => value === undefined).length;
  const said =
    missing > 0
      ? [`It is NOT JUDGED: ${missing} of ${criteria.length} criteria were not measured.`]
      : [];
  if (faults.length > 0) said.push(`It FAILS: ${faults.join('; ')}.`);
  return good + said.join(' ');
}

const GROUP_WORDS: Record<Group, string> = {
  sufficient: 'sufficient',
  robust: 'robust',
  necessary: 'necessary with its backups',
  causal: 'causal',
  selective: 'selective',
  real: 'more than random labels or a random model give',
};

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A criterion's number, for people. */
export function valueText({ value, unit }: Pick<Judged, 'value' | 'unit'>): string {
  if (value === undefined) return 'was not measured';
  if (unit === 'pairs') return String(value);
  return unit === 'share' ? `${Math.round(100 * value)} %` : value.toFixed(3);
}

/** A criterion's bound, for people. */
export function wantedText({ wanted, bound: limit, unit }: Judged): string {
  return `${wanted} ${valueText({ value: limit, unit })}`;
}
