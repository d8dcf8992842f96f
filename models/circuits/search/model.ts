/** A bundle prepared for pruning and proof: values of ablated nodes, and prompts as tokens. */
import { readBundle, type Bundle } from '../../bundles/bundle';
import type { Means } from '../../bundles/weights';
import { LevelModel } from '../../inference/levelModel';
import { MaskedModel } from '../../inference/maskedModel';
import type { Machines } from '../../sparse/machines';
import { promptsOf, type Prompt } from '../../tasks/prompts';
import type { PairPart, PairSource } from '../../tasks/source';
import { Tokenizer } from '../../tokenizer/tokenizer';
import type { Weights } from '../../transformer/parameters';
import { ModelEdges, type Edge } from '../../weights/edges';
import type { NodeSet } from '../../transformer/nodeSet';
import { EdgeSpace } from './edges';

/** Value of closed nodes: their mean over the training data, or zero. */
export type AblationKind = 'mean' | 'zero';

/** Progress, cancellation and threads of a long computation. */
export interface Control {
  /** What is being done, and the share of it that is done. */
  progress(what: string, share: number): void;
  /** Yields to other work; throws when the work was cancelled. */
  pause(): Promise<void>;
  /** Throws when the work was cancelled, without yielding. */
  check(): void;
  /** Memory and threads that models run with. */
  readonly machines: Machines;
}

/** Values of closed nodes, and weights if they are not the bundle's. */
interface Frozen {
  readonly means: Means;
  readonly weights?: Weights;
}

/** A bundle opened for pruning or proof. */
export class CircuitModel {
  readonly tokenizer: Tokenizer;

  constructor(
    readonly bundle: Bundle,
    readonly control: Control,
  ) {
    this.tokenizer = Tokenizer.fromJson(bundle.tokenizerJson);
  }

  /** @throws BundleError when the bundle is missing or damaged */
  static open(bundleDir: string, control: Control): CircuitModel {
    return new CircuitModel(readBundle(bundleDir), control);
  }

  /** Values of closed nodes. */
  frozen(kind: AblationKind): Means {
    const { means } = this.bundle;
    if (kind === 'mean') return means;
    return new Map([...means].map(([site, values]) => [site, new Float32Array(values.length)]));
  }

  /** Prompts of a part of a source; throws with the pair's place when one does not fit the model. */
  prompts(source: PairSource, seed: number, count: number, part: PairPart): Prompt[] {
    const pairs = source.pairs(seed, count, part);
    return promptsOf(
      pairs.map(({ pair }) => pair),
      {
        tokenizer: this.tokenizer,
        context: this.bundle.config.context,
        where: (i) => pairs[i].where,
        check: () => {
          this.control.check();
        },
      },
    );
  }

  /** The model with gates at some nodes and all others closed; release it after use. */
  masked(nodes: NodeSet, answers: readonly number[], frozen: Frozen): MaskedModel {
    return new MaskedModel(this.gated(nodes, answers, frozen));
  }

  /** The model with some nodes open, each at one of two levels; release it after use. */
  atLevels(nodes: NodeSet, answers: readonly number[], frozen: Frozen): LevelModel {
    return new LevelModel(this.gated(nodes, answers, frozen));
  }

  private gated(
    nodes: NodeSet,
    answers: readonly number[],
    { means, weights = this.bundle.weights }: Frozen,
  ) {
    return {
      ...{ weights, means, nodes, answers, machines: this.control.machines },
      beforeRun: () => this.control.pause(),
    };
  }

  /** Logit differences of prompts with exactly some nodes open. */
  async differences(
    prompts: readonly Prompt[],
    open: NodeSet,
    frozen: Frozen,
  ): Promise<Float64Array> {
    const model = this.masked(open, answersOf(prompts), frozen);
    try {
      const all = new Float32Array(open.count).fill(1);
      const [found] = await model.differences(prompts, [all]);
      return found;
    } finally {
      await model.release();
    }
  }

  /**
   * Logit differences of a circuit alone.
   * @param edges the kept edges; null for all
   */
  async circuitDifferences(
    prompts: readonly Prompt[],
    core: NodeSet,
    frozen: Frozen,
    edges: readonly Edge[] | null,
  ): Promise<Float64Array> {
    if (!edges) return this.differences(prompts, core, frozen);
    const [found] = await this.edgeDifferences(prompts, core, frozen, [edges]);
    return found;
  }

  /** The same for several choices of the edges between its nodes. */
  async edgeDifferences(
    prompts: readonly Prompt[],
    core: NodeSet,
    { means, weights = this.bundle.weights }: Frozen,
    choices: readonly (readonly Pick<Edge, 'from' | 'to'>[])[],
  ): Promise<Float64Array[]> {
    const space = new EdgeSpace(core, new ModelEdges({ config: core.config, weights }), {
      ...{ means, weights, answers: answersOf(prompts), machines: this.control.machines },
      beforeRun: () => this.control.pause(),
    });
    const model = space.open(space.all);
    try {
      const settings = choices.map((edges) => {
        const kept = new Set(edges.map(({ from, to }) => `${from} ${to}`));
        return Float32Array.from(space.all.names, (name) => (kept.has(name) ? 1 : 0));
      });
      return await model.differences(prompts, settings);
    } finally {
      await model.release();
    }
  }
}

/** The distinct answer tokens of some prompts. */
export function answersOf(prompts: readonly Prompt[]): number[] {
  return [...new Set(prompts.flatMap(({ first, second }) => [first, second]))];
}
