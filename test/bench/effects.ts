/**
 * Effects of all active nodes of one prediction against one forward pass a node, ours and PyTorch's
 * with a hook, on the same weights; and a whole trace against PyTorch with hooks. PyTorch must give
 * the same predictions and effects first.
 *
 *   npm run bench -- effects
 */
import { readFileSync } from 'node:fs';
import { Rng } from '../../models/random';
import { effects, type Effects } from '../../models/runtime/effects';
import { Engine } from '../../models/inference/engine';
import { compileInterventions } from '../../models/inference/interventions';
import { trace } from '../../models/inference/trace';
import { LOGPROBS } from '../../models/transformer/graphs';
import { parseNode, siteName } from '../../models/transformer/nodes';
import { figure, median, milliseconds } from './paired';
import { benchmark } from './start';
import { hasTorch, TorchModel, type TorchAblation } from './torch';

const THREADS = 2;
/** Nodes that are run one by one in a pair; the time of all is taken to be in proportion. */
const SAMPLE = 16;
/** Largest difference of log-probabilities (nats) between two correct programs in float32. */
const TOLERANCE = 2e-3;
/**
 * The token whose prediction is taken apart, after as many tokens. Ablated at every position, the text
 * is run again for every node, so a shorter one has to do.
 */
const TOKEN = { here: 200, all: 48 } as const;
/** Nodes whose effects are taken: all that are active at a token, and everywhere those that a hover asks for. */
const TOP = { here: {}, all: { top: 256 } } as const;
/** Pairs of all that are asked for, one in so many: each takes seconds. */
const SHARE = { here: 3, all: 10 } as const;
const text = readFileSync('samples/inventory.py', 'utf8');
const control = { progress: () => undefined, pause: () => Promise.resolve() };
type Where = keyof typeof TOKEN;

class Bench {
  private readonly tokens: Int32Array;
  private readonly token: number;

  constructor(
    private readonly engine: Engine,
    private readonly torch: TorchModel | null,
    private readonly positions: Where,
  ) {
    const tokens = engine.tokensOf(text);
    this.token = TOKEN[positions];
    this.tokens = tokens.ids({ start: tokens.window(this.token).start, end: this.token + 1 });
  }

  /** Ours. */
  private all(): Promise<Effects> {
    const { engine, positions, token } = this;
    engine.passes.clear();
    const ablation = { kind: 'mean' } as const;
    const request = {
      ...{ text, position: { token }, ablation, positions, interventions: [] },
      ...TOP[positions],
    };
    return effects(engine, request, control);
  }

  /** Ours, one forward pass a node. */
  private async oneByOne(nodes: readonly string[]): Promise<void> {
    const { positions } = this;
    const last = this.tokens.length - 1;
    const range = { start: 0, end: this.tokens.length };
    for (const node of nodes) {
      const at = positions === 'all' ? ('all' as const) : { at: last };
      const intervention = { nodes: [node], positions: at, kind: { kind: 'mean' } } as const;
      await this.engine.model.run({
        ...{ batch: 1, tokens: this.tokens, read: Int32Array.of(last), outputs: [LOGPROBS] },
        edits: compileInterventions([{ ...intervention, nodes: [node] }], this.engine, range),
      });
    }
  }

  private ablations(nodes: readonly string[]): TorchAblation[] {
    return nodes.map((name) => {
      const { layer, site, index } = parseNode(name, this.engine.config);
      const value = this.engine.means.get(siteName(layer, site))![index];
      return { site: siteName(layer, site), index, value };
    });
  }

  /** Ours once, for what is measured; fails unless PyTorch predicts the same and measures the same effects. */
  async checked(): Promise<Effects> {
    const ours = await this.all();
    if (!this.torch) return ours;
    const tokens = Array.from(this.tokens);
    const before = (await this.torch.logprobs(tokens))[ours.target];
    if (Math.abs(before - ours.logprob) > TOLERANCE) {
      throw new Error(
        `PyTorch predicts ${before} nats, ours ${ours.logprob}; they must agree first`,
      );
    }
    const nodes = ours.nodes.slice(0, SAMPLE);
    const theirs = await this.torch.effects(
      tokens,
      ours.target,
      this.ablations(nodes),
      this.positions,
    );
    // AbsTopK keeps one of two nearly equal values, and which one is a matter of the last digit: some
    // effects differ by what hangs on such a choice, so the median has to agree.
    const differences = theirs.logprobs.map((p, i) => Math.abs(p - before - ours.effects[i]));
    const middle = median(differences);
    if (middle > TOLERANCE) {
      throw new Error(`PyTorch's effects differ by ${middle} nats (median); they must agree first`);
    }
    return ours;
  }

  async effects({ nodes, target }: Effects, pairs: number): Promise<void> {
    const { positions } = this;
    const times = { ours: [] as number[], single: [] as number[], torch: [] as number[] };
    for (let pair = 0; pair < pairs; pair++) {
      const sample = new Rng('bench', positions, pair).shuffle(nodes).slice(0, SAMPLE);
      const share = nodes.length / sample.length;
      times.ours.push(await milliseconds(() => this.all()));
      times.single.push(share * (await milliseconds(() => this.oneByOne(sample))));
      if (!this.torch) continue;
      const ablations = this.ablations(sample);
      const tokens = Array.from(this.tokens);
      const { milliseconds: time } = await this.torch.effects(tokens, target, ablations, positions);
      times.torch.push(share * time);
    }
    const where = positions === 'here' ? 'at the token' : 'at every position';
    const common = { bench: 'effects', unit: 'ratio' };
    const all = `effects of ${nodes.length} active nodes, ablated ${where}, after ${this.tokens.length} tokens`;
    const single = `one forward a node / ${all}`;
    figure({ ...common, name: single, target: '' }, times.single, times.ours);
    if (!this.torch) return;
    const target20 = positions === 'here' ? 'at least 20' : '';
    const hooked = `PyTorch, one hooked forward a node / ${all}`;
    figure({ ...common, name: hooked, target: target20 }, times.torch, times.ours);
  }

  async traces(pairs: number): Promise<void> {
    if (!this.torch) return;
    const tokens = Array.from(this.tokens);
    const ours: number[] = [];
    const theirs: number[] = [];
    const cut = text.slice(0, this.engine.tokensOf(text).encoding.ends[this.token]);
    const run = () => {
      this.engine.passes.clear();
      const request = {
        text: cut,
        position: { token: this.token },
        interventions: [],
        whole: true,
      };
      return trace(this.engine, request);
    };
    for (let pair = -1; pair < pairs; pair++) {
      const own = await milliseconds(run);
      const other = await this.torch.trace(tokens);
      if (pair < 0) continue; // The first runs allocate.
      ours.push(own);
      theirs.push(other);
    }
    const name = `PyTorch with a hook at every site / trace, ${tokens.length} tokens`;
    figure({ bench: 'effects', unit: 'ratio', name, target: '' }, theirs, ours);
  }
}

benchmark(async ({ dir, pairs }) => {
  const engine = await Engine.open(dir, THREADS);
  const torch = hasTorch() ? await TorchModel.load(dir, THREADS) : null;
  try {
    for (const positions of ['here', 'all'] as const) {
      const bench = new Bench(engine, torch, positions);
      await bench.effects(await bench.checked(), Math.ceil(pairs / SHARE[positions]));
      if (positions === 'here') await bench.traces(pairs);
    }
  } finally {
    torch?.stop();
    await engine.model.release();
  }
});
