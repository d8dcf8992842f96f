/**
 * Steering over many prompts of a task: one node, chosen on separate prompts, steers the dense model from
 * each prompt's answer to that of the other prompt of its pair. Controls are random nodes of changes about as
 * large, random directions of the same length, and what the dense model has itself, chosen on the same prompts
 * by the same rule: its best single channel or neuron, and its best mean difference.
 */
import { placeOfNode } from '../bridges/steering';
import { textOf, type TokenText } from '../inference/tokenText';
import type { Task, TaskPair, TaskPart } from '../tasks';
import { parseNode } from '../transformer/nodes';
import {
  denseCandidates,
  directCandidate,
  meanDifferences,
  nextReadCandidate,
  nodeCandidate,
  randomDirections,
  ranking,
  togetherCandidate,
  type Candidate,
} from './candidates';
import { randomOthers } from './controls';
import type { BridgedModels } from './models';
import { Steering, type SteeringControl } from './steering';
import { TextsError } from './texts';

/** Nodes that are tried for each prompt: those that change the dense model's residual stream most. */
const NODES_A_PROMPT = 256;
/** The same of the dense model's own channels and neurons, of which there are fewer. */
const DENSE_NODES_A_PROMPT = 512;
/** Pairs that are drawn for each wanted one, since the dense model must solve them, and the fewest drawn. */
const PAIRS_EACH = 6;
const LEAST_PAIRS = 60;
const FAILURES_SHOWN = 10;
/** How many of the best nodes of one site steer together. */
const TOGETHER = [2, 4, 8, 16, 32];

export interface TaskSteeringOptions {
  readonly task: Task;
  /** Which prompt of a pair is steered to the other's answer. */
  readonly given: 'a' | 'b';
  /** Prompts that the node and the controls are chosen on, and those that are steered. */
  readonly prompts: { readonly selection: number; readonly proof: number };
  /** The node; chosen if not given. */
  readonly node?: string | undefined;
  /** Nodes to choose from, instead of all; those that differ most between the texts are tried. */
  readonly among?: readonly string[] | undefined;
  readonly strengths: readonly number[];
  readonly seed: number;
}

/** Effect of steering over all prompts, by strength. */
export interface Outcome {
  readonly name: string;
  /** Mean probability of the wanted answer, and mean log-probability (nats). */
  readonly mean: readonly number[];
  readonly nats: readonly number[];
  /** Share of prompts in which the wanted answer has more than half of the probability. */
  readonly success: readonly number[];
}

/** A prompt whose answer did not change at the largest strength. */
interface Failure {
  readonly prompt: string;
  readonly wanted: TokenText;
  readonly probability: number;
  /** What the dense model finds likeliest instead. */
  readonly predicted: TokenText;
}

export interface TaskSteering {
  readonly task: string;
  readonly given: 'a' | 'b';
  readonly prompts: { readonly selection: number; readonly proof: number };
  /** Whether the node was chosen on the selection prompts, from all or from some; else it was given. */
  readonly chosen: boolean;
  /** Pairs left out: of unequal token counts, or right answers with no more than half of the probability. */
  readonly leftOut: { readonly unaligned: number; readonly unsolved: number };
  readonly strengths: readonly number[];
  /** Mean probability of the wanted answer in the other prompt itself: the most to expect of steering. */
  readonly ceiling: number;
  readonly node: Outcome;
  /** The best nodes of the chosen node's site together, so many; none where the node was given. */
  readonly together: readonly (Outcome & { readonly nodes: number })[];
  /** The node's change added to the next read alone, not to the stream. */
  readonly nextRead: Outcome;
  /** The node's change added after the last sublayer, so that no later layer reads it. */
  readonly direct: Outcome;
  /** Each with how large its change is on the selection prompts, the node's being 1. */
  readonly randomNodes: readonly (Outcome & { readonly size: number })[];
  /** Changes as long as the node's at every token, in random directions of the dense stream. */
  readonly randomDirections: readonly Outcome[];
  /** The best single channel or neuron of the dense model. */
  readonly denseNode: Outcome;
  /** The best mean difference of the dense model's residual stream at the last token. */
  readonly meanDifference: Outcome;
  /** The whole change of the sparse model's residual stream at the node's place, embeddings included. */
  readonly whole: Outcome;
  readonly failures: { readonly count: number; readonly first: readonly Failure[] };
}

/** A pair that the dense model solves, prepared for steering. */
interface Case {
  readonly steering: Steering;
  readonly prompt: string;
  /** Token of the other prompt's answer. */
  readonly wanted: number;
}

/** Steers the prompts of a task with a node and its controls. */
export async function taskSteering(
  models: BridgedModels,
  options: TaskSteeringOptions,
  control: SteeringControl = {},
): Promise<TaskSteering> {
  const { task, given, prompts, strengths, seed } = options;
  const work = new TaskPasses(models, options, control);
  const selection = await work.allCases('selection', prompts.selection);
  if (selection.length === 0) throw unsolved(models, task);
  const nodes =
    options.node === undefined ? await work.bestNodes(selection) : [nodeCandidate(options.node)];
  const [node] = nodes;
  const { config } = models.sparse.info;
  const place = placeOfNode(parseNode(node.name, config), config);
  const siteOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
  const ofSite = nodes.filter(({ name }) => siteOf(name) === siteOf(node.name));
  const counts = TOGETHER.filter((count) => count <= ofSite.length);
  const together = counts.map((count) => togetherCandidate(ofSite.slice(0, count)));
  const steerings = selection.map(({ steering }) => steering);
  if (steerings.every((steering) => node.change(steering) === null)) {
    throw new Error(
      `${node.name} has the same activations in both prompts of every pair tried of ${task.name}; choose another node`,
    );
  }
  const denseNode = (await work.best(selection, (steering) =>
    denseCandidates(steering, DENSE_NODES_A_PROMPT),
  ))!;
  const vectors = meanDifferences(steerings);
  const meanDifference = (await work.best(selection, () => vectors))!;
  const random = randomOthers(steerings, node.name, seed);
  const whole = {
    name: 'whole stream',
    change: (steering: Steering) => steering.wholeChange(place),
  };
  const directions = randomDirections(node, models.dense.info.config.dModel, seed);
  const named: Candidate[] = [
    ...[node, nextReadCandidate(node), directCandidate(node), denseNode, meanDifference, whole],
  ];
  const others = random.map(({ name }) => nodeCandidate(name));
  const all = [...named, ...together, ...directions, ...others];
  const outcomes = all.map(({ name }) => new Tally(name, strengths.length));
  const strongest = strengths.indexOf(Math.max(...strengths));
  const failures: Failure[] = [];
  let [count, failed, ceiling] = [0, 0, 0];
  for await (const one of work.cases('proof', prompts.proof)) {
    ceiling += Math.exp(one.steering.predictions.other[one.wanted]);
    for (const [i, candidate] of all.entries()) {
      const curve = await work.curve(one, candidate, strengths);
      outcomes[i].add(curve.map((logprobs) => logprobs[one.wanted]));
      const full = curve[strongest];
      if (i > 0 || full[one.wanted] > Math.log(0.5)) continue;
      failed++;
      if (failures.length < FAILURES_SHOWN) failures.push(failureOf(one, full, models));
    }
    count++;
    control.onProgress?.(count, prompts.proof);
  }
  if (count === 0) throw unsolved(models, task);
  const found = outcomes.map((tally) => tally.outcome);
  const [ofNode, ofNextRead, ofDirect, ofDenseNode, ofMean, ofWhole, ...rest] = found;
  return {
    ...{ task: task.name, given, chosen: options.node === undefined },
    ...{ leftOut: work.leftOut, strengths },
    prompts: { selection: selection.length, proof: count },
    ceiling: ceiling / count,
    ...{ node: ofNode, nextRead: ofNextRead, direct: ofDirect, whole: ofWhole },
    ...{ denseNode: ofDenseNode, meanDifference: ofMean },
    together: counts.map((nodes, i) => ({ ...rest[i], nodes })),
    randomDirections: rest.slice(counts.length, counts.length + directions.length),
    randomNodes: rest
      .slice(counts.length + directions.length)
      .map((outcome, i) => ({ ...outcome, size: random[i].size })),
    failures: { count: failed, first: failures },
  };
}

const unsolved = ({ dense }: BridgedModels, { name }: Task) =>
  new Error(
    `no pair of ${name} has more than half of the probability of ${dense.info.name} on the right answer in both prompts; choose another task`,
  );

function failureOf(
  { prompt, wanted }: Case,
  logprobs: Float32Array,
  { dense }: BridgedModels,
): Failure {
  const likeliest = logprobs.indexOf(logprobs.reduce((a, b) => Math.max(a, b), -Infinity));
  return {
    ...{ prompt, wanted: textOf(dense.info, wanted), probability: Math.exp(logprobs[wanted]) },
    predicted: textOf(dense.info, likeliest),
  };
}

/** Pairs of one task, and steered passes over them. */
class TaskPasses {
  readonly leftOut = { unaligned: 0, unsolved: 0 };

  constructor(
    private readonly models: BridgedModels,
    private readonly options: TaskSteeringOptions,
    private readonly control: SteeringControl,
  ) {}

  async allCases(part: TaskPart, count: number): Promise<Case[]> {
    const all: Case[] = [];
    for await (const one of this.cases(part, count)) all.push(one);
    return all;
  }

  /** Pairs of a part that the dense model solves, up to the wanted number. */
  async *cases(part: TaskPart, count: number): AsyncGenerator<Case> {
    const { task, seed } = this.options;
    let found = 0;
    for (const pair of task.pairs(seed, Math.max(count * PAIRS_EACH, LEAST_PAIRS), part)) {
      if (found >= count) return;
      this.control.signal?.throwIfAborted();
      const one = await this.caseOf(pair, part);
      if (!one) continue;
      found++;
      yield one;
    }
  }

  private async caseOf(pair: TaskPair, part: TaskPart): Promise<Case | null> {
    const { given } = this.options;
    const [own, other] = given === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
    const leave = (reason: 'unaligned' | 'unsolved') => {
      if (part === 'proof') this.leftOut[reason]++;
      return null;
    };
    const { dense } = this.models;
    const position = (await dense.tokens(own.prompt)).ids.length - 1;
    const answer = async (side: typeof own) => {
      const { ids } = await dense.tokens(side.prompt + side.answer);
      return ids.length === position + 2 ? ids[position + 1] : null;
    };
    const [wrong, wanted] = [await answer(own), await answer(other)];
    if (wrong === null || wanted === null) return leave('unaligned');
    const texts = { given: own.prompt, other: other.prompt, at: { token: position } };
    const steering = await Steering.open(this.models, texts).catch((error: unknown) => {
      if (error instanceof TextsError) return null;
      throw error;
    });
    if (!steering) return leave('unaligned');
    const { predictions } = steering;
    const half = Math.log(0.5);
    const solved = predictions.given[wrong] > half && predictions.other[wanted] > half;
    return solved ? { steering, prompt: own.prompt, wanted } : leave('unsolved');
  }

  /**
   * Nodes by how well each steers alone, the best first.
   * @throws one line when none of the nodes to choose from can steer in the first prompts
   */
  async bestNodes(cases: readonly Case[]): Promise<ReturnType<typeof nodeCandidate>[]> {
    const among = this.options.among && new Set(this.options.among);
    const best = await this.ranking(cases, async (steering) => {
      const differing = await steering.differing(this.control);
      const able = differing.filter((node) => among?.has(node) ?? true);
      return able.slice(0, NODES_A_PROMPT).map(nodeCandidate);
    });
    if (best.length > 0) return best;
    throw new Error(
      `none of the ${among?.size ?? 0} nodes can steer in the prompts of ${this.options.task.name}; choose others`,
    );
  }

  /** The candidate with the largest mean probability of the wanted answer at full strength. */
  async best<C extends Candidate>(
    cases: readonly Case[],
    candidatesIn: (steering: Steering) => readonly C[],
  ): Promise<C | undefined> {
    return (await this.ranking(cases, candidatesIn)).at(0);
  }

  /** Candidates by that probability, the largest first. */
  private ranking<C extends Candidate>(
    cases: readonly Case[],
    candidatesIn: (steering: Steering) => readonly C[] | Promise<readonly C[]>,
  ): Promise<C[]> {
    return ranking(
      cases,
      ({ steering }) => candidatesIn(steering),
      async (one, candidate) => {
        const [logprobs] = await this.curve(one, candidate, [1]);
        return Math.exp(logprobs[one.wanted]);
      },
    );
  }

  /** Predictions by strength; those without steering where the candidate changes nothing. */
  async curve(
    { steering }: Case,
    candidate: Candidate,
    strengths: readonly number[],
  ): Promise<Float32Array[]> {
    const change = candidate.change(steering);
    const curve: Float32Array[] = [];
    for (const strength of strengths) {
      if (!change || strength === 0) curve.push(steering.predictions.given);
      else curve.push(await steering.predict(change, strength, this.control));
    }
    return curve;
  }
}

/** Sums over prompts. */
class Tally {
  private readonly sums: Float64Array;
  private readonly nats: Float64Array;
  private readonly successes: Float64Array;
  private count = 0;

  constructor(
    private readonly name: string,
    strengths: number,
  ) {
    this.sums = new Float64Array(strengths);
    this.nats = new Float64Array(strengths);
    this.successes = new Float64Array(strengths);
  }

  /** @param logprobs of the wanted answer in one prompt (nats), by strength */
  add(logprobs: readonly number[]): void {
    this.count++;
    for (const [i, logprob] of logprobs.entries()) {
      const p = Math.exp(logprob);
      this.sums[i] += p;
      this.nats[i] += logprob;
      if (p > 0.5) this.successes[i]++;
    }
  }

  get outcome(): Outcome {
    const share = (sums: Float64Array) => Array.from(sums, (sum) => sum / this.count);
    return {
      ...{ name: this.name, mean: share(this.sums), nats: share(this.nats) },
      success: share(this.successes),
    };
  }
}
