/** The whole search for a small circuit: mask training, bisection, clean-up, some times over. */
import type { Means } from '../../bundles/weights';
import { Rng } from '../../random';
import { MaskedModel } from '../../runtime/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import type { TransformerConfig } from '../../transformer/config';
import type { Weights } from '../../transformer/parameters';
import { accuracyOf, calibrate, calibratedLoss, lossOf } from '../calibration';
import { ModelEdges, type Edge } from '../edges';
import { answersOf, type Control } from '../model';
import { NodeSet } from '../nodeSet';
import { circuitWeights, dropEdges } from './dropEdges';
import { cautiousLoss, Goal, splitPairs } from './goal';
import { makeNecessary } from './makeNecessary';
import { trainMasks } from './maskTraining';
import { UnsolvedError, type PruneResult, type PruneSettings } from './outcome';
import { bisect, cleanUp, type SelectOptions } from './select';
import { gentleSettings, settingsOf } from './settings';
import { weighNodes } from './weigh';

/** What is pruned. */
export interface PruneModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** What closed nodes are frozen at; zeros for zero ablation. */
  readonly means: Means;
}

/** Share of a search's time for mask training; bisection and clean-up take the rest. */
const MASK_SHARE = 0.65;

/** Masks are trained to this share of the goal's loss, which has chance in it. */
const MASK_AIM = 0.6;

/** Loss (nats) that the model must have without the circuit: more than chance, so that new prompts agree. */
const NECESSARY_LOSS = 0.9;

/** Share of the time allowed that making a circuit necessary may take on top. */
const EXTRA_TIME = 0.2;

/** Steps of mask training that the first search gets, whatever time they take. */
const LEAST_STEPS = 60;

/** A goal that a search did not reach is raised by this for the next. */
const RELAXED = 1.2;

/** Accuracy below which a task counts as not solved. */
const SOLVED = 0.9;

/**
 * Finds a small circuit for a task.
 * @param prompts side a of pair i at 2i, side b at 2i + 1
 * @throws UnsolvedError when the model does not solve the task
 */
export async function prune(
  model: PruneModel,
  prompts: readonly Prompt[],
  settings: PruneSettings,
  control: Control,
): Promise<PruneResult> {
  return new Pruning(model, prompts, settings, control).run();
}

interface Found {
  readonly nodes: NodeSet;
  readonly edges: readonly Edge[];
  readonly complete: boolean;
  readonly gentle: boolean;
}

class Pruning {
  private readonly began = performance.now();
  private readonly answers: readonly number[];
  /** Prompts that masks are trained on. */
  private readonly taught: readonly Prompt[];
  /** Prompts that nodes are selected by, and which of their answers are right. */
  private readonly prompts: readonly Prompt[];
  private readonly newAnswers: boolean;
  private readonly signs: readonly number[];
  private readonly edges: ModelEdges;
  private tokens = 0;
  private steps = 0;
  private goal: Goal;

  constructor(
    private readonly model: PruneModel,
    prompts: readonly Prompt[],
    private readonly settings: PruneSettings,
    private readonly control: Control,
  ) {
    this.answers = answersOf(prompts);
    const { select, teach, newAnswers } = splitPairs(prompts);
    [this.prompts, this.taught, this.newAnswers] = [select, teach, newAnswers];
    this.signs = this.prompts.map(({ sign }) => sign);
    this.goal = new Goal(this.prompts, settings.targetLoss);
    this.edges = new ModelEdges(model);
  }

  async run(): Promise<PruneResult> {
    const full = await this.checkSolved();
    let best: Found | null = null;
    let runs = 0;
    for (; runs < this.settings.runs; runs++) {
      if (runs > 0 && this.share() * (1 + 1 / runs) > 1) break;
      const failed = runs > 0 && !best;
      // What many answers need together is lost when most nodes close at once.
      const gentle = failed || this.newAnswers;
      if (failed) this.goal = new Goal(this.prompts, RELAXED * this.goal.target);
      const found = await this.search(runs, gentle);
      if (found && (!best || isSmaller(found, best))) best = found;
    }
    if (!best) {
      throw new UnsolvedError(
        `no circuit reaches a loss of ${this.goal.target.toFixed(3)}, chance included; give more --seconds or a larger --target-loss`,
      );
    }
    best = await this.needed(best);
    const { nodes, edges, complete, gentle } = best;
    const differences = await this.differences(nodes, this.weightsOf(best));
    const calibration = calibrate(differences, this.signs);
    const circuit = lossOf(differences, this.signs, calibration);
    const seconds = this.seconds();
    const effort = { runs, steps: this.steps, tokens: this.tokens, seconds, complete, gentle };
    return { nodes, edges, calibration, loss: { full, circuit }, effort };
  }

  /** The circuit with what must join it so that the model fails without it, if that can be found. */
  private async needed(found: Found): Promise<Found> {
    const { control, model, prompts, settings } = this;
    const nodes = await makeNecessary(found.nodes, {
      ...{ prompts, least: NECESSARY_LOSS, all: NodeSet.all(model.config) },
      open: (open) => this.open(open),
      // It is the last thing done, and a circuit that is not needed is worth little.
      expired: () => this.seconds() > settings.seconds * (1 + EXTRA_TIME),
      onRound: (loss, added) => {
        control.progress(`necessity: loss ${loss.toFixed(3)} without it, ${added} added`, 0.99);
      },
    });
    if (!nodes) return found;
    const edges = this.edges.edgesBetween(nodes.names());
    const larger = { ...found, nodes, edges };
    const differences = await this.differences(nodes, model.weights);
    // What else it contains disturbs it a little; a need that is met may cost the margin.
    const most = Math.max(this.goal.target, settings.targetLoss);
    return cautiousLoss(differences, this.signs) <= most ? larger : found;
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private share(): number {
    return this.seconds() / this.settings.seconds;
  }

  private open(nodes: NodeSet, weights = this.model.weights): MaskedModel {
    const { answers, control } = this;
    const beforeRun = (tokens: number) => {
      this.tokens += tokens;
      return control.pause();
    };
    const { means } = this.model;
    return new MaskedModel({
      ...{ weights, means, nodes, answers, beforeRun },
      threads: control.threads,
    });
  }

  /** Loss of the whole model, and the goal from it; throws when there is no circuit to be found. */
  private async checkSolved(): Promise<number> {
    this.control.progress('whole model', 0);
    const { model, signs, prompts } = this;
    const all = NodeSet.all(model.config);
    const differences = await this.differences(all, model.weights);
    const accuracy = accuracyOf(differences, signs);
    if (accuracy < SOLVED) {
      throw new UnsolvedError(
        `the model does not solve the task: the right answer leads in ${Math.round(100 * accuracy)} % of the prompts, pruning needs ${100 * SOLVED} %; choose another task or model`,
      );
    }
    const reachable = calibratedLoss(differences, signs);
    const { targetLoss, margin } = this.settings;
    if (reachable > targetLoss) {
      throw new UnsolvedError(
        `the whole model tells the answers apart too weakly: a loss of ${reachable.toFixed(3)}, target ${targetLoss}; give prompts that differ more clearly, or a larger --target-loss`,
      );
    }
    // A circuit need not be better than the model.
    const own = cautiousLoss(differences, signs);
    this.goal = new Goal(prompts, Math.max(margin * targetLoss, own));
    const none = await this.differences(new NodeSet(model.config, []), model.weights);
    if (cautiousLoss(none, signs) <= this.goal.target) {
      throw new UnsolvedError(
        'the task needs no circuit: with every node closed the last token alone decides it; give pairs whose prompts end alike',
      );
    }
    return lossOf(differences, signs);
  }

  /** Logit differences with exactly these nodes open. */
  private async differences(nodes: NodeSet, weights: Weights): Promise<Float64Array> {
    const model = this.open(nodes, weights);
    try {
      const all = new Float32Array(nodes.count).fill(1);
      const [found] = await model.differences(this.prompts, [all]);
      return found;
    } finally {
      await model.release();
    }
  }

  /** One mask training and what its best nodes can be brought down to; gently after a failure. */
  private async search(run: number, gentle: boolean): Promise<Found | null> {
    const { control, model, taught, settings, goal } = this;
    const rng = new Rng('prune', settings.seed, run);
    const { steps } = settings;
    const masks = gentle ? gentleSettings(steps) : settingsOf(run, steps, rng);
    const start = this.seconds();
    const allowed = Math.max(0, settings.seconds - start) / (settings.runs - run);
    const name = settings.runs > 1 ? `search ${run + 1}: ` : '';
    const report = (what: string, part: number) => {
      control.progress(name + what, (run + part) / settings.runs);
    };
    let done = 0;
    const ranked = await trainMasks({
      ...{ settings: masks, prompts: taught, rng, tied: settings.tied },
      ...(this.newAnswers && { judge: this.prompts }),
      aim: { loss: MASK_AIM * goal.target },
      open: (nodes) => this.open(nodes),
      nodes: NodeSet.all(model.config),
      // Masks that were hardly trained are of no use, so the first search always gets its first steps.
      elapsed: () =>
        run === 0 && done < LEAST_STEPS ? 0 : (this.seconds() - start) / (MASK_SHARE * allowed),
      onStep: ({ step, loss, open }) => {
        done = step;
        report(`loss ${loss.toFixed(3)}, ${open} nodes open`, (MASK_SHARE * step) / masks.steps);
      },
    });
    this.steps += ranked.steps;
    let part = MASK_SHARE;
    const expired = () => this.seconds() - start > allowed;
    const select: SelectOptions = {
      ...{ goal, expired, tied: settings.tied },
      open: (nodes) => this.open(nodes),
      weigh: (nodes) => weighNodes(nodes, this.edges),
      onNodes: (count) => {
        part += 0.1 * (1 - part);
        report(`${count} nodes`, part);
      },
    };
    const chosen = await bisect(ranked, select);
    if (!chosen) return null;
    // Which nodes answers that nobody taught could do without, no measurement on taught ones tells.
    const { nodes, complete } = this.newAnswers
      ? { nodes: chosen, complete: false }
      : await cleanUp(chosen, select);
    const edges = this.edges.edgesBetween(nodes.names());
    if (!settings.pruneEdges) return { nodes, edges, complete, gentle };
    const open = (weights: Weights) => this.open(nodes, weights);
    const { weights } = model;
    const left = await dropEdges({ nodes, weights, edges, open, goal, expired });
    return { nodes, complete, gentle, edges: left };
  }

  /** The model's weights without those edges between a circuit's nodes that it does not have. */
  private weightsOf({ nodes, edges }: Found): Weights {
    if (!this.settings.pruneEdges) return this.model.weights;
    return circuitWeights(this.model.weights, nodes, edges, this.edges);
  }
}

/** Fewer edges, then fewer nodes. */
function isSmaller(a: Found, b: Found): boolean {
  if (a.edges.length !== b.edges.length) return a.edges.length < b.edges.length;
  return a.nodes.count < b.nodes.count;
}
