/** Nodes at two levels: their activations, the answers, and the gradient of a fit. */
import type { NodeSet } from '../transformer/nodeSet';
import type { NumberArrays } from '../graph/numbers';
import type { Prompt } from '../tasks/prompts';
import {
  FITTED,
  levelGradient,
  levelGradientGraph,
  levelGraph,
  levelInput,
  watchedGraph,
  watchedOutput,
  type Fitted,
} from '../transformer/levelGraph';
import { DIFFERENCE } from '../transformer/maskGraph';
import { requireFinite } from '../engines/finite';
import { Few, Lazy } from '../engines/lazy';
import type { MaskedModelOptions } from './maskedModel';
import { chunksByLength, lossFeeds, promptFeeds, roundedLength } from './promptFeeds';
import { Sessions, type Session } from '../engines/sessions';

/** Gradient sessions, of which each number and length of prompts has its own, held at once. */
const GRADIENT_SESSIONS = 8;

/** Two levels and where they change, [node] in the order of the node set each. */
export type Levels = Readonly<Record<Fitted, Float64Array>>;

type Options = Omit<MaskedModelOptions, 'edges'>;

/** A model of which only some nodes are open, each at one of two levels. */
export class LevelModel {
  private readonly sessions: Sessions;
  private readonly watched: Lazy<Session>;
  private readonly stepped: Lazy<Session>;
  private readonly backward = new Few<Session>(GRADIENT_SESSIONS);

  constructor(private readonly options: Options) {
    this.sessions = Sessions.fitting(options.weights, options.machines, 'kept');
    this.watched = new Lazy(() => this.sessions.open(() => watchedGraph(this.graphModel())));
    this.stepped = new Lazy(() => this.sessions.open(() => levelGraph(this.graphModel())));
  }

  get nodes(): NodeSet {
    return this.options.nodes;
  }

  /** What each node is at the tokens of some prompts while they alone are open: [node][token]. */
  async activations(prompts: readonly Prompt[]): Promise<Float32Array[]> {
    const { nodes } = this;
    const tokens = prompts.reduce((sum, prompt) => sum + prompt.tokens.length, 0);
    const found = nodes.nodes.map(() => new Float32Array(tokens));
    let at = 0;
    const outputs = nodes.sites.map(({ site }) => watchedOutput(site));
    await this.forward(this.watched, prompts, {}, outputs, (results, texts, length) => {
      for (const { site, indices, offset } of nodes.sites) {
        const data = results[watchedOutput(site)].data as Float32Array;
        let place = at;
        texts.forEach((prompt, row) => {
          for (let pos = 0; pos < prompt.tokens.length; pos++, place++) {
            const start = (row * length + pos) * indices.length;
            for (let i = 0; i < indices.length; i++) found[offset + i][place] = data[start + i];
          }
        });
      }
      at += texts.reduce((sum, prompt) => sum + prompt.tokens.length, 0);
    });
    return found;
  }

  /** Logit differences [prompt] with every node at one of its levels. */
  async differences(prompts: readonly Prompt[], levels: Levels): Promise<Float64Array> {
    const found = new Float64Array(prompts.length);
    const feeds = this.levelFeeds(levels);
    await this.forward(this.stepped, prompts, feeds, [DIFFERENCE], (results, _, __, chunk) => {
      const data = results[DIFFERENCE].data as Float32Array;
      requireFinite('a logit difference', data);
      chunk.forEach((prompt, row) => (found[prompt] = data[row]));
    });
    return found;
  }

  /**
   * Gradient of the loss on some prompts of about one length, the best shift taken away.
   * @param slope of the soft step of each node, in 1 / activation
   */
  async gradient(prompts: readonly Prompt[], levels: Levels, slope: Float64Array): Promise<Levels> {
    const { nodes, options } = this;
    const length = roundedLength(prompts, nodes.config.context);
    const load = () =>
      this.sessions.open(() => levelGradientGraph(this.graphModel(), prompts.length, length));
    await options.beforeRun?.(prompts.length * length);
    const session = await this.backward.get(`${prompts.length} ${length}`, load);
    const feeds = {
      ...promptFeeds(prompts, length, options.answers),
      ...lossFeeds(prompts, { scale: 1, shift: 'centred' }),
      ...this.levelFeeds(levels),
      ...this.siteFeeds('slope', slope),
    };
    const sites = nodes.sites.map(({ site }) => site);
    const outputs = FITTED.flatMap((what) => sites.map((site) => levelGradient(what, site)));
    const results = await session.run(feeds, outputs);
    const gradient = (what: Fitted) => {
      const all = new Float64Array(nodes.count);
      for (const { site, offset } of nodes.sites) {
        all.set(results[levelGradient(what, site)].data as Float32Array, offset);
      }
      requireFinite('the gradient of a level', all);
      return all;
    };
    return { low: gradient('low'), high: gradient('high'), threshold: gradient('threshold') };
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.watched.release();
    await this.stepped.release();
    await this.backward.release();
    await this.sessions.release();
  }

  /** Runs a session over all prompts, chunk by chunk. */
  private async forward(
    of: Lazy<Session>,
    prompts: readonly Prompt[],
    more: NumberArrays,
    outputs: readonly string[],
    onChunk: (
      results: NumberArrays,
      texts: readonly Prompt[],
      length: number,
      chunk: readonly number[],
    ) => void,
  ): Promise<void> {
    const session = await of.get();
    for (const chunk of chunksByLength(prompts)) {
      const texts = chunk.map((i) => prompts[i]);
      const length = Math.max(...texts.map(({ tokens }) => tokens.length));
      await this.options.beforeRun?.(chunk.length * length);
      const feeds = { ...promptFeeds(texts, length, this.options.answers), ...more };
      onChunk(await session.run(feeds, outputs), texts, length, chunk);
    }
  }

  private graphModel() {
    const { weights, means, nodes, answers } = this.options;
    return { config: nodes.config, weights, means, answers, nodes: nodes.bySite() };
  }

  private levelFeeds(levels: Levels): NumberArrays {
    return Object.assign(
      {},
      ...FITTED.map((what) => this.siteFeeds(what, levels[what])),
    ) as NumberArrays;
  }

  private siteFeeds(what: Fitted | 'slope', all: Float64Array): NumberArrays {
    const sites = this.nodes.sites.map(({ site, indices, offset }) => {
      const own = Float32Array.from(all.subarray(offset, offset + indices.length));
      return [levelInput(what, site), { data: own, dims: [own.length] }] as const;
    });
    return Object.fromEntries(sites);
  }
}
