/** The proofs of a circuit as a Markdown document: those it has, and one that is being made. */
import {
  edgeCount,
  joinedBy,
  proofsOf,
  type Circuit,
} from '../../models/circuits/file/circuitFile';
import {
  isSolved,
  judge,
  survives,
  valueText,
  wantedText,
} from '../../models/circuits/file/criteria';
import type { Proof } from '../../models/circuits/file/schema';
import { countText as counted } from '../../models/labels/explain/sentence';
import { t } from '../../shared/l10n';
import type { KnownCircuit } from './known';
import { isLeftOut, withProof } from './withProof';

/** A proof that is being made, or was. */
export interface Making {
  readonly seed: number;
  /** What has been measured; null before the first step ended. */
  readonly proof: Proof | null;
  /** `complete`: all steps have ended, or the time limit stopped them. */
  readonly state: 'under way' | 'cancelled' | 'failed' | 'complete';
  /** Where a complete one is kept: a file's path; null for the memory of this window. */
  readonly file: string | null;
}

/** Nodes of a list that are named: a page with thousands is slow, and nobody reads them. */
const LISTED = 120;

/** Counts are whole, areas are not. */
const round = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));

const percent = (share: number) => `${Math.round(100 * share)} %`;

/**
 * Verdict in words, the criteria with their numbers by seed, then every measurement of each proof, and the
 * nodes of core and backups.
 * @param known the circuit with the proofs that it had before
 */
export function proofMarkdown({ name, circuit }: KnownCircuit, making: Making): string {
  const { bundle, core, backups, cut, allEdges } = circuit;
  const { counting, shown } = proofsToShow(circuit, making);
  const unseen = shown.every(({ proof }) => proof.unseen);
  return [
    `# The circuit ${name}`,
    '',
    ...(counting.length > 0 ? [`**${judge(counting).words}**`, ''] : []),
    stateText(circuit, making),
    '',
    ...(unseen
      ? []
      : [
          'Nothing unseen judges this circuit: it was judged on the pairs that it was pruned on.',
          '',
        ]),
    `Core of ${counted(core.length, 'node')} and ${edgeCount(circuit)} of its ${counted(allEdges, 'edge')}, ${counted(backups.length, 'backup')}, a cut of ${cut.length}, in ${bundle.name} ${bundle.hash.slice(0, 12)}.`,
    '',
    ...criteriaTable(counting, shown),
    ...shown.flatMap(measurements),
    ...nodeLists(circuit),
    'Loss is the cross-entropy between the two answers after the shift that suits the set best; guessing costs 0.693 nats. Of swapped sets all is said of the other prompt’s answer.',
    '',
  ].join('\n');
}

/** A proof with what is said of it. */
interface Shown {
  readonly proof: Proof;
  /** `seed 2`, or `seed 1, partial`. */
  readonly title: string;
  readonly partial: boolean;
}

/** Proofs that the verdict is of, and all that the page shows, a new one first. */
function proofsToShow(
  circuit: Circuit,
  { proof, state }: Making,
): { readonly counting: readonly Proof[]; readonly shown: readonly Shown[] } {
  const kept = proofsOf(circuit);
  const entitled = (one: Proof, partial: boolean): Shown => ({
    ...{ proof: one, partial },
    title: partial ? t('seed {0}, partial', one.seed) : t('seed {0}', one.seed),
  });
  if (!proof) return { counting: kept, shown: kept.map((one) => entitled(one, one.stopped)) };
  const partial = state !== 'complete' || proof.stopped;
  const counting = state === 'complete' ? proofsOf(withProof(circuit, proof)) : kept;
  const others = (state === 'complete' ? counting : kept).filter((one) => one !== proof);
  return {
    counting: counting.length > 0 ? counting : [proof],
    shown: [entitled(proof, partial), ...others.map((one) => entitled(one, one.stopped))],
  };
}

/** What is happening, and what becomes of the result. */
function stateText(circuit: Circuit, making: Making): string {
  const { seed, proof, state, file } = making;
  const kept = proofsOf(circuit);
  const seeds = kept.map((one) => one.seed).join(', ');
  const rest =
    kept.length > 0 ? ` The verdict is by what was kept, of seed ${seeds}.` : ' No proof is kept.';
  switch (state) {
    case 'under way':
      return `_Being measured with seed ${seed}: each result appears here as soon as it is there._${rest}`;
    case 'cancelled':
    case 'failed': {
      const ended = state === 'cancelled' ? 'Cancelled' : 'Ended by an error';
      return proof
        ? `${ended}: what was measured with seed ${seed} by then is **partial**; it is shown here, not kept, and proves nothing.${rest}`
        : `${ended} before anything was measured.${rest}`;
    }
    case 'complete': {
      if (proof && isLeftOut(circuit, proof)) {
        return `The time limit stopped the proof of seed ${seed}, so that it is **partial**; it is shown here and not kept.${rest}`;
      }
      const where = file === null ? 'kept until this window is closed' : `saved in ${file}`;
      const replaced = kept.some((one) => one.seed === seed);
      const beside = kept.filter((one) => one.seed !== seed).map((one) => one.seed);
      return [
        `Measured with seed ${seed}, and ${where}`,
        ...(replaced ? [`in the place of the earlier proof of seed ${seed}`] : []),
        ...(beside.length > 0 ? [`beside that of seed ${beside.join(', ')}`] : []),
      ]
        .join(' ')
        .concat('.');
    }
  }
}

/** Every criterion with its number in each proof; whether it holds is of those that count. */
function criteriaTable(counting: readonly Proof[], shown: readonly Shown[]): string[] {
  if (shown.length === 0) return [];
  const columns = shown.map(({ proof }) => judge([proof]).criteria);
  const { criteria } = judge(counting);
  return [
    '## Criteria',
    '',
    `| | criterion | ${shown.map(({ title }) => title).join(' | ')} | wanted | holds |`,
    `| :-- | :-- | ${shown.map(() => '--: |').join(' ')} --: | :-- |`,
    ...criteria.map((one, i) => {
      const values = columns.map((column, place) =>
        shown[place].partial && column[i].value === undefined ? '…' : valueText(column[i]),
      );
      const holds = one.holds ? 'yes' : one.value === undefined ? '' : '**no**';
      return `| ${one.group} | ${one.what} | ${values.join(' | ')} | ${wantedText(one)} | ${holds} |`;
    }),
    '',
  ];
}

/** Every number of a proof. */
function measurements({ proof, title }: Shown): string[] {
  return [
    `## Measured, ${title}`,
    '',
    `On ${counted(proof.pairs, 'pair')} of prompts.`,
    '',
    '| set | nodes | loss (nats) | pairs in order | share of the gap |',
    '| :-- | --: | --: | --: | --: |',
    ...proof.measurements.map(
      ({ what, nodes, loss, order, share }) =>
        `| ${what} | ${nodes} | ${loss.toFixed(3)} | ${percent(order)} | ${percent(share)} |`,
    ),
    '',
    ...proof.counts.map(({ what, count, of }) => `- ${round(count)} of ${round(of)}: ${what}.`),
    '',
    ...selective(proof, title),
  ];
}

/** The proof's row of the matrix of circuits and tasks, a task a line. */
function selective({ selective: rows, own }: Proof, title: string): string[] {
  if (rows.length === 0) return [];
  const effect = (row: Proof['selective'][0]) => {
    if (row.task === own) return 'the circuit’s own task';
    if (!isSolved(row)) return 'not solved by the whole model';
    return survives(row) ? 'left as it is' : '**damaged**';
  };
  return [
    `### Every task without the cut, ${title}`,
    '',
    '| accuracy on | whole model | without the cut | the task is |',
    '| :-- | --: | --: | :-- |',
    ...rows.map((row) => {
      const { task, whole, without } = row;
      const name = task === own ? `**${task}**` : task;
      return `| ${name} | ${percent(whole)} | ${percent(without)} | ${effect(row)} |`;
    }),
    '',
  ];
}

/** The nodes of the core, those without an edge apart, and the backups; those of the cut in bold. */
function nodeLists({ core, backups, cut, edges, unlisted = 0 }: Circuit): string[] {
  const cutting = new Set(cut);
  const list = (title: string, nodes: readonly string[]) => {
    if (nodes.length === 0) return [];
    const named = nodes
      .slice(0, LISTED)
      .map((node) => (cutting.has(node) ? `**\`${node}\`**` : `\`${node}\``));
    const more = nodes.length - named.length;
    return [`## ${title}`, '', `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`, ''];
  };
  const joined = joinedBy(edges);
  const constants = unlisted > 0 ? [] : core.filter((node) => !joined.has(node));
  const rest = unlisted > 0 ? core : core.filter((node) => joined.has(node));
  return [
    ...list(`Core: ${counted(rest.length, 'node')} that edges join`, rest),
    ...list(`Core: ${counted(constants.length, 'constant')} without an edge`, constants),
    ...list(`Backups: ${counted(backups.length, 'node')}`, backups),
    ...(cut.length > 0 ? ['Nodes of the cut are in bold.', ''] : []),
  ];
}
