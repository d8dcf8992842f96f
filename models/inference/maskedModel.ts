/** Mask graphs: answers of many gate settings at once, and the gates' gradient. */
import type { NumberArrays } from '../graph/numbers';
import type { NodeSet } from '../transformer/nodeSet';
import type { Means } from '../bundles/weights';
import type { Prompt } from '../tasks/prompts';
import {
  DIFFERENCE,
  gateGradient,
  gateInput,
  maskedGraph,
  maskGradientGraph,
  MASK_LOSS,
} from '../transformer/maskGraph';
import { type MatrixEdges } from '../transformer/narrowing';
import type { Weights } from '../transformer/parameters';
import type { Machines } from '../sparse/machines';
import { requireFinite } from '../engines/finite';
import { Few, Lazy } from '../engines/lazy';
import {
  chunksByLength,
  lossFeeds,
  promptFeeds,
  roundedLength,
  RUN_TOKENS,
  type GradientCalibration,
} from './promptFeeds';
import { Sessions, type Session } from '../engines/sessions';

/** Gradient sessions, of which each number and length of prompts has its own, held at once. */
const GRADIENT_SESSIONS = 8;

/** What a masked model is made of. */
export interface MaskedModelOptions {
  readonly weights: Weights;
  /** What closed nodes are frozen at. */
  readonly means: Means;
  /** Nodes with gates; all others are closed. */
  readonly nodes: NodeSet;
  /** When given, weights between the nodes have the gates, by matrix, and the nodes are open. */
  readonly edges?: ReadonlyMap<string, MatrixEdges>;
  /** Tokens that answers are made of. */
  readonly answers: readonly number[];
  /** What sparse models are run on; given back when this is released. */
  readonly machines: Machines;
  /** Called before every run with its number of tokens; throws to stop. */
  readonly beforeRun?: (tokens: number) => Promise<void>;
}

/** What one gradient run gives. */
export interface MaskGradient {
  /** Mean cross-entropy between the two answers, nats. */
  readonly loss: number;
  /** First answer's logit less the second's, [prompt]. */
  readonly differences: Float32Array;
  /** [gate] in the order of the node set, or of the edges. */
  readonly gradient: Float32Array;
}

export class MaskedModel {
  private readonly sessions: Sessions;
  private readonly forward: Lazy<Session>;
  private readonly backward = new Few<Session>(GRADIENT_SESSIONS);

  private readonly slots: readonly Slot[];
  private readonly gates: number;

  constructor(private readonly options: MaskedModelOptions) {
    const { edges, machines, nodes, weights } = options;
    this.sessions = Sessions.fitting(weights, machines, 'kept');
    this.forward = new Lazy(() => this.session(() => maskedGraph(this.graphModel())));
    this.slots = edges
      ? slotsOf([...edges].map(([matrix, { from }]) => [matrix, from.length]))
      : slotsOf(nodes.sites.map(({ site, indices }) => [site, indices.length]));
    this.gates = this.slots.reduce((sum, { count }) => sum + count, 0);
  }

  get nodes(): NodeSet {
    return this.options.nodes;
  }

  /**
   * Logit differences of every prompt under every gate setting.
   * @param gates each [gate] in the order of the node set, or of the edges
   * @returns for each setting [prompt]
   */
  async differences(
    prompts: readonly Prompt[],
    gates: readonly Float32Array[],
  ): Promise<Float64Array[]> {
    const session = await this.forward.get();
    const found = gates.map(() => new Float64Array(prompts.length));
    for (const chunk of chunksByLength(prompts)) {
      const texts = chunk.map((i) => prompts[i]);
      const length = Math.max(...texts.map(({ tokens }) => tokens.length));
      const together = Math.max(1, Math.floor(RUN_TOKENS / (length * chunk.length)));
      for (let start = 0; start < gates.length; start += together) {
        const settings = gates.slice(start, start + together);
        await this.options.beforeRun?.(settings.length * chunk.length * length);
        const feeds = {
          ...promptFeeds(repeat(texts, settings.length), length, this.options.answers),
          ...this.variantFeeds(settings, chunk.length),
        };
        const data = (await session.run(feeds, [DIFFERENCE]))[DIFFERENCE].data as Float32Array;
        requireFinite('a logit difference', data);
        settings.forEach((_, s) => {
          chunk.forEach((prompt, row) => {
            found[start + s][prompt] = data[s * chunk.length + row];
          });
        });
      }
    }
    return found;
  }

  /**
   * Loss and gradient of one gate setting on some prompts of about one length.
   * @param shift `centred`: what takes the mean of these prompts' differences away
   */
  async gradient(
    prompts: readonly Prompt[],
    gates: Float32Array,
    { scale, shift }: GradientCalibration,
  ): Promise<MaskGradient> {
    const length = roundedLength(prompts, this.nodes.config.context);
    const key = `${prompts.length} ${length}`;
    const load = () =>
      this.session(() => maskGradientGraph(this.graphModel(), prompts.length, length));
    const feeds: NumberArrays = {
      ...promptFeeds(prompts, length, this.options.answers),
      ...lossFeeds(prompts, { scale, shift }),
      ...Object.fromEntries(
        this.slots.map(({ name, offset, count }) => {
          return [gateInput(name), { data: gates.subarray(offset, offset + count), dims: [count] }];
        }),
      ),
    };
    const outputs = [DIFFERENCE, MASK_LOSS, ...this.slots.map(({ name }) => gateGradient(name))];
    await this.options.beforeRun?.(prompts.length * length);
    const results = await (await this.backward.get(key, load)).run(feeds, outputs);
    const gradient = new Float32Array(this.gates);
    for (const { name, offset } of this.slots) {
      gradient.set(results[gateGradient(name)].data as Float32Array, offset);
    }
    requireFinite('the gradient of a mask', gradient);
    const [loss] = results[MASK_LOSS].data as Float32Array;
    return { loss, gradient, differences: results[DIFFERENCE].data as Float32Array };
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.forward.release();
    await this.backward.release();
    await this.sessions.release();
  }

  private graphModel() {
    const { weights, means, nodes, answers, edges } = this.options;
    const graph = { config: nodes.config, weights, means, answers, nodes: nodes.bySite() };
    return edges ? { ...graph, edges } : graph;
  }

  private session(graph: () => ReturnType<typeof maskedGraph>): Promise<Session> {
    return this.sessions.open(graph);
  }

  /** Gates of every prompt, each setting's prompts together. */
  private variantFeeds(settings: readonly Float32Array[], prompts: number) {
    const feeds: Record<string, { data: Float32Array; dims: readonly number[] }> = {};
    const alone = settings.length === 1;
    for (const { name, offset, count: width } of this.slots) {
      const rows = alone ? 1 : settings.length * prompts;
      const data = new Float32Array(rows * width);
      for (let row = 0; row < rows; row++) {
        const gates = settings[alone ? 0 : Math.floor(row / prompts)];
        data.set(gates.subarray(offset, offset + width), row * width);
      }
      feeds[gateInput(name)] = { data, dims: [rows, 1, width] };
    }
    return feeds;
  }
}

/** Gates of one input, in the flat order of all. */
interface Slot {
  readonly name: string;
  readonly offset: number;
  readonly count: number;
}

function slotsOf(counts: readonly (readonly [string, number])[]): Slot[] {
  let offset = 0;
  return counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => {
      offset += count;
      return { name, offset: offset - count, count };
    });
}

function repeat<T>(items: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => items).flat();
}
