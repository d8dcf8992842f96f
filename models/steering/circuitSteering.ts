/**
 * Ablates a circuit of the sparse model in the dense model, through the bridges: its nodes are set to their
 * means in the sparse model, the change of the residual stream is decoded into all reads of the dense model,
 * and the dense model answers. Controls are random sets of as many nodes that ablation moves about as far.
 */
import { accuracyOf, pairOrder, strictLoss } from '../circuits/search/calibration';
import { circuitNodes, type Circuit } from '../circuits/file/circuitFile';
import { Rng } from '../random';
import type { TaskPair } from '../tasks';
import { parseNode } from '../transformer/nodes';
import type { BridgedModels } from './models';
import { ablationMoves, isRead, RandomSets, type Moves } from './randomSets';
import { Steering, type SteeringControl } from './steering';
import { checkAligned, TextsError } from './texts';

const RANDOM_SETS = 5;

/** Answers of the dense model on a task's pairs with some nodes of the sparse one ablated. */
interface DenseAnswers {
  /** `nothing`, `core`, `cut`, `core and backups` or `random 1` to `random 5`. */
  readonly ablated: string;
  readonly nodes: number;
  /** Of these, nodes whose change no read of the dense model gets: those of the last MLP. */
  readonly unread: number;
  /** How much it alters what the dense model reads: root mean square over prompts, the reads' own being 1. */
  readonly change: number;
  /** Share of prompts whose right answer has the larger logit. */
  readonly accuracy: number;
  /** Share of pairs whose sides are in the right order. */
  readonly pairOrder: number;
  /** Strict loss between the two answers: with the best shift (nats). */
  readonly loss: number;
}

export interface CircuitSteering {
  readonly pairs: number;
  /** Pairs of unequal token counts, which are left out. */
  readonly unaligned: number;
  readonly answers: readonly DenseAnswers[];
}

/**
 * @param pairs of the circuit's task, not used in its search
 * @throws one line when the prompts of no pair can be aligned
 */
export async function circuitSteering(
  models: BridgedModels,
  circuit: Circuit,
  pairs: readonly TaskPair[],
  seed: number,
  control: SteeringControl = {},
): Promise<CircuitSteering> {
  const { config } = models.sparse.info;
  const aligned: TaskPair[] = [];
  for (const pair of pairs) if (await isAligned(models, pair)) aligned.push(pair);
  if (aligned.length === 0) {
    throw new Error(
      'the prompts of every pair have unequal numbers of tokens, so they cannot be aligned; give the circuit of another task',
    );
  }
  const prompts = aligned.flatMap(({ a, b }) => [a.prompt, b.prompt]);
  const moves = await ablationMoves(models.sparse, prompts, async () => {
    control.signal?.throwIfAborted();
    await control.pause?.();
  });
  const sets = setsOf(models, circuit, moves, seed);
  const differences = sets.map((): number[] => []);
  const squares = sets.map(() => 0);
  let done = 0;
  for (const pair of aligned) {
    for (const side of await bothSides(models, pair)) {
      for (const [i, { nodes }] of sets.entries()) {
        const { change, difference } = await without(side, nodes, control);
        differences[i].push(difference);
        squares[i] += change ** 2;
      }
    }
    done++;
    control.onProgress?.(done, aligned.length);
  }
  const signs = differences[0].map((_, i) => (i % 2 === 0 ? 1 : -1));
  const answers = sets.map(({ name, nodes }, i) => ({
    ...{ ablated: name, nodes: nodes.length },
    unread: nodes.filter((node) => !isRead(parseNode(node, config), config)).length,
    change: Math.sqrt(squares[i] / differences[i].length),
    accuracy: accuracyOf(differences[i], signs),
    ...{ pairOrder: pairOrder(differences[i]), loss: strictLoss(differences[i], signs) },
  }));
  return { pairs: aligned.length, unaligned: pairs.length - aligned.length, answers };
}

/** A prompt aligned with the other of its pair, and the tokens of the pair's answers. */
interface Side {
  readonly steering: Steering;
  readonly first: number;
  readonly second: number;
}

/** Whether the prompts of a pair can be laid beside each other, token by token. */
async function isAligned({ dense }: BridgedModels, { a, b }: TaskPair): Promise<boolean> {
  const [own, other] = [(await dense.tokens(a.prompt)).ids, (await dense.tokens(b.prompt)).ids];
  try {
    checkAligned(own, other, own.length - 1, true);
    return true;
  } catch (error) {
    if (error instanceof TextsError) return false;
    throw error;
  }
}

/** Both prompts of an aligned pair. */
async function bothSides(models: BridgedModels, { a, b }: TaskPair): Promise<Side[]> {
  const answer = async ({ prompt, answer: text }: TaskPair['a']) => {
    const [alone, whole] = [
      await models.dense.tokens(prompt),
      await models.dense.tokens(prompt + text),
    ];
    return { position: alone.ids.length - 1, token: whole.ids[alone.ids.length] };
  };
  const [ofA, ofB] = [await answer(a), await answer(b)];
  const open = (given: string, other: string, token: number) =>
    Steering.open(models, { given, other, at: { token } });
  const steerings = [
    await open(a.prompt, b.prompt, ofA.position),
    await open(b.prompt, a.prompt, ofB.position),
  ];
  return steerings.map((steering) => ({ steering, first: ofA.token, second: ofB.token }));
}

/** The dense model with some nodes of the sparse one at their means. */
async function without(
  { steering, first, second }: Side,
  nodes: readonly string[],
  control: SteeringControl,
): Promise<{
  /** How much that alters its reads, as `readShare`. */
  readonly change: number;
  /** Log-odds (nats) of the first answer against the second. */
  readonly difference: number;
}> {
  const kind = { kind: 'mean' as const };
  const interventions =
    nodes.length === 0 ? [] : [{ nodes: [...nodes], positions: 'all' as const, kind }];
  const changes = await steering.interventionChanges(interventions);
  const logprobs = await steering.predictReads(changes, control);
  return { change: steering.readShare(changes), difference: logprobs[first] - logprobs[second] };
}

function setsOf({ sparse }: BridgedModels, circuit: Circuit, moves: Moves, seed: number) {
  const { config } = sparse.info;
  const all = circuitNodes(circuit);
  const core = circuit.core.map((name) => parseNode(name, config));
  const random = new RandomSets(config, core, all, moves);
  const rng = new Rng(seed, 'control', 'through the bridges');
  return [
    { name: 'nothing', nodes: [] },
    { name: 'core', nodes: circuit.core },
    ...(circuit.cut.length > 0 ? [{ name: 'cut', nodes: circuit.cut }] : []),
    ...(circuit.backups.length > 0 ? [{ name: 'core and backups', nodes: all }] : []),
    ...Array.from({ length: RANDOM_SETS }, (_, i) => ({
      name: `random ${i + 1}`,
      nodes: random.draw(rng),
    })),
  ];
}
