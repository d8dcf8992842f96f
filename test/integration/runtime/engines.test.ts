/** The two engines side by side, and which of them is chosen. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ort } from '../../../models/onnxRuntime';
import type { Params, Reply } from '../../../models/runtime/protocol';
import { Server } from '../../../models/runtime/server';
import { Machine } from '../../../models/sparse/machine';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { SiteReader } from '../../../models/training/siteReader';
import { effects, type EffectsRequest } from '../../../models/runtime/effects';
import { Engine, type Control } from '../../../models/inference/engine';
import type { Intervention } from '../../../models/inference/interventions';
import { EngineTimes } from '../../../models/engines/engineTimes';
import { Model } from '../../../models/inference/model';
import { trace } from '../../../models/inference/trace';
import { add, input } from '../../../models/graph/ops';
import { StoredWeights } from '../../../models/transformer/storedWeights';
import { Sessions, type SessionsOptions } from '../../../models/engines/sessions';
import { inferenceGraph, LOGPROBS } from '../../../models/transformer/graphs';
import { compileInterventions } from '../../../models/inference/interventions';
import { allSites } from '../../../models/transformer/nodes';
import { copiesOf } from '../../support/arrays';
import { randomWeights, tinyConfig } from '../../support/models';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from './bundles';

type Sites = ReadonlyMap<string, Float32Array>;
const control: Control = { progress: () => undefined, pause: () => Promise.resolve() };
const SHIPPED = 'models/bundles/python-sparse';
const source = readFileSync('samples/calculator.py', 'utf8').slice(0, 1200);

describe('the shipped model on both engines', () => {
  let onnx: Engine;
  let sparse: Engine;
  beforeAll(async () => {
    onnx = await Engine.open(SHIPPED, 1, 'onnx');
    sparse = await Engine.open(SHIPPED, 2, 'sparse');
  });
  afterAll(async () => {
    await onnx.model.release();
    await sparse.model.release();
  });

  const everywhere: Intervention[] = [
    '1.attn.q.3',
    '2.mlp.post_act.118',
    '3.attn.resid_delta.7',
  ].map((node) => ({ nodes: [node], positions: 'all', kind: { kind: 'mean' } }));
  test.each([
    ['alone', []],
    ['with nodes ablated', everywhere],
  ])('agrees at every site, %s', async (_, interventions) => {
    const { config } = onnx;
    const outputs = [LOGPROBS, ...allSites(config).map(({ name }) => name)];
    const tokens = onnx.tokensOf(source).ids({ start: -1, end: 255 });
    const read = Int32Array.from(tokens.keys());
    const edits = compileInterventions(interventions, onnx, { start: -1, end: 255 });
    const pass = { batch: 1, tokens, read, edits, outputs };
    const [a, b] = [await onnx.model.run(pass), await sparse.model.run(pass)];
    // Where AbsTopK nearly ties the engines may keep another neuron, and all that comes later differs.
    const tie = firstTie(a, b, tokens.length);
    expect(tie.position).toBeGreaterThan(tokens.length / 2);
    expect(tie.gap).toBeLessThan(1e-4);
    for (const name of outputs) {
      const [expected, actual] = [a.get(name)!, b.get(name)!];
      const compared = (expected.length / tokens.length) * tie.position;
      let [worst, largest] = [0, 0];
      for (let i = 0; i < compared; i++) {
        worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        largest = Math.max(largest, Math.abs(expected[i]));
      }
      expect(worst / Math.max(1, largest), `largest difference at ${name}`).toBeLessThan(1e-4);
    }
  });

  /**
   * The first position at which two passes keep other neurons, and how far apart the magnitudes of those
   * are where they do so first; the end and 0 where they keep the same.
   */
  function firstTie(a: Sites, b: Sites, positions: number): { position: number; gap: number } {
    let first = { position: positions, gap: 0 };
    for (const [name, one] of a) {
      if (!name.endsWith('mlp.post_act')) continue;
      const other = b.get(name)!;
      const width = one.length / positions;
      for (let position = 0; position < first.position; position++) {
        const magnitudes: number[] = [];
        for (let i = position * width; i < (position + 1) * width; i++) {
          if ((one[i] === 0) !== (other[i] === 0)) magnitudes.push(Math.abs(one[i] + other[i]));
        }
        if (magnitudes.length === 0) continue;
        first = { position, gap: Math.max(...magnitudes) - Math.min(...magnitudes) };
      }
    }
    return first;
  }

  test.each(['here', 'all'] as const)('agrees in effects, ablated %s', async (positions) => {
    const request: EffectsRequest = {
      ...{ text: source, position: { token: 40 }, interventions: [], positions },
      ...{
        ablation: { kind: 'mean' },
        nodes: ['0.attn.v.5', '1.mlp.post_act.7', '3.mlp.act_in.2'],
      },
    };
    const [a, b] = [await effects(onnx, request, control), await effects(sparse, request, control)];
    const byNode = (found: typeof a) =>
      new Map(found.nodes.map((node, i) => [node, found.effects[i]]));
    for (const [node, effect] of byNode(a)) expect(byNode(b).get(node)).toBeCloseTo(effect, 4);
  });

  test('ranks the same nodes by slopes', async () => {
    const tokens = onnx.tokensOf(source).ids({ start: -1, end: 100 });
    const prediction = { tokens, edits: new Map(), edges: [], target: { id: 5, contrast: 9 } };
    const [a, b] = await Promise.all(
      [onnx, sparse].map(async ({ model }) => (await model.slopes()).run(prediction, copiesOf)),
    );
    for (const [name, expected] of a) {
      const actual = b.get(name)!;
      const worst = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - actual[i])), 0);
      expect(worst, `largest difference at ${name}`).toBeLessThan(1e-4);
    }
  });
});

describe.each(['onnx', 'sparse'] as const)('on the %s engine', (engine) => {
  test('what comes later changes nothing, whatever the scores', async () => {
    const opened = await Engine.open(SHIPPED, 1, engine);
    const interventions = ['2.attn.q.96', '2.attn.k.96'].map((node): Intervention => ({
      ...{ nodes: [node], positions: 'all', kind: { kind: 'scale', scale: 1e5 } },
    }));
    try {
      const predicted = async (rest: string, changes: readonly Intervention[]) => {
        const text = `total = 1\n${rest}`;
        const request = { text, position: { token: 2 }, interventions: changes, whole: false };
        return (await trace(opened, request)).logprobs;
      };
      const given = await predicted('name = "x"\n', interventions);
      const farthest = (other: Float32Array) =>
        Math.max(...other.map((logprob, id) => Math.abs(logprob - given[id])));
      expect(farthest(await predicted('import os\n', interventions))).toBeLessThan(1e-4);
      expect(farthest(await predicted('name = "x"\n', []))).toBeGreaterThan(0.1);
    } finally {
      await opened.release();
    }
  });
});

describe('the engine that is chosen', () => {
  const folder = temporaryFolder();
  const notes: string[] = [];
  const config = tinyConfig();
  const options = (density: number, engine: SessionsOptions['engine'] = 'auto') => ({
    ...{ engine, threads: 1, hash: `hash ${density}`, weights: randomWeights(config, 1, density) },
    note: (line: string) => notes.push(line),
  });
  const open = async (given: SessionsOptions) => {
    const model = await Model.load(config, given.weights, new Sessions(given));
    const { engine } = model;
    await model.release();
    return engine;
  };
  const file = join(folder.dir, 'circuitscope', 'engines.json');
  const before = process.env.XDG_CACHE_HOME;
  beforeAll(() => {
    process.env.XDG_CACHE_HOME = folder.dir;
  });
  beforeEach(() => {
    notes.length = 0;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    folder.remove();
  });

  test('is ONNX Runtime for a dense model, which is not measured', async () => {
    expect(await open(options(1))).toBe('onnx');
    expect(notes).toEqual([]);
    expect(readdirSync(folder.dir)).toEqual([]);
  });
  test('is the faster one for a sparse model, by a measurement that is kept', async () => {
    const engine = await open(options(0.1));
    expect(notes).toEqual([expect.stringMatching(`^${engine} engine \\(a window in ONNX Runtime`)]);
    const kept = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object);
    expect(kept).toHaveLength(1);
    const [[key, times]] = kept as [string, { onnx: number; sparse: number }][];
    expect(key).toMatch(/^hash 0.1; 1 threads; .*; kernels [0-9a-f]{12}$/);
    expect(times.sparse < times.onnx).toBe(engine === 'sparse');

    // What is kept decides from then on, whatever the clock would say.
    for (const [name, known] of [
      ['sparse', { onnx: 2, sparse: 1 }],
      ['onnx', { onnx: 1, sparse: 2 }],
    ] as const) {
      writeFileSync(file, JSON.stringify({ [key]: known }));
      expect(await open(options(0.1))).toBe(name);
    }
  });
  test('is the sparse one for a model of few weights, without a copy in ONNX Runtime', async () => {
    const create = vi.spyOn(ort.InferenceSession, 'create');
    expect(await open(options(0.02))).toBe('sparse');
    expect(notes).toEqual(['sparse engine (fewer than 1 weight in 40 is not zero)']);
    expect(create).not.toHaveBeenCalled();
    create.mockRestore();
  });
  test('is measured anew when what is kept is damaged', async () => {
    writeFileSync(file, '{"hash 0.1');
    await open(options(0.1));
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toHaveLength(1);
  });
  test.each(['onnx', 'sparse'] as const)('is %s when that is set', async (engine) => {
    expect(await open(options(0.1, engine))).toBe(engine);
    expect(notes).toEqual([]);
  });
});

test.each(['onnx', 'sparse'] as const)(
  'effects are those of a trace with the node ablated, in the %s engine that runs both',
  async (name) => {
    const { dir, remove } = temporaryFolder();
    const engine = await Engine.open(bundleIn(dir, randomParts(vocabConfig())), 1, name);
    const text = 'for i in range(9):\n';
    const position = { token: 4 };
    const asked = { text, position, interventions: [] };
    const nodes = ['0.attn.v.1', '0.mlp.act_in.2', '1.mlp.post_act.3'];
    const ablation = { kind: 'zero' } as const;
    const found = await effects(engine, { ...asked, positions: 'here', ablation, nodes }, control);
    const bare = await trace(engine, { ...asked, whole: false });
    for (const [i, node] of found.nodes.entries()) {
      const positions = { at: 4 };
      const interventions: Intervention[] = [{ nodes: [node], positions, kind: ablation }];
      const ablated = await trace(engine, { ...asked, interventions, whole: false });
      const effect = ablated.logprobs[found.target] - bare.logprobs[found.target];
      if (name === 'onnx') expect(found.effects[i]).toBe(effect);
      else expect(found.effects[i]).toBeCloseTo(effect, 5);
    }
    await engine.model.release();
    remove();
  },
);

test.each(['onnx', 'sparse'] as const)(
  'all that a model is asked for runs on the engine that was chosen, here %s',
  async (name) => {
    const folder = temporaryFolder();
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = folder.dir;
    try {
      const config = tinyConfig();
      const weights = randomWeights(config, 1, 0.1);
      EngineTimes.of('one', 1).put(
        name === 'onnx' ? { onnx: 1, sparse: 2 } : { onnx: 2, sparse: 1 },
      );
      const note = () => undefined;
      const sessions = new Sessions({ engine: 'auto', threads: 1, hash: 'one', weights, note });
      const opened: string[] = [];
      const open = sessions.open.bind(sessions);
      vi.spyOn(sessions, 'open').mockImplementation(async (graph) => {
        const session = await open(graph);
        opened.push(session.engine);
        return session;
      });
      const model = await Model.load(config, weights, sessions);
      await model.continuation();
      await model.slopes();
      await model.release();
      expect([model.engine, ...opened]).toEqual([name, name, name]);
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
      folder.remove();
    }
  },
);

test('a large sparse model is not tried on ONNX Runtime', async () => {
  const notes: string[] = [];
  const length = 2 ** 27;
  const array = { length, indices: Int32Array.of(5), values: Float32Array.of(1) };
  const weights = new StoredWeights(new Map([['a.weight', array]]));
  const sessions = new Sessions({
    ...{ engine: 'auto', threads: 1, hash: 'large', weights },
    note: (line) => notes.push(line),
  });
  const x = input('x', [2]);
  const session = await sessions.openMain({
    graph: () => ({ y: add(x, x) }),
    sample: () => {
      throw new Error('it was measured');
    },
    outputs: ['y'],
  });
  expect(session.engine).toBe('sparse');
  expect(notes).toEqual(['sparse engine (the dense weights would fill the memory)']);
  await sessions.release();
});

test('what fails to open leaves neither a session nor a thread behind', async () => {
  const cache = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', cache.dir);
  const Onnx = ort.InferenceSession as unknown as { prototype: { release(): Promise<void> } };
  const [onnx, sparse] = [
    vi.spyOn(Onnx.prototype, 'release'),
    vi.spyOn(Machine.prototype, 'release'),
  ];
  try {
    const config = tinyConfig();
    const weights = randomWeights(config, 1, 0.1);
    const note = () => undefined;
    const options = { threads: 2, hash: 'fails', weights, note };
    const graph = () => inferenceGraph(config, weights);
    // Nothing is fed, so the first run of the measurement fails.
    const request = { graph, sample: () => ({}), outputs: [LOGPROBS] };
    const measured = new Sessions({ ...options, engine: 'auto' });
    await expect(measured.openMain(request)).rejects.toThrow();
    expect(onnx).toHaveBeenCalledTimes(1);
    expect(sparse).toHaveBeenCalledTimes(1);

    const broken = new Sessions({ ...options, engine: 'sparse' });
    await broken.openMain(request);
    broken.open = () => Promise.reject(new Error('no memory'));
    await expect(SiteReader.open(config, weights, broken)).rejects.toThrow('no memory');
    expect(sparse).toHaveBeenCalledTimes(2);
  } finally {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    cache.remove();
  }
});

test('texts of any length are read with pauses, the other of two as well', async () => {
  const { dir, remove } = temporaryFolder();
  const whole = vi.spyOn(Tokenizer.prototype, 'encode');
  const replies: Reply[] = [];
  const bundleDir = bundleIn(dir, randomParts(vocabConfig()));
  const options = {
    bundleDir,
    threads: 1,
    engine: 'onnx',
    bundlesDir: null,
    expectedHash: null,
  } as const;
  const server = new Server(options, (reply) => replies.push(reply));
  const ask = (id: number, params: Params<'circuit'>) =>
    server.receive({ type: 'call', id, call: { method: 'circuit', params } });
  const position = { token: 3 };
  await ask(1, {
    ...{ text: 'x = [1, 2]\n', position, interventions: [], ablation: { kind: 'mean' } },
    ...{ other: { text: 'x = (1, 2)\n', position }, measure: 0, top: 5, threshold: 0 },
  });
  expect(replies.map(({ type }) => type)).toContain('result');
  expect(whole).not.toHaveBeenCalled();
  await server.close();
  vi.restoreAllMocks();
  remove();
});
