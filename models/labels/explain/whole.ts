/** What is said of a circuit as a whole. */
import { edgeCount, proofsOf, type Circuit } from '../../circuits/file/circuitFile';
import { judge } from '../../circuits/file/criteria';
import { say, sayMany, type Sentence } from './sentence';
import { constantAnswers, type ToldCircuit } from './told';
import type { Wiring } from './wiring';

/** The two answers, where they are the same for all pairs. */
export function answersText({ pairs, textOf }: ToldCircuit): string {
  const [{ prompt }] = pairs[0];
  return constantAnswers(pairs)
    ? `${textOf(prompt.first)} or ${textOf(prompt.second)}`
    : 'side a or side b';
}

/** How many edges touch the nodes, and how many the circuit uses. */
export function size(circuit: Circuit, { touching, joining }: Wiring): Sentence {
  const { core, backups } = circuit;
  const kept = edgeCount(circuit);
  return [
    sayMany(
      core.length,
      'Its {0} node touches {1} nonzero weights of the model; {2} of them connect two of the nodes, and the circuit uses {3}.',
      'Its {0} nodes touch {1} nonzero weights of the model; {2} of them connect two of the nodes, and the circuit uses {3}.',
      ...[touching, joining, kept].map(String),
    ),
    ...(backups.length > 0
      ? [
          ' ',
          sayMany(
            backups.length,
            'It has {0} backup: unless it is ablated too, the rest of the model does the task another way.',
            'It has {0} backups: unless they are ablated too, the rest of the model does the task another way.',
          ),
        ]
      : []),
  ];
}

/** How many of its nodes have a label. */
export function labelled({ circuit, labels }: ToldCircuit): Sentence {
  if (!labels) {
    return [say('The bundle has no labels, so nodes are not named by what they detect.')];
  }
  const some = circuit.core.filter((node) => Object.hasOwn(labels.nodes, node)).length;
  return [say('{0} of its {1} nodes have an accepted label.', `${some}`, `${circuit.core.length}`)];
}

/** What its proof says. */
export function verdict(circuit: Circuit): Sentence {
  const proofs = proofsOf(circuit);
  return [proofs.length > 0 ? say('Proof: {0}', judge(proofs).words) : say('It is not proven: no verdict is recorded.')]; // prettier-ignore
}
