import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSite, residualAt } from '../../../models/bridges/steering';
import { addLabels, readBundle } from '../../../models/bundles/bundle';
import { explained } from '../../../models/cli/steerReport';
import type { Intervention } from '../../../models/inference/interventions';
import { Runtime } from '../../../models/runtime/runtime';
import {
  denseChannels,
  explain,
  randomNodes,
  randomOthers,
  wholeStreams,
} from '../../../models/steering/controls';
import type { BridgedModels } from '../../../models/steering/models';
import { Steering } from '../../../models/steering/steering';
import { windowIds } from '../../../models/steering/texts';
import { everySite, readWidth } from '../../../models/transformer/config';
import { placesOf } from '../../../models/transformer/model';
import { parseNode, searchedSites } from '../../../models/transformer/nodes';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { built } from '../runtime/built';
import {
  bundleIn,
  identityBridges,
  randomParts,
  temporaryFolder,
  vocabConfig,
} from '../runtime/bundles';
import { openModels } from './models';

const { dir, remove } = temporaryFolder();
const config = vocabConfig({ positions: 0, activationFraction: everySite(1) });
const dense = bundleIn(dir, { ...randomParts(config, 2), name: 'partner' });
const given = 'x = "one"\ny = "two"\n';
const other = "x = 'one'\ny = 'two'\n";
const place = { token: 8 };
/** The largest difference between two rows of numbers. */
const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

/** Both models the same, so that a steered read is known. */
const sparse = bundleIn(dir, {
  ...{ ...randomParts(config, 2), name: 'bridged' },
  bridges: identityBridges(readBundle(dense), config),
});

const { bridgedModels, close, opened } = openModels(dir);

let models: BridgedModels;
beforeAll(async () => {
  models = await bridgedModels(sparse, dense);
});
afterAll(async () => {
  await close();
  remove();
});

describe('a dense model steered', { timeout: 400_000 }, () => {
  const node = '1.mlp.act_in.3';

  it('at strength 0 predicts what it did, and at 1 what patching what is added to the stream makes of it', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const write = '0.mlp.resid_delta.3';
    const [none, half, full] = await steering.curve(write, [0, 0.5, 1]);
    expect([...none]).toEqual([...steering.predictions.given]);
    const counterfactual = await models.dense.trace(other, place, { whole: true });
    const site = counterfactual.whole!.get('0.mlp.resid_delta')!;
    const patched = await models.dense.trace(given, place, {
      interventions: Array.from({ length: place.token + 2 }, (_, row) => ({
        nodes: [write],
        positions: { at: row - 1 },
        kind: { kind: 'patch' as const, values: [site[row * config.dModel + 3]] },
      })),
    });
    expect(largest(full, patched.logprobs)).toBeLessThan(1e-4);
    expect(largest(full, none)).toBeGreaterThan(1e-3);
    expect(largest(half, none)).toBeGreaterThan(1e-4);
    expect(largest(half, full)).toBeGreaterThan(1e-4);
  });

  it('wants what it finds likeliest in the other text', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const { logprobs } = await models.dense.trace(other, place, {});
    expect(logprobs[steering.wanted]).toBe(Math.max(...logprobs));
    expect([...steering.predictions.other]).toEqual([...logprobs]);
  });

  it('by all channels of a stream at once is what identity bridges make of the whole of it', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const whole = steering.wholeChange(3);
    const sum = new Float32Array(whole.change.length);
    for (let channel = 0; channel < config.dModel; channel++) {
      const one = steering.channelChange(3, channel);
      expect(one.place).toBe(3);
      one.change.forEach((x, i) => {
        if (x !== 0) expect(i % config.dModel).toBe(channel);
        sum[i] += x;
      });
    }
    expect(largest(sum, whole.change)).toBeLessThan(1e-4);
    expect(largest(whole.change, new Float32Array(sum.length))).toBeGreaterThan(1e-2);
    const channels = await denseChannels(steering, node);
    expect(channels).toHaveLength(config.dModel);
    const { name, logprobs } = channels[5];
    expect(name).toBe('1.mlp.act_in.5');
    expect([...logprobs]).toEqual([...(await steering.predict(steering.channelChange(3, 5), 1))]);
  });

  it('has random nodes of the same kind beside it, the same for a seed', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const names = async (seed: number) =>
      (await randomNodes(steering, node, seed)).map(({ name }) => name);
    const first = await names(1);
    expect(first).toHaveLength(8);
    expect(new Set(first).size).toBe(8);
    expect(first).not.toContain(node);
    for (const name of first) expect(name).toMatch(/^1\.mlp\.act_in\./);
    expect(await names(1)).toEqual(first);
    expect(await names(2)).not.toEqual(first);
  });

  it('has random nodes whose changes are about as large, or else the largest', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const sizes = Array.from({ length: config.dModel }, (_, index) => {
      const name = `1.mlp.act_in.${index}`;
      return { name, size: steering.nodeSize(parseNode(name, config)) };
    }).sort((a, b) => b.size - a.size);
    const [largest] = sizes;
    const [small] = sizes.slice(-1);
    for (const asked of [largest, small]) {
      const found = await randomNodes(steering, asked.name, 1);
      expect(found).toHaveLength(8);
      const others = sizes.filter(({ name }) => name !== asked.name);
      const comparable = others.filter(({ size }) => size >= 0.5 * asked.size);
      const allowed = comparable.length >= 8 ? comparable : others.slice(0, 8);
      for (const { name, size, logprobs } of found) {
        const own = allowed.find((one) => one.name === name)!;
        expect(size).toBeCloseTo(own.size / asked.size, 6);
        expect([...logprobs]).not.toEqual([...steering.predictions.given]);
      }
    }
    // The small one has larger nodes beside it, the largest none.
    expect((await randomNodes(steering, small.name, 1)).some(({ size }) => size > 1)).toBe(true);
    // Of two pairs of texts it is the sum that counts.
    const back = await Steering.open(models, { given: other, other: given, at: place });
    const [one] = randomOthers([steering, back], node, 1);
    const both = (name: string) =>
      [steering, back].reduce((sum, each) => sum + each.nodeSize(parseNode(name, config)), 0);
    expect(one.size).toBeCloseTo(both(one.name) / both(node), 6);
  });

  it('tries first what changes most of the dense stream where it is added', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const trace = await models.dense.trace(given, place, { whole: true });
    const { weights, info } = models.dense;
    const ids = windowIds(trace, info.endOfText);
    const lengths = (rows: Float32Array) =>
      Array.from(ids, (_, row) =>
        Math.hypot(...rows.subarray(row * config.dModel, (row + 1) * config.dModel)),
      );
    const share = (name: string) => {
      const { place: at, change } = steering.nodeChange(name);
      const stream = lengths(residualAt({ config, weights, sites: trace.whole!, ids }, at));
      return Math.hypot(...lengths(change).map((x, row) => x / stream[row]));
    };
    const shares = (await steering.differing()).map(share);
    expect(shares.length).toBeGreaterThan(20);
    for (let i = 1; i < shares.length; i++) {
      expect(shares[i]).toBeLessThan(1.0001 * shares[i - 1]);
    }
    expect(shares.at(-1)).toBeLessThan(0.5 * shares[0]);
  });

  it('lets other work in between sites as it looks for what differs, and ends when it is told to', async () => {
    const reads = { count: 0 };
    // Counts how often the first write is read, of which every residual stream after it is made.
    const counted: BridgedModels = {
      ...models,
      sparse: {
        ...models.sparse,
        trace: async (...args) => {
          const trace = await models.sparse.trace(...args);
          const whole = new Map(trace.whole);
          whole.get = (name) => {
            if (name === '0.attn.resid_delta') reads.count++;
            return Map.prototype.get.call(whole, name) as Float32Array | undefined;
          };
          return { ...trace, whole };
        },
      },
    };
    const steering = await Steering.open(counted, { given, other, at: place });
    let pauses = 0;
    const pause = () => Promise.resolve(void pauses++);
    const names = await steering.differing({ pause });
    expect(pauses).toBe(searchedSites(config).length);
    const plain = await Steering.open(models, { given, other, at: place });
    expect(names).toEqual(await plain.differing());
    // Four reads a node of its own, and one stream a place.
    expect(reads.count).toBeLessThanOrEqual(4 * config.dModel + placesOf(config));
    const end = () => (pauses++ > 12 ? Promise.reject(new Error('unwanted')) : Promise.resolve());
    pauses = 0;
    await expect(explain(steering, 1, { pause: end })).rejects.toThrow('unwanted');
    expect(pauses).toBeLessThan(searchedSites(config).length);
    const { signal } = { signal: AbortSignal.abort() };
    await expect(steering.differing({ signal })).rejects.toThrow('aborted');
  });

  it('is explained by nodes that differ, each measured as steering does', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const { nodes, of } = await explain(steering, 6);
    expect(nodes).toHaveLength(6);
    expect(of).toBeGreaterThan(6);
    const [{ name, logprobs }] = nodes;
    const [again] = await steering.curve(name, [1]);
    expect([...again]).toEqual([...logprobs]);
    const streams = await wholeStreams(steering);
    expect(streams.map((one) => one.name)).toEqual(
      ['0.mlp', '1.attn', '1.mlp'].map((part) => `whole stream before ${part}.act_in`),
    );
    for (const [i, one] of streams.entries()) {
      const stream = await steering.predict(steering.wholeChange(i + 1), 1);
      expect([...one.logprobs]).toEqual([...stream]);
    }
    // As the command prints it: the best first, and what the whole stream does at its best place.
    const wanted = (steered: { logprobs: Float32Array }) => steered.logprobs[steering.wanted];
    const before = steering.predictions.given[steering.wanted];
    const told = await explained(steering, 6);
    const effects = nodes.map((one) => wanted(one) - before).sort((a, b) => b - a);
    expect(told.nodes.map(({ effect }) => effect)).toEqual(effects);
    expect(effects[0]).toBeGreaterThan(effects[5]);
    expect(told.whole.effect).toBe(Math.max(...streams.map(wanted)) - before);
  });

  it('puts a change into the next read alone, as much as the norm makes of it', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const change = steering.nodeChange(node);
    const trace = await models.dense.trace(given, place, { whole: true });
    const { whole, window } = trace;
    const { weights, info } = models.dense;
    const ids = windowIds(trace, info.endOfText);
    const stream = residualAt({ config, weights, sites: whole!, ids }, change.place);
    const site = readSite(change.place);
    const read = whole!.get(site)!;
    const rows = place.token + 1 - window.start;
    const width = read.length / ids.length;
    const interventions: Intervention[] = Array.from({ length: rows }, (_, row) => ({
      nodes: Array.from({ length: width }, (__, c) => `${site}.${c}`),
      positions: { at: window.start + row },
      kind: {
        kind: 'patch',
        values: Array.from({ length: width }, (__, c) => {
          const own = read[row * width + c];
          if (c >= config.dModel) return own;
          const at = row * config.dModel + c;
          return own * (1 + change.change[at] / stream[at]);
        }),
      },
    }));
    const { logprobs } = await models.dense.trace(given, place, { interventions });
    const found = await steering.predict(steering.nextRead(change), 1);
    expect(largest(found, logprobs)).toBeLessThan(1e-4);
    expect(largest(found, steering.predictions.given)).toBeGreaterThan(1e-4);
    expect(largest(found, await steering.predict(change, 1))).toBeGreaterThan(1e-4);
  });

  it('refuses texts that cannot be laid beside each other, and nodes that do nothing', async () => {
    await expect(
      Steering.open(models, { given, other: `${other}z = 1\n`, at: place }),
    ).rejects.toThrow('differ in equally many tokens');
    await expect(Steering.open(models, { given, other: given, at: place })).rejects.toThrow(
      'the same tokens up to the place',
    );
    // Of a text longer than the context only the window before the place is read.
    const rest = 'z = 1\n'.repeat(config.context);
    const { length } = (await models.dense.tokens(given + rest)).ids;
    await expect(
      Steering.open(models, {
        ...{ given: given + rest, other: other + rest, at: { token: length - 1 } },
      }),
    ).rejects.toThrow('the texts differ only before the last');
    const steering = await Steering.open(models, { given, other, at: place });
    await expect(steering.curve('0.attn.q.1', [1])).rejects.toThrow(
      'does not steer the residual stream',
    );
    // After the place nothing counts.
    const late = await Steering.open(models, { given, other, at: { token: 3 } });
    const { nodes } = await explain(late, 3);
    expect(nodes).toHaveLength(3);
    const rows = 3 + 2;
    for (const { name } of nodes) {
      const { change } = late.nodeChange(name);
      expect(change.length).toBeGreaterThan(rows * config.dModel);
      expect(change.subarray(0, rows * config.dModel).some((x) => x !== 0)).toBe(true);
      expect(change.subarray(rows * config.dModel).every((x) => x === 0)).toBe(true);
    }
  });
});

describe('a runtime that steers', { timeout: 400_000 }, () => {
  const node = '1.mlp.act_in.3';
  /** The other text up to the place. */
  const cut = "x = 'one'\ny = '";
  const texts = { text: given, other: cut, position: place };
  const runtimeOf = () => opened.find(({ info }) => info.bridgedTo !== null)!;

  it('opens the dense model itself, and says what steering over both says', async () => {
    const steering = await Steering.open(models, { given, other: cut, at: place });
    const strengths = [0, 0.5, 1];
    const found = await runtimeOf().steer({ ...texts, node, strengths });
    const curve = await steering.curve(node, strengths);
    expect(found.wanted).toBe(steering.wanted);
    expect([...found.other]).toEqual([...steering.predictions.other]);
    for (const [i, logprobs] of found.curve.entries()) {
      for (const [id, x] of logprobs.entries()) expect(x).toBeCloseTo(curve[i][id], 5);
    }
    const controls = await runtimeOf().steerControls({ ...texts, node, seed: 1 });
    expect(controls.randomNodes).toHaveLength(8);
    expect(controls.denseChannels).toHaveLength(config.dModel);
    const { nodes, differing } = await runtimeOf().bridgeNodes({ ...texts, measure: 6 });
    expect(nodes).toHaveLength(6);
    expect(differing).toBeGreaterThan(6);
    const shares = nodes.map(({ probability }) => probability);
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
  });

  it('opens the dense model from the shipped ones, or beside the bundle where that is the right one', async () => {
    const shipped = join(dir, 'shipped');
    bundleIn(shipped, { ...randomParts(config, 2), name: 'partner' });
    const alone = bundleIn(join(dir, 'alone'), {
      ...{ ...randomParts(config, 2), name: 'bridged' },
      bridges: identityBridges(readBundle(dense), config),
    });
    const workerFile = built('runtime-worker.js');
    const steered = async (bundle: string, bundlesDir?: string) => {
      const runtime = await Runtime.open(bundle, {
        ...{ workerFile, engine: 'onnx', ...(bundlesDir !== undefined && { bundlesDir }) },
      });
      try {
        return (await runtime.steer({ ...texts, node, strengths: [1] })).wanted;
      } finally {
        await runtime.close();
      }
    };
    const { wanted } = await Steering.open(models, { given, other, at: place });
    expect(await steered(alone, shipped)).toBe(wanted);
    await expect(steered(alone)).rejects.toThrow('partner, which was not found');
    const changed = join(dir, 'changed');
    bundleIn(changed, { ...randomParts(config, 5), name: 'partner' });
    expect(await steered(sparse, changed)).toBe(wanted);
    await expect(steered(alone, changed)).rejects.toThrow('put the right model beside');
  });

  it('refuses another text that does not end at the place, also where it is as long as the given one', async () => {
    const counts = await Promise.all(
      [given, other].map(async (text) => (await models.dense.tokens(text)).ids.length),
    );
    expect(counts[0]).toBe(counts[1]);
    for (const refused of [
      runtimeOf().steer({ ...texts, other, node, strengths: [1] }),
      runtimeOf().steerControls({ ...texts, other, node, seed: 1 }),
      runtimeOf().bridgeNodes({ ...texts, other, measure: 1 }),
    ]) {
      await expect(refused).rejects.toThrow('differ in equally many tokens');
    }
  });

  it('without bridges says so', async () => {
    const [, plain] = opened;
    await expect(plain.steer({ ...texts, node, strengths: [1] })).rejects.toThrow(
      'partner has no bridges',
    );
  });

  it('changes nothing by the ablation of nothing, and puts an ablation over all bridges', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const without = await steering.interventionChanges([]);
    expect(without.every(({ change }) => change.every((x) => x === 0))).toBe(true);
    // With identity bridges the dense model is the sparse one: its reads become the ablated ones.
    const interventions = [
      {
        nodes: ['0.attn.resid_delta.3', '0.mlp.resid_delta.3'],
        positions: 'all' as const,
        kind: { kind: 'zero' as const },
      },
    ];
    const changes = await steering.interventionChanges(interventions);
    const logprobs = await steering.predictReads(changes);
    const ablated = await models.sparse.trace(given, place, { interventions });
    const plain = await models.sparse.trace(given, place, {});
    expect(largest(plain.logprobs, ablated.logprobs)).toBeGreaterThan(1e-3);
    expect(largest(logprobs, plain.logprobs)).toBeGreaterThan(1e-3);
    const { whole, window } = await models.dense.trace(given, place, { whole: true });
    const width = readWidth(config);
    const patches = changes.flatMap(({ site, change }) =>
      Array.from({ length: place.token + 1 - window.start }, (_, row) => {
        const at = (i: number) => row * width + i;
        const values = Array.from(
          { length: width },
          (__, i) => whole!.get(site)![at(i)] + change[at(i)],
        );
        const nodes = values.map((__, i) => `${site}.${i}`);
        return {
          ...{ nodes, positions: { at: window.start + row } },
          kind: { kind: 'patch' as const, values },
        };
      }),
    );
    const patched = await models.dense.trace(given, place, { interventions: patches });
    expect(largest(logprobs, patched.logprobs)).toBeLessThan(1e-5);
    // Each change has its part in it, and only before the first attention nothing changes.
    const acting = changes.filter(({ change }) => change.some((x) => x !== 0));
    expect(acting).toEqual(changes.slice(1));
    for (const left of acting) {
      const others = await steering.predictReads(changes.filter((one) => one !== left));
      expect(largest(logprobs, others)).toBeGreaterThan(1e-4);
    }
  });
});

describe('circuitscope steer', { timeout: 400_000 }, () => {
  const cli = built('cli.js');
  const at = ['--token', '8', '--bundle', sparse, '--dense', dense];

  it('prints the curve and the controls as JSON', () => {
    const file = join(dir, 'given.py');
    writeFileSync(file, given);
    const args = ['steer', file, '--to-text', other, ...at, '--node', '1.mlp.act_in.3', '--json'];
    args.push('--strength', '1,0,0.25,0.5,1,0.75');
    const report = JSON.parse(
      execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' }),
    ) as {
      curve: { strength: number; tokens: { id: number; probability: number }[] }[];
      wanted: { id: number; given: number };
      denseChannels: { probability: number }[];
    };
    expect(report.curve.map(({ strength }) => strength)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    const [first] = report.curve;
    const wanted = first.tokens.find(({ id }) => id === report.wanted.id)!;
    expect(wanted.probability).toBe(report.wanted.given);
    const shares = report.denseChannels.map(({ probability }) => probability);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
  });

  const refusal = (...args: string[]) => {
    const { stderr, status } = spawnSync(process.execPath, [cli, 'steer', ...args], {
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  it('takes the node whose label tells a concept best, of those that can steer', async () => {
    const labelled = bundleIn(join(dir, 'labelled'), {
      ...{ ...randomParts(config, 2), name: 'labelled' },
      bridges: identityBridges(readBundle(dense), config),
    });
    const file = join(dir, 'concepts.py');
    writeFileSync(file, given);
    const texts = [file, '--to-text', other, '--token', '8'];
    const args = (concept: string) => [
      ...[...texts, '--bundle', labelled, '--dense', dense, '--concept', concept],
    ];
    expect(refusal(...args('quote'))).toContain('has no labels; make them with circuitscope label');
    const positive = (correlation: number) => ({
      positive: { ...sampleLabel([1]), correlation },
    });
    const nodes = {
      '1.attn.q.1': positive(0.9),
      '1.mlp.act_in.4': positive(0.5),
      '1.mlp.act_in.3': positive(0.7),
      '1.mlp.act_in.5': { positive: { ...sampleLabel([-1]), correlation: 0.8 } },
    };
    addLabels(labelled, sampleLabels(['quote', 'bracket'], nodes));
    const report = JSON.parse(
      execFileSync(process.execPath, [cli, 'steer', ...args('quote'), '--json'], {
        encoding: 'utf8',
      }),
    ) as { node: string; curve: unknown[] };
    expect(report.node).toBe('1.mlp.act_in.3');
    expect(report.curve).toHaveLength(5);
    expect(refusal(...args('comma'))).toContain('there is no concept "comma"');
    expect(refusal(...args('bracket'))).toContain('no node for "bracket" that can steer');
    expect(refusal(...args('quote'), '--node', '1.mlp.act_in.3')).toContain('give one of');
    // The panel finds all of its nodes.
    const runtime = await Runtime.open(labelled, {
      ...{ workerFile: built('runtime-worker.js'), engine: 'onnx', bundlesDir: dir },
    });
    try {
      const find = (concept: string) =>
        runtime.bridgeNodes({
          ...{ text: given, other: "x = 'one'\ny = '", position: place, measure: 9, concept },
        });
      const { nodes, differing } = await find('quote');
      expect(differing).toBe(3);
      expect(nodes.map(({ name }) => name).sort()).toEqual([
        ...['1.mlp.act_in.3', '1.mlp.act_in.4', '1.mlp.act_in.5'],
      ]);
      await expect(find('comma')).rejects.toThrow('there is no concept "comma"');
      await expect(find('bracket')).rejects.toThrow('no node for "bracket" that can steer');
    } finally {
      await runtime.close();
    }
  });

  it('refuses what belongs to another form of it', () => {
    const task = ['--task', 'var_if', '--bundle', sparse, '--dense', dense];
    expect(refusal(...task, '--line', '1')).toContain('--task brings its own prompts');
    expect(refusal(...task, '--given', 'c')).toContain('--given c: give a or b');
    expect(refusal('--task', 'nothing')).toContain('no task nothing');
    expect(refusal('--circuit', 'c.json', '--node', '1.mlp.act_in.3')).toContain(
      'cannot be combined with --node',
    );
    expect(refusal(...task, '--node', '1.mlp.act_in.3', '--concept', 'x')).toContain('not both');
    expect(refusal('--circuit', 'c.json', '--concept', 'x')).toContain('cannot be combined');
    expect(refusal()).toContain('one file, --task or --circuit');
    const text = [join(dir, 'given.py'), '--token', '8', '--explain', '--to-text', other];
    expect(refusal(...text, '--to-cell', '1')).toContain('notebook given with --to; leave it out');
    expect(refusal(...task, '--to-cell', '1')).toContain('--task brings its own prompts');
  });

  it('takes the other text from a cell of a notebook', () => {
    const cells = [given, other].map((source) => ({ cell_type: 'code', source }));
    const [file, notebook] = [join(dir, 'own.py'), join(dir, 'cells.ipynb')];
    writeFileSync(file, given);
    writeFileSync(notebook, JSON.stringify({ cells }));
    const args = [file, ...at, '--explain', '--measure', '1', '--to', notebook];
    expect(refusal(...args)).toContain('has 2 Python cells; choose one with --to-cell');
    expect(refusal(...args, '--to-cell', '1')).toContain('the same tokens up to the place');
    const report = JSON.parse(
      execFileSync(process.execPath, [cli, 'steer', ...args, '--to-cell', '2', '--json'], {
        encoding: 'utf8',
      }),
    ) as { explain: { nodes: unknown[] } };
    expect(report.explain.nodes).toHaveLength(1);
  });

  it('steers through the shipped model unless another is given', () => {
    // Whether or not it is there: no model of this hash was beside it in training.
    const refused = refusal('--task', 'var_if', '--dense', dense);
    expect(refused).toMatch(/no bundle 'python-bridge'|python-bridge is bridged to/);
  });

  it('says in one line that the dense model is another, or that there are no bridges', () => {
    const changed = bundleIn(join(dir, 'elsewhere'), {
      ...randomParts(config, 5),
      name: 'partner',
    });
    const failure = (...args: string[]) => {
      const all = [
        cli,
        'steer',
        join(dir, 'given.py'),
        '--to-text',
        other,
        '--token',
        '8',
        '--explain',
      ];
      const { stderr, status } = spawnSync(process.execPath, [...all, ...args], {
        encoding: 'utf8',
      });
      expect(status).toBe(1);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      return stderr;
    };
    expect(failure('--bundle', sparse, '--dense', changed)).toContain(
      'bridged is bridged to partner',
    );
    expect(failure('--bundle', dense)).toContain('partner has no bridges');
  });
});
