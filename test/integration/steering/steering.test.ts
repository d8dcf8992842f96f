import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { residualAt } from '../../../models/bridges/steering';
import { readBridged } from '../../../models/bundles/partner';
import { readBundle } from '../../../models/bundles/bundle';
import { Runtime } from '../../../models/runtime/runtime';
import { strictLoss } from '../../../models/circuits/search/calibration';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import { circuitSteering } from '../../../models/steering/circuitSteering';
import { denseChannels, explain, randomNodes } from '../../../models/steering/controls';
import { steerable, type BridgedModels } from '../../../models/steering/models';
import { Steering } from '../../../models/steering/steering';
import { windowIds } from '../../../models/steering/texts';
import { taskSteering } from '../../../models/steering/taskSteering';
import { findTask } from '../../../models/tasks';
import { everySite } from '../../../models/transformer/config';
import { built } from '../runtime/built';
import {
  bundleIn,
  identityBridges,
  randomParts,
  temporaryFolder,
  vocabConfig,
} from '../runtime/bundles';

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

/** Models that are open until the end. */
const opened: Runtime[] = [];
/** Opens a bundle with bridges, and its dense model. */
async function bridgedModels(bundle: string, partner: string): Promise<BridgedModels> {
  const bundles = readBridged(bundle, dir, partner);
  const open = async (at: string) => {
    const runtime = await Runtime.open(at, {
      ...{ workerFile: built('runtime-worker.js'), engine: 'onnx' as const },
    });
    opened.push(runtime);
    return runtime;
  };
  return {
    sparse: steerable(await open(bundle), bundles.sparse),
    dense: steerable(await open(partner), bundles.dense),
    bridges: bundles.sparse.bridges.weights,
  };
}

let models: BridgedModels;
beforeAll(async () => {
  models = await bridgedModels(sparse, dense);
});
afterAll(async () => {
  for (const runtime of opened) await runtime.close();
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
    const shares = steering.differing().map(share);
    expect(shares.length).toBeGreaterThan(20);
    for (let i = 1; i < shares.length; i++) {
      expect(shares[i]).toBeLessThan(1.0001 * shares[i - 1]);
    }
    expect(shares.at(-1)).toBeLessThan(0.5 * shares[0]);
  });

  it('is explained by nodes that differ, each measured as steering does', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const { nodes, of } = await explain(steering, 6);
    expect(nodes).toHaveLength(6);
    expect(of).toBeGreaterThan(6);
    const [{ name, logprobs }] = nodes;
    const [again] = await steering.curve(name, [1]);
    expect([...again]).toEqual([...logprobs]);
  });

  it('refuses texts that cannot be laid beside each other, and nodes that do nothing', async () => {
    await expect(
      Steering.open(models, { given, other: `${other}z = 1\n`, at: place }),
    ).rejects.toThrow('as many tokens in both');
    await expect(Steering.open(models, { given, other: given, at: place })).rejects.toThrow(
      'the same tokens up to the place',
    );
    const steering = await Steering.open(models, { given, other, at: place });
    await expect(steering.curve('0.attn.q.1', [1])).rejects.toThrow('no channel of the residual');
    // After the place nothing counts.
    const late = await Steering.open(models, { given, other, at: { token: 3 } });
    const { nodes } = await explain(late, 3);
    expect(nodes).toHaveLength(3);
  });
});

describe('a runtime that steers', { timeout: 400_000 }, () => {
  const node = '1.mlp.act_in.3';
  const texts = { text: given, other, position: place };
  const runtimeOf = () => opened.find(({ info }) => info.bridgedTo !== null)!;

  it('opens the dense model itself, and says what steering over both says', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
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
    const { nodes, of } = await runtimeOf().bridgeNodes({ ...texts, measure: 6 });
    expect(nodes).toHaveLength(6);
    expect(of).toBeGreaterThan(6);
    const shares = nodes.map(({ probability }) => probability);
    expect(shares).toEqual([...shares].sort((x, y) => y - x));
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
        nodes: ['0.mlp.resid_delta.3'],
        positions: 'all' as const,
        kind: { kind: 'zero' as const },
      },
    ];
    const changes = await steering.interventionChanges(interventions);
    const logprobs = await steering.predictReads(changes);
    const ablated = await models.sparse.trace(given, place, { interventions });
    const plain = await models.sparse.trace(given, place, {});
    expect(largest(plain.logprobs, ablated.logprobs)).toBeGreaterThan(1e-3);
    expect(changes.filter(({ change }) => change.some((x) => x !== 0)).length).toBeGreaterThan(1);
    expect(largest(logprobs, plain.logprobs)).toBeGreaterThan(1e-3);
  });
});

describe('a task steered', { timeout: 400_000 }, () => {
  const shipped = join(import.meta.dirname, '../../../models/bundles/python-dense');
  const task = findTask('single_double_quote');
  const ask = { task, given: 'a' as const, strengths: [0, 0.5, 1], seed: 1 };
  let own: BridgedModels;
  beforeAll(async () => {
    // The dense model bridged to itself, so that a node of its reads is a channel.
    const model = readBundle(shipped);
    const bridged = bundleIn(join(dir, 'self'), {
      ...{ config: model.config, weights: model.weights, means: model.means },
      ...{ name: 'self', card: model.card },
      tokenizerJson: JSON.stringify(model.tokenizerJson),
      bridges: identityBridges(model, model.config),
    });
    own = await bridgedModels(bridged, shipped);
  });

  it('by a node of a read is steered much as by the channel that it is, and more than by chance', async () => {
    const prompts = { selection: 1, proof: 3 };
    const chosen = await taskSteering(own, { ...ask, prompts });
    expect(chosen.prompts).toEqual(prompts);
    const { name } = chosen.denseChannel;
    const named = await taskSteering(own, { ...ask, prompts, node: name });
    expect(named.denseChannel).toEqual(chosen.denseChannel);
    expect(named.node.name).toBe(name);
    for (const [i, mean] of named.node.mean.entries()) {
      // The norm of the other text is another, so that the read differs a little more or less.
      expect(mean / chosen.denseChannel.mean[i]).toBeCloseTo(1, 1);
    }
    expect(chosen.node.mean[2]).toBeGreaterThan(chosen.node.mean[0]);
    expect(chosen.randomNodes).toHaveLength(8);
    expect(chosen.randomDirections).toHaveLength(8);
    const directions = chosen.randomDirections.map(({ mean }) => mean[2]);
    expect(new Set(directions).size).toBe(8);
    expect(Math.max(...directions)).toBeLessThan(chosen.node.mean[2]);
    for (const random of chosen.randomNodes) {
      expect(random.mean[2]).toBeLessThan(named.node.mean[2]);
      expect(random.mean[0]).toBe(chosen.node.mean[0]);
    }
    // With identity bridges the dense model reads all that it does in the other text.
    expect(chosen.whole.mean[2]).toBeGreaterThan(0.5 * chosen.ceiling);
    expect(chosen.whole.mean[0]).toBe(chosen.node.mean[0]);
    const turned = Math.round(3 * chosen.node.success[2]);
    expect(chosen.failures.count).toBe(3 - turned);
    expect(chosen.ceiling).toBeGreaterThan(0.5);
  });

  it('with a circuit ablated answers as with what its ablation changes of all reads', async () => {
    const { config: shape, hash, name } = own.sparse.info;
    const core = [0, 1, 2].flatMap((layer) =>
      Array.from({ length: shape.dModel }, (_, i) => `${layer}.attn.resid_delta.${i}`),
    );
    const empty = { backups: [], cut: ['1.attn.resid_delta.0'], edges: [], unlisted: 0 };
    const circuit = { ...{ bundle: { name, hash }, core }, ...empty } as unknown as Circuit;
    const [pair] = task.pairs(1, 1, 'proof');
    const report = await circuitSteering(own, circuit, [pair], 1);
    expect(report).toMatchObject({ pairs: 1, unaligned: 0 });
    const row = (ablated: string) => report.answers.find((each) => each.ablated === ablated)!;
    const differences = async (nodes: string[]) => {
      const all: number[] = [];
      for (const [given, other] of [
        [pair.a, pair.b],
        [pair.b, pair.a],
      ]) {
        const token = (await own.dense.tokens(given.prompt)).ids.length - 1;
        const texts = { given: given.prompt, other: other.prompt, at: { token } };
        const steering = await Steering.open(own, texts);
        const kind = { kind: 'mean' as const };
        const changes = await steering.interventionChanges([{ nodes, positions: 'all', kind }]);
        const logprobs = await steering.predictReads(nodes.length > 0 ? changes : []);
        const [first, second] = await Promise.all(
          [pair.a, pair.b].map(async ({ prompt, answer }) =>
            (await own.dense.tokens(prompt + answer)).ids.at(-1)!,
          ),
        );
        all.push(logprobs[first] - logprobs[second]);
      }
      return all;
    };
    const ofCore = await differences(core);
    expect(row('core').nodes).toBe(3 * shape.dModel);
    expect(row('core').loss).toBeCloseTo(strictLoss(ofCore, [1, -1]), 5);
    expect(row('core').loss).not.toBeCloseTo(row('nothing').loss, 3);
    expect(row('cut').nodes).toBe(1);
    expect(row('random 1').nodes).toBe(0); // A site has no others.
    expect(row('random 1').loss).toBe(row('nothing').loss);
    const uneven = { a: pair.a, b: { ...pair.b, prompt: `x = 1\n${pair.b.prompt}` } };
    await expect(circuitSteering(own, circuit, [uneven], 1)).rejects.toThrow(
      'unequal numbers of tokens',
    );
    const one = { ...circuit, core: core.slice(0, 3), cut: [] };
    const [, ofOne, ...random] = (await circuitSteering(own, one, [pair], 1)).answers;
    expect(ofOne.nodes).toBe(3);
    expect(random.map(({ nodes }) => nodes)).toEqual([3, 3, 3, 3, 3]);
    expect(new Set(random.map(({ loss }) => loss)).size).toBeGreaterThan(1);
  });

  it('counts a prompt as one alone would be', async () => {
    const node = '2.attn.act_in.11';
    const report = await taskSteering(own, {
      ...{ ...ask, node, prompts: { selection: 1, proof: 1 } },
    });
    const pairs = task.pairs(1, 60, 'proof');
    const pair = pairs[report.leftOut.unsolved + report.leftOut.unaligned];
    const { ids } = await own.dense.tokens(pair.a.prompt);
    const texts = { given: pair.a.prompt, other: pair.b.prompt, at: { token: ids.length - 1 } };
    const steering = await Steering.open(own, texts);
    const curve = await steering.curve(node, ask.strengths);
    const answer = (await own.dense.tokens(pair.b.prompt + pair.b.answer)).ids.at(-1)!;
    const found = curve.map((logprobs) => Math.exp(logprobs[answer]));
    for (const [i, p] of found.entries()) expect(report.node.mean[i]).toBeCloseTo(p, 6);
  });
});

describe('circuitscope steer', { timeout: 400_000 }, () => {
  const cli = built('cli.js');
  const at = ['--token', '8', '--bundle', sparse, '--dense', dense];

  it('prints the curve and the controls as JSON', () => {
    const file = join(dir, 'given.py');
    writeFileSync(file, given);
    const args = ['steer', file, '--to-text', other, ...at, '--node', '1.mlp.act_in.3', '--json'];
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

  it('refuses what belongs to another form of it', () => {
    const refusal = (...args: string[]) => {
      const { stderr, status } = spawnSync(process.execPath, [cli, 'steer', ...args], {
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      return stderr;
    };
    const task = ['--task', 'var_if', '--bundle', sparse, '--dense', dense];
    expect(refusal(...task, '--line', '1')).toContain('--task has prompts of its own');
    expect(refusal(...task, '--given', 'c')).toContain("--given c is neither 'a' nor 'b'");
    expect(refusal('--task', 'nothing')).toContain('no task nothing');
    expect(refusal('--circuit', 'c.json', '--node', '1.mlp.act_in.3')).toContain(
      'leave out --node',
    );
    expect(refusal()).toContain('one file, --task or --circuit');
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
