/** What `circuitscope steer --task` and `--circuit` print. */
import type { CircuitSteering } from '../steering/circuitSteering';
import type { Outcome, TaskSteering } from '../steering/taskSteering';
import { percent, table } from './format';

/** Failures that are printed. */
const SHOWN = 3;

/** What steering a task's prompts did, for people. */
export function readableTask(report: TaskSteering, describe: (node: string) => string): string {
  const { task, given, prompts, chosen, leftOut, strengths, ceiling, failures } = report;
  const { node, direct, denseChannel, whole, randomNodes, randomDirections } = report;
  const other = given === 'a' ? 'b' : 'a';
  const share = (x: number) => percent(x).trim();
  /** The largest of some controls. */
  const best = (outcomes: readonly Outcome[], i: number) =>
    outcomes.length === 0
      ? ['-', '-']
      : (['success', 'mean'] as const).map((of) =>
          share(Math.max(...outcomes.map((one) => one[of][i]))),
        );
  const rows = strengths.map((strength, i) => [
    String(strength),
    ...[[node], [direct], [denseChannel], randomNodes, randomDirections, [whole]].flatMap((one) =>
      best(one, i),
    ),
  ]);
  const columns = [
    ...['node', 'directly', 'dense channel', 'best random node', 'best random direction'],
    'whole stream',
  ];
  const head = ['strength', ...columns.flatMap((name) => [name, 'mean'])];
  const shown = failures.first.slice(0, SHOWN);
  return [
    `${task}: ${prompts.proof} prompts of kind ${given} steered to the answer of kind ${other}; ${chosen ? 'node and channel' : 'node given, channel'} chosen on ${prompts.selection} others`,
    `left out: ${leftOut.unsolved} pairs that the dense model does not solve with more than half of the probability, ${leftOut.unaligned} of unequal token counts`,
    `${describe(node.name)} (${node.name}); the dense model's own channel ${denseChannel.name}; ${randomNodes.length} random nodes`,
    'share of prompts in which the wanted answer has more than half of the probability, and its mean',
    table([head, ...rows]),
    "directly: the node's change after the last sublayer, so that no later layer makes anything of it",
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
  const rows = answers.map(({ ablated, nodes, unread, accuracy, pairOrder, loss }) => [
    ...[
      ablated,
      nodes,
      unread,
      percent(accuracy).trim(),
      percent(pairOrder).trim(),
      loss.toFixed(3),
    ],
  ]);
  return [
    `${task}: ${dense} on ${pairs} pairs, with nodes of the sparse model ablated through the bridges`,
    ...(unaligned > 0 ? [`left out: ${unaligned} pairs of unequal token counts`] : []),
    table([
      ['ablated', 'nodes', 'unread', 'right answers', 'pairs in order', 'loss (nats)'],
      ...rows,
    ]),
    ...(unread > 0
      ? [
          `unread: nodes of the last MLP, whose ablation changes no read of the dense model; ${unread} of the core`,
        ]
      : []),
  ].join('\n');
}
