/**
 * The sparse engine against ONNX Runtime: a window, effects of nodes at a token, gradients of a
 * prediction and of a mask, on the bundle, on a random model of csp_yolo1's shape and on widths from 512 to 2048;
 * and what a pass costs by nonzeros and by width, with everything else the same.
 *
 *   npm run bench -- sparse
 */
import { readBundle } from '../../models/bundles/bundle';
import { Rng } from '../../models/random';
import { neutralEdit, type SiteEdit } from '../../models/inference/interventions';
import { Model } from '../../models/inference/model';
import { Sessions } from '../../models/engines/sessions';
import { everySite, siteWidth, type TransformerConfig } from '../../models/transformer/config';
import { LOGPROBS } from '../../models/transformer/graphs';
import { gateGradient, gateInput, maskGradientGraph } from '../../models/transformer/maskGraph';
import { NodeSet } from '../../models/transformer/nodeSet';
import { lossFeeds, promptFeeds } from '../../models/inference/promptFeeds';
import type { Prompt } from '../../models/tasks/prompts';
import { allSites, siteName, type NodeId } from '../../models/transformer/nodes';
import { initialWeights, parameterSpecs, type Weights } from '../../models/transformer/parameters';
import { figure, turns } from './paired';
import { benchmark } from './start';

const THREADS = 2;
const WINDOW = 256;
/** The token at which effects are measured. */
const TOKEN = 200;
/** Variants in a pass, as effects of nodes at one token are run. */
const BATCH = 128;
/** Prompts of a step of pruning, and their tokens. */
const PROMPTS = { count: 6, length: 32 };
/** Passes of variants in a turn: nodes from all depths of the model. */
const PASSES = 6;

interface Subject {
  readonly name: string;
  readonly config: TransformerConfig;
  readonly weights: Weights;
  readonly goals?: { readonly window?: string; readonly effects?: string };
}

/** A model with random weights, of which a share is not zero. */
function random(
  name: string,
  sizes: Pick<TransformerConfig, 'layers' | 'dModel' | 'heads' | 'dHead' | 'dMlp'>,
  density: number,
): Subject {
  const config: TransformerConfig = {
    ...{ ...sizes, vocab: 2048, context: WINDOW, activationFraction: everySite(1) },
    ...{ norm: 'rms', activation: 'gelu', biases: true, sinks: false, recency: false },
    ...{ bigram: 'trained', tiedEmbeddings: false, positions: 0 },
  };
  const weights = initialWeights(config, 1);
  for (const spec of parameterSpecs(config)) {
    if (!spec.sparse) continue;
    const rng = new Rng('sparse benchmark', spec.name, density);
    const data = weights.get(spec.name)!;
    // As large together as the dense ones, so that activations stay of one size.
    const scale = density ** -0.5 * (spec.name === 'unembed.weight' ? 0.1 : 1);
    for (let i = 0; i < data.length; i++) {
      const value = spec.std > 0 ? data[i] : rng.normal() * 0.02;
      data[i] = rng.chance(density) ? value * scale : 0;
    }
  }
  return { name, config, weights };
}

const wide = (dModel: number, density: number) =>
  random(
    `width ${dModel}, 1 weight in ${Math.round(1 / density)}`,
    { layers: 2, dModel, heads: dModel / 16, dHead: 16, dMlp: 4 * dModel },
    density,
  );

/** csp_yolo1 has 12 layers, 1024 channels, 128 heads of 8, and some 0.66 M of 156 M weights. */
const yolo = () =>
  random(
    'a random model of the shape of csp_yolo1',
    { layers: 12, dModel: 1024, heads: 128, dHead: 8, dMlp: 4096 },
    0.66 / 156,
  );

function loadOn(engine: 'onnx' | 'sparse', { config, weights }: Subject): Promise<Model> {
  const note = () => undefined;
  const options = { engine, threads: THREADS, hash: '', weights, note };
  return Model.load(config, weights, new Sessions(options));
}

function windowOf(model: Model, { vocab }: TransformerConfig, outputs: readonly string[]) {
  const tokens = Int32Array.from({ length: WINDOW }, (_, i) => (7919 * i + 13) % vocab);
  const read = Int32Array.from(tokens.keys());
  return model.run({ batch: 1, tokens, read, edits: new Map(), outputs });
}

/** Both engines with one model, and the work that is measured. */
class Pair {
  private constructor(
    private readonly subject: Subject,
    private readonly models: Readonly<Record<'onnx' | 'sparse', Model>>,
  ) {}

  static async load(subject: Subject): Promise<Pair> {
    const onnx = await loadOn('onnx', subject);
    return new Pair(subject, { onnx, sparse: await loadOn('sparse', subject) });
  }

  async release(): Promise<void> {
    await this.models.onnx.release();
    await this.models.sparse.release();
  }

  /** Milliseconds of a window with every prediction and every node read. */
  async windows(pairs: number): Promise<Record<'onnx' | 'sparse', number[]>> {
    const { config } = this.subject;
    const outputs = [LOGPROBS, ...allSites(config).map(({ name }) => name)];
    return turns(pairs, {
      onnx: () => windowOf(this.models.onnx, config, outputs),
      sparse: () => windowOf(this.models.sparse, config, outputs),
    });
  }

  /** Milliseconds of the effects of some nodes at a token, each ablated only there. */
  async effects(pairs: number): Promise<Record<'onnx' | 'sparse', number[]>> {
    const { config } = this.subject;
    const sites = allSites(config);
    const all = sites.flatMap(({ layer, site }) =>
      Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
    );
    // Runs of neighbours, as effects take nodes in their order, evenly spaced over the model.
    const chunks = Array.from({ length: PASSES }, (_, i) => {
      const start = Math.floor(((i + 0.5) / PASSES) * (all.length - BATCH));
      return editsOf(config, all.slice(start, start + BATCH));
    });
    const names = sites.map(({ name }) => name);
    const trace = await windowOf(this.models.sparse, config, names);
    const run = async (model: Model) => {
      const continuation = await model.continuation();
      const past = continuation.past(trace, TOKEN);
      for (const edits of chunks) {
        const tokens = Int32Array.of(5);
        await continuation.run({ past, batch: BATCH, tokens, start: TOKEN, edits });
      }
    };
    return turns(pairs, {
      onnx: () => run(this.models.onnx),
      sparse: () => run(this.models.sparse),
    });
  }

  /** Milliseconds of the gradient of one prediction by every activation. */
  async slopes(pairs: number): Promise<Record<'onnx' | 'sparse', number[]>> {
    const tokens = Int32Array.from({ length: WINDOW }, (_, i) => i);
    const prediction = {
      ...{ tokens, edits: new Map(), edges: [] },
      target: { id: 5, contrast: null },
    };
    const run = async (model: Model) => (await model.slopes()).run(prediction, () => undefined);
    return turns(pairs, {
      onnx: () => run(this.models.onnx),
      sparse: () => run(this.models.sparse),
    });
  }
}

/** Milliseconds of the gradient of a mask over all nodes, which is a step of pruning but for the update. */
async function pruningSteps(
  { config, weights }: Subject,
  pairs: number,
): Promise<Record<'onnx' | 'sparse', number[]>> {
  const nodes = NodeSet.all(config);
  const means = new Map(
    allSites(config).map(({ name, site }) => [name, new Float32Array(siteWidth(config, site))]),
  );
  const answers = [1, 2];
  const masked = { config, weights, means, answers, nodes: nodes.bySite() };
  const prompts = Array.from({ length: PROMPTS.count }, (_, i) => ({
    tokens: Int32Array.from(
      { length: PROMPTS.length },
      (_, at) => (31 * at + 7 * i) % config.vocab,
    ),
    ...{ first: 1, second: 2, sign: i % 2 === 0 ? 1 : -1 },
  })) as Prompt[];
  const gates = nodes.sites.map(({ site, indices }) => {
    const data = Float32Array.from(indices, (_, i) => (i % 3 === 0 ? 0 : 1));
    return [gateInput(site), { data, dims: [indices.length] }] as const;
  });
  const feeds = {
    ...promptFeeds(prompts, PROMPTS.length, answers),
    ...lossFeeds(prompts, { scale: 1, shift: 'centred' }),
    ...Object.fromEntries(gates),
  };
  const outputs = nodes.sites.map(({ site }) => gateGradient(site));
  const graph = () => maskGradientGraph(masked, PROMPTS.count, PROMPTS.length);
  const open = async (engine: 'onnx' | 'sparse') => {
    const options = { engine, threads: THREADS, hash: '', weights, note: () => undefined };
    const sessions = new Sessions(options);
    return { sessions, session: await sessions.open(graph) };
  };
  const [onnx, sparse] = [await open('onnx'), await open('sparse')];
  try {
    return await turns(pairs, {
      onnx: () => onnx.session.run(feeds, outputs),
      sparse: () => sparse.session.run(feeds, outputs),
    });
  } finally {
    for (const { session, sessions } of [onnx, sparse]) {
      await session.release();
      await sessions.release();
    }
  }
}

/** Each row of the batch with another node ablated. */
function editsOf(config: TransformerConfig, nodes: readonly NodeId[]): Map<string, SiteEdit> {
  const edits = new Map<string, SiteEdit>();
  for (const [row, { layer, site, index }] of nodes.entries()) {
    const name = siteName(layer, site);
    const width = siteWidth(config, site);
    const edit = edits.get(name) ?? neutralEdit(nodes.length, 1, width);
    edits.set(name, edit);
    edit.keep[row * width + index] = 0;
  }
  return edits;
}

function nonzeros(weights: Weights): number {
  let count = 0;
  for (const [name, data] of weights) {
    if (name === 'bigram.table') continue;
    for (const value of data) if (value !== 0) count++;
  }
  return count;
}

const common = { bench: 'sparse', unit: 'ratio' } as const;

async function compare(subject: Subject, pairs: number, parts: readonly string[]): Promise<void> {
  const pair = await Pair.load(subject);
  try {
    const name = (work: string) => `ONNX Runtime / sparse engine: ${work}, ${subject.name}`;
    const { goals } = subject;
    const windows = await pair.windows(pairs);
    const target = goals?.window ?? '';
    const of256 = { ...common, name: name('window of 256 tokens'), target };
    figure(of256, windows.onnx, windows.sparse);
    if (parts.includes('effects')) {
      const effects = await pair.effects(pairs);
      const what = `effects of ${PASSES * BATCH} nodes at token ${TOKEN}`;
      const found = { ...common, name: name(what), target: goals?.effects ?? '' };
      figure(found, effects.onnx, effects.sparse);
    }
    if (parts.includes('slopes')) {
      const slopes = await pair.slopes(pairs);
      const found = { ...common, name: name('gradient of a prediction'), target: '' };
      figure(found, slopes.onnx, slopes.sparse);
    }
    if (parts.includes('pruning')) {
      const steps = await pruningSteps(subject, pairs);
      const found = { ...common, name: name('gradient of a mask, a step of pruning'), target: '' };
      figure(found, steps.onnx, steps.sparse);
    }
  } finally {
    await pair.release();
  }
}

/**
 * What a window costs beside the first of a row of models, on the sparse engine alone.
 * @param of what grows from model to model, and its size in one
 */
async function scaling(
  what: string,
  [of, sizeOf]: readonly [string, (subject: Subject) => number],
  subjects: readonly Subject[],
  pairs: number,
): Promise<void> {
  const loaded: Model[] = [];
  for (const subject of subjects) loaded.push(await loadOn('sparse', subject));
  const runs = subjects.map(({ name, config }, i) => {
    return [name, () => windowOf(loaded[i], config, [LOGPROBS])] as const;
  });
  const times = await turns(pairs, Object.fromEntries(runs));
  const [first] = subjects;
  for (const subject of subjects.slice(1)) {
    const weights = nonzeros(subject.weights) / nonzeros(first.weights);
    const name = `${what}: window, ${subject.name} / ${first.name}, ${weights.toFixed(1)} times the nonzeros`;
    const grown = { of, times: Number((sizeOf(subject) / sizeOf(first)).toPrecision(3)) };
    const about = { ...common, name, target: '', scaling: grown };
    figure(about, times[subject.name], times[first.name]);
  }
  for (const model of loaded) await model.release();
}

benchmark(async ({ dir, pairs }) => {
  const { config, weights } = readBundle(dir);
  const some = Math.max(3, Math.ceil(pairs / 6));
  const goals = { effects: 'at least 3' };
  const shipped = { name: 'the bundle', config, weights, goals };
  await compare(shipped, some, ['effects', 'slopes', 'pruning']);
  const large = { ...yolo(), goals: { window: 'at least 10', effects: 'at least 20' } };
  await compare(large, some, ['effects']);
  for (const width of [512, 1024, 2048]) {
    for (const density of [1 / 100, 1 / 500]) {
      await compare(wide(width, density), some, ['effects', 'pruning']);
    }
  }
  const densities = [1 / 1000, 1 / 500, 1 / 200, 1 / 100, 1 / 50];
  await scaling(
    'by nonzeros',
    ['nonzeros, width 1024', ({ weights }) => nonzeros(weights)],
    densities.map((density) => wide(1024, density)),
    some,
  );
  // The matrices of twice the width have four times the entries.
  await scaling(
    'by width, the same nonzeros',
    ['width, the same nonzeros', ({ config }) => config.dModel],
    [512, 1024, 2048].map((width) => wide(width, (1 / 100) * (512 / width) ** 2)),
    some,
  );
});
