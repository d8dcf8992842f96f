/** What `circuitscope steer --task` and `--circuit` print. */
import type { CircuitSteering } from '../steering/circuitSteering';
import type { Outcome, TaskSteering } from '../steering/taskSteering';
import { percent, table } from './format';

/** Failures that are printed. */
const SHOWN = 3;

/** What steering a task's prompts did, for people. */
export function readableTask(report: TaskSteering, describe: (node: string) => string): string {
  const { task, given, prompts, chosen, leftOut, strengths, ceiling, failures } = report;
  const { node, randomNodes, randomDirections } = report;
  const other = given === 'a' ? 'b' : 'a';
  const share = (x: number) => percent(x).trim();
  const nats = (x: number) => x.toFixed(2);
  const rows = strengths.map((strength, i) => [
    ...[String(strength), share(node.success[i]), share(node.mean[i]), nats(node.nats[i])],
  ]);
  const strongest = strengths.indexOf(Math.max(...strengths));
  /** A line of the controls: the largest of several, column by column. */
  const control = (name: string, outcomes: readonly Outcome[]) => {
    const best = (of: 'success' | 'mean' | 'nats') =>
      Math.max(...outcomes.map((one) => one[of][strongest]));
    return outcomes.length === 0
      ? [name, '-', '-', '-']
      : [name, share(best('success')), share(best('mean')), nats(best('nats'))];
  };
  const sizes = randomNodes.map(({ size }) => size);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map(share);
  const controls = [
    control('the node', [node]),
    ...report.together.map((one) =>
      control(`the best ${one.nodes} nodes of its site together`, [one]),
    ),
    control('added to the next read alone', [report.nextRead]),
    control('added after the last layer, which no sublayer reads', [report.direct]),
    control(`best of ${randomNodes.length} random nodes of its site`, randomNodes),
    control(`best of ${randomDirections.length} random directions`, randomDirections),
    control(`best channel or neuron of the dense model: ${report.denseNode.name}`, [
      report.denseNode,
    ]),
    control(`dense model: ${report.meanDifference.name}`, [report.meanDifference]),
    control('the whole sparse stream at its place', [report.whole]),
  ];
  const shown = failures.first.slice(0, SHOWN);
  return [
    `${task}: ${prompts.proof} prompts of kind ${given} steered to the answer of kind ${other}; ${chosen ? 'node and controls' : 'node given, controls'} chosen on ${prompts.selection} others`,
    `left out: ${leftOut.unsolved} pairs that the dense model does not solve with more than half of the probability, ${leftOut.unaligned} of unequal token counts`,
    `${describe(node.name)} (${node.name})`,
    'turned: share of prompts in which the wanted answer has more than half of the probability; its mean probability, and its mean log-probability (nats)',
    table([['strength', 'turned', 'probability', 'nats'], ...rows]),
    table([[`at strength ${strengths[strongest]}`, 'turned', 'probability', 'nats'], ...controls]),
    ...(randomNodes.length > 0
      ? [`changes of the random nodes are ${least} to ${most} as large as the node's`]
      : []),
    `the wanted answer has ${share(ceiling)} in the other prompts themselves`,
    `not turned: ${failures.count} of ${prompts.proof}`,
    ...shown.map(
      ({ prompt, wanted, probability, predicted }) =>
        `${prompt}\n    wanted '${wanted.shown}', which has ${share(probability)}; likeliest '${predicted.shown}'`,
    ),
  ].join('\n');
}

/** What ablating a circuit through the bridges did to the dense model, for people. */
export function readableCircuit(
  { task, dense }: { readonly task: string; readonly dense: string },
  { pairs, unaligned, answers }: CircuitSteering,
): string {
  const unread = answers.find(({ ablated }) => ablated === 'core')?.unread ?? 0;
  const rows = answers.map(({ ablated, nodes, unread, change, accuracy, pairOrder, loss }) => [
    ...[ablated, nodes, unread],
    ...[change, accuracy, pairOrder].map((x) => percent(x).trim()),
    loss.toFixed(3),
  ]);
  return [
    `${task}: ${dense} on ${pairs} pairs, with nodes of the sparse model ablated through the bridges`,
    ...(unaligned > 0 ? [`left out: ${unaligned} pairs of unequal token counts`] : []),
    table([
      [
        'ablated',
        'nodes',
        'unread',
        'change of reads',
        'right answers',
        'pairs in order',
        'loss (nats)',
      ],
      ...rows,
    ]),
    ...(unread > 0
      ? [
          `unread: nodes of the last MLP, whose ablation changes no read of the dense model; ${unread} of the core`,
        ]
      : []),
  ].join('\n');
}
