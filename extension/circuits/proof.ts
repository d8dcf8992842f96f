/** The proof of a circuit as a Markdown document. */
import { edgeCount } from '../../models/circuits/file/circuitFile';
import { judge, valueText, wantedText } from '../../models/circuits/file/criteria';
import type { Proof } from '../../models/circuits/file/schema';
import { countText as counted } from '../../models/labels/explain/sentence';
import type { KnownCircuit } from './known';

/**
 * Verdict in words, the criteria with their numbers, then every measurement of a new proof; what the file
 * keeps of other seeds counts in the verdict too.
 */
export function proofMarkdown({ name, circuit }: KnownCircuit, proof: Proof): string {
  const { bundle, core, backups, cut, allEdges } = circuit;
  const { criteria, words } = judge([proof, ...circuit.repeats]);
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  const judged = counted(proof.pairs, 'pair');
  return [
    `# The circuit ${name}`,
    '',
    `**${words}**`,
    '',
    ...(proof.unseen
      ? []
      : [`Nothing unseen judges this circuit: it was judged on the ${judged} pruned on.`, '']),
    `Core of ${counted(core.length, 'node')} and ${edgeCount(circuit)} of its ${counted(allEdges, 'edge')}, ${counted(backups.length, 'backup')}, a cut of ${cut.length}, in ${bundle.name} ${bundle.hash.slice(0, 12)}; ${judged}.`,
    '',
    '| | criterion | measured | wanted | holds |',
    '| :-- | :-- | --: | --: | :-- |',
    ...criteria.map(
      (one) =>
        `| ${one.group} | ${one.what} | ${valueText(one)} | ${wantedText(one)} | ${one.holds ? 'yes' : one.value === undefined ? '' : '**no**'} |`,
    ),
    '',
    '| set | nodes | loss (nats) | pairs in order | share of the gap |',
    '| :-- | --: | --: | --: | --: |',
    ...proof.measurements.map(
      ({ what, nodes, loss, order, share }) =>
        `| ${what} | ${nodes} | ${loss.toFixed(3)} | ${percent(order)} | ${percent(share)} |`,
    ),
    '',
    ...proof.counts.map(({ what, count, of }) => `- ${count} of ${of}: ${what}.`),
    '',
    ...selective(proof),
    'Loss is the cross-entropy between the two answers after the shift that suits the set best; guessing costs 0.693 nats. Of swapped sets all is said of the other prompt’s answer.',
    '',
  ].join('\n');
}

function selective({ selective: rows, own }: Proof): string[] {
  if (rows.length === 0) return [];
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    '| accuracy on | whole model | without the cut |',
    '| :-- | --: | --: |',
    ...rows.map(
      ({ task, whole, without }) =>
        `| ${task === own ? `**${task}**` : task} | ${percent(whole)} | ${percent(without)} |`,
    ),
    '',
  ];
}
