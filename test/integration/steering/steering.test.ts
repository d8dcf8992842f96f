import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgeSpecs } from '../../../models/bridges/parameters';
import { readBridged } from '../../../models/bundles/partner';
import { readBundle } from '../../../models/bundles/bundle';
import { Runtime } from '../../../models/runtime/runtime';
import { Steering, type BridgedRuntimes } from '../../../models/steering/steering';
import { everySite } from '../../../models/transformer/config';
import { sizeOf } from '../../../models/transformer/parameters';
import { built } from '../runtime/built';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

const { dir, remove } = temporaryFolder();
const config = vocabConfig({ positions: 0, activationFraction: everySite(1) });
const dense = bundleIn(dir, { ...randomParts(config, 2), name: 'partner' });
const given = 'x = "one"\ny = "two"\n';
const other = "x = 'one'\ny = 'two'\n";
const place = { token: 8 };

/** Bridges that leave a stream as it is. */
function identityBridges(hash: string) {
  const sizes = { layers: config.layers, sparse: config.dModel, dense: config.dModel };
  const weights = new Map(
    bridgeSpecs(sizes).map(({ name, shape }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
        shape.length === 2 && i % (config.dModel + 1) === 0 ? 1 : 0,
      ),
    ]),
  );
  return { name: 'partner', hash, dModel: config.dModel, encoderKept: config.dModel, weights };
}

/** Both models the same, so that a steered read is known. */
const sparse = bundleIn(dir, {
  ...{ ...randomParts(config, 2), name: 'bridged' },
  bridges: identityBridges(readBundle(dense).hash),
});

let models: BridgedRuntimes;
beforeAll(async () => {
  const bundles = readBridged(sparse, dir, undefined);
  const options = { workerFile: built('runtime-worker.js'), engine: 'onnx' as const };
  models = {
    ...{ bundles, sparse: await Runtime.open(sparse, options) },
    dense: await Runtime.open(dense, options),
  };
});
afterAll(async () => {
  await models.sparse.close();
  await models.dense.close();
  remove();
});

describe('a dense model steered', { timeout: 400_000 }, () => {
  const node = '1.mlp.act_in.3';

  it('at strength 0 predicts what it did, and at 1 what patching the activation makes of it', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const [none, half, full] = await steering.curve(node, [0, 0.5, 1]);
    expect([...none]).toEqual([...steering.predictions.given]);
    const counterfactual = await models.dense.trace(other, place, { whole: true });
    const site = counterfactual.whole!.get('1.mlp.act_in')!;
    const patched = await models.dense.trace(given, place, {
      interventions: Array.from({ length: place.token + 2 }, (_, row) => ({
        nodes: [node],
        positions: { at: row - 1 },
        kind: { kind: 'patch' as const, values: [site[row * config.dModel + 3]] },
      })),
    });
    const largest = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
    expect(largest(full, patched.logprobs)).toBeLessThan(1e-4);
    expect(largest(full, none)).toBeGreaterThan(1e-3);
    expect(largest(half, none)).toBeGreaterThan(1e-4);
    expect(largest(half, full)).toBeGreaterThan(1e-4);
  });

  it('wants what it finds likeliest in the other text', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const { logprobs } = await models.dense.trace(other, place);
    expect(logprobs[steering.wanted]).toBe(Math.max(...logprobs));
    expect([...steering.predictions.other]).toEqual([...logprobs]);
  });

  it('by single channels is the same as by identity bridges from the read of its place', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const channels = await steering.denseChannels(node);
    expect(channels).toHaveLength(config.dModel);
    const [full] = await steering.curve(node, [1]);
    const own = channels.find(({ name }) => name === node)!.logprobs;
    for (const [i, x] of full.entries()) expect(x).toBeCloseTo(own[i], 4);
  });

  it('has random nodes of the same kind beside it, the same for a seed', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const names = async (seed: number) =>
      (await steering.randomNodes(node, seed)).map(({ name }) => name);
    const first = await names(1);
    expect(first).toHaveLength(8);
    expect(new Set(first).size).toBe(8);
    expect(first).not.toContain(node);
    for (const name of first) expect(name).toMatch(/^1\.mlp\.act_in\./);
    expect(await names(1)).toEqual(first);
    expect(await names(2)).not.toEqual(first);
  });

  it('is explained by nodes that differ, each measured as steering does', async () => {
    const steering = await Steering.open(models, { given, other, at: place });
    const { nodes, of } = await steering.explain(6);
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
    // The embedding's read differs only at tokens that differ; after the place nothing counts.
    const late = await Steering.open(models, { given, other, at: { token: 3 } });
    const { nodes } = await late.explain(3);
    expect(nodes).toHaveLength(3);
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
