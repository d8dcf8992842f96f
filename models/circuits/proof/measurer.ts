/** Measures sets of nodes on the prompts of a proof, all by the same rules. */
import type { LevelModel } from '../../inference/levelModel';
import type { MaskedModel } from '../../inference/maskedModel';
import type { Means } from '../../bundles/weights';
import type { Prompt } from '../../tasks/prompts';
import { accuracyOf, freely, lossOf, meanGap, pairOrder, strictly } from '../search/calibration';
import { answersOf, type CircuitModel } from '../search/model';
import { ModelEdges } from '../../weights/edges';
import { withKeptEdges } from '../../weights/keptEdges';
import { NodeSet } from '../../transformer/nodeSet';
import type { Weights } from '../../transformer/parameters';
import { joinedNodes, prunedEdges, type Circuit } from '../file/circuitFile';
import type { Measurement } from '../file/schema';

/** Subject of a measurement. */
export interface Measured {
  readonly id: string;
  readonly what: string;
  readonly nodes: number;
  readonly ablation: Measurement['ablation'];
  readonly rule?: 'strict' | 'free';
  readonly sets?: number;
}

export class Measurer {
  /** Every node of the model, gated; closed ones are frozen as the circuit's are. */
  readonly all: NodeSet;
  readonly model: MaskedModel;
  /** The same without the weights that the core has dropped; null where none was, or they cannot be left out. */
  readonly pruned: MaskedModel | null;
  readonly core: NodeSet;
  readonly backups: NodeSet;
  /** Core and backups. */
  readonly circuit: NodeSet;
  /** Nodes of the core that its edges join. */
  readonly joined: NodeSet;
  /** Joined nodes and backups: the nodes that can carry an answer from prompt to prompt. */
  readonly carriers: NodeSet;
  /** The fewest nodes of core and backups without which the model fails; all if the file has no cut. */
  readonly cut: NodeSet;
  /** Nonzero weights at every node of the model, by name. */
  readonly degrees: ReadonlyMap<string, number>;

  /** Values of closed nodes, and the weights without those that the core has dropped. */
  readonly frozen: { readonly means: Means; readonly weights: Weights };

  private constructor(
    readonly bundle: CircuitModel,
    readonly file: Circuit,
    readonly prompts: readonly Prompt[],
    readonly seed: number,
  ) {
    const { config } = bundle.bundle;
    this.core = NodeSet.named(config, file.core);
    this.all = NodeSet.all(config, this.core.nodes);
    this.backups = NodeSet.named(config, file.backups);
    this.circuit = NodeSet.named(config, [...file.core, ...file.backups]);
    const joined = joinedNodes(file, bundle.bundle);
    this.joined = NodeSet.named(config, joined);
    this.carriers = NodeSet.named(config, [...joined, ...file.backups]);
    this.cut = file.cut.length > 0 ? NodeSet.named(config, file.cut) : this.circuit;
    this.degrees = new ModelEdges(bundle.bundle).degrees(this.all.names());
    const answers = answersOf(prompts);
    const frozen = { means: bundle.frozen(file.ablation), weights: bundle.bundle.weights };
    this.model = bundle.masked(this.all, answers, frozen);
    const edges = prunedEdges(file);
    const kept = edges && withKeptEdges(bundle.bundle, frozen.means, file.core, edges);
    this.frozen = { ...frozen, ...(kept && { weights: kept }) };
    this.pruned = kept && bundle.masked(this.all, answers, this.frozen);
  }

  /** Gap of the whole model, nats; set by `open`. */
  private gap = 1;

  static async open(
    bundle: CircuitModel,
    file: Circuit,
    prompts: readonly Prompt[],
    seed: number,
  ): Promise<Measurer> {
    const measurer = new Measurer(bundle, file, prompts, seed);
    try {
      measurer.gap = meanGap(await measurer.differences(measurer.all));
    } catch (error) {
      await measurer.release();
      throw error;
    }
    return measurer;
  }

  async release(): Promise<void> {
    await this.model.release();
    await this.pruned?.release();
  }

  /** Some nodes alone, each at one of two levels; release it after use. */
  openLevels(nodes: NodeSet, prompts: readonly Prompt[]): LevelModel {
    const means = this.bundle.frozen(this.file.ablation);
    return this.bundle.atLevels(nodes, answersOf(prompts), { means });
  }

  /** Logit differences with exactly some nodes open. */
  async differences(open: NodeSet, prompts = this.prompts): Promise<Float64Array> {
    const [found] = await this.model.differences(prompts, [this.all.gatesOf(open)]);
    return found;
  }

  /** A measurement from logit differences of the prompts. */
  measurement(
    { rule = 'strict', ...of }: Measured,
    differences: ArrayLike<number>,
    prompts: readonly Prompt[] = this.prompts,
  ): Measurement {
    const signs = prompts.map(({ sign }) => sign);
    const { scale, shift } = (rule === 'strict' ? strictly : freely)(differences, signs);
    const moved = Float64Array.from(differences, (difference) => scale * difference + shift);
    const { id, what, nodes, ablation, sets } = of;
    return {
      ...{ id, what, nodes, ablation, calibration: { rule, scale, shift } },
      loss: lossOf(moved, signs),
      accuracy: accuracyOf(moved, signs),
      order: pairOrder(differences),
      share: meanGap(differences) / this.gap,
      pairs: prompts.length / 2,
      seed: this.seed,
      ...(sets !== undefined && { sets }),
    };
  }
}

/** The measurement with the median loss. */
export function medianOf(all: readonly Measurement[]): Measurement {
  const sorted = [...all].sort((a, b) => a.loss - b.loss);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The measurement with the largest loss. */
export function worstOf(all: readonly Measurement[]): Measurement {
  return all.reduce((worst, one) => (one.loss > worst.loss ? one : worst));
}
