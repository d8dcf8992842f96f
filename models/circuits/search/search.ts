/**
 * The search for a small circuit, the same for tasks and for controls: mask training, bisection and clean-up
 * by measurement on nodes, then on the weights between them; repeated for each run.
 */
import type { Means } from '../../bundles/weights';
import { Rng } from '../../random';
import { MaskedModel } from '../../inference/maskedModel';
import type { Prompt } from '../../tasks/prompts';
import type { TransformerConfig } from '../../transformer/config';
import type { Weights } from '../../transformer/parameters';
import { ModelEdges, type Edge } from '../../weights/edges';
import { answersOf, type Control } from './model';
import { NodeSet } from '../../transformer/nodeSet';
import { EdgeSpace } from './edges';
import { NodeGates, type GatedModel } from './gates';
import { Goal } from './goal';
import { trainMasks, type Ranked } from './maskTraining';
import { mended } from './mend';
import type { Found, SearchResult, SearchSettings } from './outcome';
import { PutBack } from './putBack';
import { bestWithin } from './ranking';
import { bisect, cleanUp, type SelectOptions } from './select';
import { edgeSettings, settingsOf } from './settings';
import { weighNodes } from './weigh';

/** The model that is searched. */
export interface SearchModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
  /** Values of closed nodes; zeros for zero ablation. */
  readonly means: Means;
}

/** Prompts of a search: side a of pair i at 2i, side b at 2i + 1. */
export interface SearchPrompts {
  /** To train masks on. */
  readonly masks: readonly Prompt[];
  /** To select nodes on. */
  readonly selection: readonly Prompt[];
}

export interface SearchOptions {
  readonly settings: SearchSettings;
  /** Cautious loss (nats) that the core must keep on the prompts that it is selected on. */
  readonly goal: number;
  /** Start of the time limit (ms of `performance.now`); by default the start of the search. */
  readonly began?: number;
  /** Nodes that may not be used. */
  readonly forbidden?: NodeSet;
  /** Nodes of an earlier search: only weights between them are searched, in so many runs. */
  readonly taken?: (Pick<Found, 'core' | 'complete'> & { readonly runs: number }) | undefined;
  /**
   * Size limit of a control, the size of the circuit: masks are pushed to at most so many nodes, and the best
   * set within the limit is returned too, whether or not it keeps the goal.
   */
  readonly size?: number;
}

/** Masks are trained to this share of the goal, which is a cautious loss and so has a margin for chance. */
const MASK_AIM = 0.8;
/** Most weights that get a gate each; a core with more keeps all of them. */
const MOST_GATED = 40_000;
/** Share of a run's progress that is mask training. */
const MASK_SHARE = 0.6;

/** Reports the current activity, and the share of a run that is done. */
type Report = (what: string, part: number) => void;

/** Finds a small circuit; `found` is null when no number of nodes keeps the goal. */
export async function search(
  model: SearchModel,
  prompts: SearchPrompts,
  options: SearchOptions,
  control: Control,
): Promise<SearchResult> {
  return new Search(model, prompts, options, control).run();
}

class Search {
  private readonly began: number;
  private readonly answers: readonly number[];
  private readonly goal: Goal;
  private readonly edgeGoal: Goal;
  private readonly edges: ModelEdges;
  private readonly nodes: NodeSet;
  private tokens = 0;
  private steps = 0;
  private stopped = false;
  private reached = Infinity;
  private nearest: NodeSet | null = null;
  private within: { readonly nodes: NodeSet; readonly loss: number } | null = null;

  constructor(
    private readonly model: SearchModel,
    private readonly prompts: SearchPrompts,
    private readonly options: SearchOptions,
    private readonly control: Control,
  ) {
    this.began = options.began ?? performance.now();
    this.answers = answersOf([...prompts.masks, ...prompts.selection]);
    this.goal = new Goal(prompts.selection, options.goal);
    const { edgeMargin, targetLoss } = options.settings;
    this.edgeGoal = new Goal(prompts.selection, Math.max(options.goal, edgeMargin * targetLoss));
    this.edges = new ModelEdges(model);
    const all = NodeSet.all(model.config);
    this.nodes = options.forbidden ? all.without(options.forbidden) : all;
  }

  async run(): Promise<SearchResult> {
    const { goal } = this.options;
    let best: Found | null = null;
    let runs = 0;
    for (; runs < this.runs && !this.expired(); runs++) {
      const found = await this.runOnce(runs);
      if (found && (!best || isSmaller(found, best))) best = found;
    }
    return {
      ...{ found: best, goal, reached: this.reached, nearest: this.nearest },
      within: this.within?.nodes ?? null,
      effort: {
        ...{ runs, steps: this.steps, tokens: this.tokens },
        ...{ seconds: this.seconds(), stopped: this.stopped },
      },
    };
  }

  private get runs(): number {
    const { taken, settings } = this.options;
    return taken?.runs ?? settings.runs;
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** Whether the time is over; the result then depends on the clock, and records that. */
  private expired(): boolean {
    if (this.seconds() <= this.options.settings.seconds) return false;
    this.stopped = true;
    return true;
  }

  private maskedOptions() {
    const { answers, control, model } = this;
    const beforeRun = (tokens: number) => {
      this.tokens += tokens;
      return control.pause();
    };
    const { weights, means } = model;
    return { weights, means, answers, beforeRun, machines: control.machines };
  }

  private open(nodes: NodeSet): MaskedModel {
    return new MaskedModel({ ...this.maskedOptions(), nodes });
  }

  /** One run: mask training, and the smallest set found from its best nodes. */
  private async runOnce(run: number): Promise<Found | null> {
    const { settings } = this.options;
    const rng = new Rng('prune', settings.seed, run);
    const name = this.runs > 1 ? `search ${run + 1}: ` : '';
    const report: Report = (what, part) => {
      this.control.progress(name + what, (run + part) / this.runs);
    };
    const nodes = this.options.taken ?? (await this.nodesOf(run, rng, report));
    if (!nodes) return null;
    const { core, complete } = nodes;
    const all = this.edges.weightsBetween(core.names()).length;
    const found = { core, allEdges: all, complete };
    // Without time to train them, masks of weights would say nothing.
    if (!settings.pruneEdges || all === 0 || all > MOST_GATED || this.expired()) {
      return { ...found, edges: this.edges.edgesBetween(core.names()) };
    }
    const edgeRng = new Rng('prune', settings.seed, run, 'weights');
    return { ...found, edges: await this.selectEdges(core, edgeRng, report) };
  }

  private async nodesOf(run: number, rng: Rng, report: Report) {
    const putBack = new PutBack(this.open(this.nodes), this.nodes, rng, this.goal);
    try {
      return await this.selectNodes(run, rng, putBack, report);
    } finally {
      await putBack.release();
    }
  }

  private async selectNodes(
    run: number,
    rng: Rng,
    putBack: PutBack,
    report: Report,
  ): Promise<Pick<Found, 'core' | 'complete'> | null> {
    const { settings } = this.options;
    const { goal, prompts } = this;
    const open = (gates: NodeGates) => gates.of(this.open(gates.nodes));
    const masks = settingsOf(run, settings.steps, rng);
    const expired = () => this.expired();
    const ranked = await trainMasks<NodeGates>({
      ...{ settings: masks, open, rng, expired, prompts: prompts.masks },
      gates: new NodeGates(this.nodes, settings.tied),
      putBack: true,
      aim: MASK_AIM * goal.target,
      most: this.options.size,
      onStep: ({ step, loss, open: count }) => {
        const part = (MASK_SHARE * step) / masks.steps;
        report(`loss ${loss.toFixed(3)}, ${count} nodes open`, part);
      },
    });
    this.steps += ranked.steps;
    // Without any training only the whole model would keep the goal.
    if (ranked.steps === 0) return null;
    let part = MASK_SHARE;
    const select: SelectOptions<NodeGates> = {
      ...{ goal, expired, open },
      alsoKeeps: (gates) => putBack.keeps(gates.nodes),
      alsoHarms: async ({ nodes, places }) => {
        const harms = await putBack.harms(nodes);
        return places.map((own) => own.reduce((sum, place) => sum + harms[place], 0));
      },
      weigh: weighNodes(this.edges),
      onCount: (count) => {
        part += 0.1 * (1 - part);
        report(`${count} nodes`, part);
      },
    };
    const chosen = await bisect(ranked, select);
    if (this.options.size !== undefined) await this.lookWithin(this.options.size, ranked, select);
    if (!chosen.gates) {
      if (chosen.loss < this.reached) {
        [this.reached, this.nearest] = [chosen.loss, chosen.nearest.nodes];
      }
      return null;
    }
    this.reached = Math.min(this.reached, goal.target);
    const cleaned = await cleanUp(chosen.gates, select);
    const all = new NodeGates(this.nodes, settings.tied);
    const keeps = (gates: NodeGates) => this.keeps(gates, open);
    // What mends it may make it larger than is asked for.
    this.offerWithin(cleaned.gates.nodes, goal.target);
    const gates = await mended(cleaned.gates, { all, putBack, keeps, expired });
    return { core: gates.nodes, complete: cleaned.complete };
  }

  /** Looks for the best set of best-ranked nodes within the size limit. */
  private async lookWithin(
    size: number,
    ranked: Ranked<NodeGates>,
    options: SelectOptions<NodeGates>,
  ): Promise<void> {
    const { gates, loss } = await bestWithin(ranked, size, options);
    this.offerWithin(gates.nodes, loss);
  }

  /** Keeps a set of such a loss, or less, where it is within the size limit and better than the one before. */
  private offerWithin(nodes: NodeSet, loss: number): void {
    const { size } = this.options;
    if (size === undefined || nodes.count > size) return;
    if (!this.within || loss < this.within.loss) this.within = { nodes, loss };
  }

  private async keeps(gates: NodeGates, open: (gates: NodeGates) => GatedModel): Promise<boolean> {
    const model = open(gates);
    try {
      const [kept] = await this.goal.keeps(model, [new Float32Array(gates.count).fill(1)]);
      return kept;
    } finally {
      await model.release();
    }
  }

  /** The weights between the nodes that are left after dropping all that the goal allows. */
  private async selectEdges(nodes: NodeSet, rng: Rng, report: Report): Promise<Edge[]> {
    const { edgeGoal: goal, prompts } = this;
    const space = new EdgeSpace(nodes, this.edges, this.maskedOptions());
    const expired = () => this.expired();
    const open = (gates: typeof space.all) => space.open(gates);
    const settings = edgeSettings(this.options.settings.steps);
    const ranked = await trainMasks({
      ...{ settings, open, rng, expired, gates: space.all, prompts: prompts.masks },
      ...{ aim: MASK_AIM * goal.target, putBack: false },
      onStep: ({ loss, open: count }) => {
        report(`loss ${loss.toFixed(3)}, ${count} weights open`, 0.95);
      },
    });
    this.steps += ranked.steps;
    const select: SelectOptions<typeof space.all> = {
      ...{ goal, expired, open },
      weigh: ({ sizes }) => sizes,
      onCount: (count) => {
        report(`${count} weights`, 0.98);
      },
    };
    const chosen = await bisect(ranked, select);
    const start = chosen.gates ?? space.all;
    return (await cleanUp(start, select)).gates.edges();
  }
}

/** Fewer edges, then fewer nodes. */
function isSmaller(a: Found, b: Found): boolean {
  if (a.edges.length !== b.edges.length) return a.edges.length < b.edges.length;
  return a.core.count < b.core.count;
}
