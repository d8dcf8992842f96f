/** The proof of a circuit as a Markdown document. */
import { counted } from '../text/counted';
import type { Proof } from '../../models/circuits/inWorker';
import type { KnownCircuit } from './known';

/** Verdict in words, then the losses that it rests on. */
export function proofMarkdown({ name, circuit }: KnownCircuit, proof: Proof): string {
  const { loss, target, nodes, edges, pairs } = proof;
  const { bundle } = circuit;
  const yes = (holds: boolean) => (holds ? 'yes' : 'no');
  const rows: [string, number, string][] = [
    ['the whole model', loss.full, ''],
    ['the circuit alone', loss.circuit, `at most ${target}`],
    ['the model without the circuit', loss.removed, 'at least 3 times the circuit, above 0.5'],
    ['as many random nodes', loss.random, CLEARLY],
    ['the same pruning on shuffled labels', loss.shuffled_labels, CLEARLY],
    ['the same pruning in a random model', loss.random_model, CLEARLY],
  ];
  const judged = counted(pairs, 'pair');
  return [
    `# The circuit ${name}`,
    '',
    `**${proof.verdict}**`,
    '',
    ...(proof.unseen
      ? []
      : [`Nothing unseen judges this circuit: it was judged on the ${judged} pruned on.`, '']),
    `${nodes} nodes and ${edges} edges of ${bundle.name} ${bundle.hash.slice(0, 12)}, ${judged}.`,
    '',
    '| loss of | nats | wanted |',
    '| :-- | --: | :-- |',
    ...rows.map(([what, value, wanted]) => `| ${what} | ${value.toFixed(3)} | ${wanted} |`),
    '',
    'Loss is the cross-entropy between the two answers; guessing costs 0.693 nats.',
    '',
    `- Sufficient: ${yes(proof.sufficient)}`,
    `- Necessary: ${yes(proof.necessary)}`,
    `- Null controls clearly worse: ${yes(proof.controls)}`,
    `- Swapping the circuit's activations between the two prompts of a pair swaps the answer in ${Math.round(100 * proof.interchange)} % of cases.`,
    '',
  ].join('\n');
}

const CLEARLY = 'at least twice the circuit, above 0.3';
