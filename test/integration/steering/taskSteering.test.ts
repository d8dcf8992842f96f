import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSite } from '../../../models/bridges/steering';
import { readBundle } from '../../../models/bundles/bundle';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import type { Intervention } from '../../../models/inference/interventions';
import { strictLoss } from '../../../models/circuits/search/calibration';
import { denseCandidates, meanDifferences } from '../../../models/steering/candidates';
import { circuitSteering } from '../../../models/steering/circuitSteering';
import type { BridgedModels } from '../../../models/steering/models';
import { Steering } from '../../../models/steering/steering';
import { taskSteering } from '../../../models/steering/taskSteering';
import { findTask } from '../../../models/tasks';
import { placesOf } from '../../../models/transformer/model';
import { bundleIn, identityBridges, temporaryFolder } from '../runtime/bundles';
import { openModels } from './models';

const { dir, remove } = temporaryFolder();
const { bridgedModels, close } = openModels(dir);
afterAll(async () => {
  await close();
  remove();
});

/** What sets all nodes of a site at the first tokens of a window to values [pos, node]. */
function patched(site: string, all: Float32Array, tokens: number, start: number): Intervention[] {
  const width = all.length / (tokens - start);
  const nodes = Array.from({ length: width }, (_, i) => `${site}.${i}`);
  return Array.from({ length: tokens - start }, (_, row) => {
    const values = Array.from(all.subarray(row * width, (row + 1) * width));
    return { nodes, positions: { at: start + row }, kind: { kind: 'patch', values } };
  });
}

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
    const { name } = chosen.denseNode;
    const named = await taskSteering(own, { ...ask, prompts, node: name });
    expect(named.denseNode).toEqual(chosen.denseNode);
    expect(named.node.name).toBe(name);
    for (const [i, mean] of named.node.mean.entries()) {
      // The norm of the other text is another, so that the read differs a little more or less.
      expect(mean / chosen.denseNode.mean[i]).toBeCloseTo(1, 1);
    }
    expect(chosen.node.mean[2]).toBeGreaterThan(chosen.node.mean[0]);
    // Given to the unembedding alone, the change does nothing through the layers between.
    expect(chosen.direct.mean[0]).toBe(chosen.node.mean[0]);
    expect(chosen.direct.mean[2]).toBeLessThan(chosen.node.mean[2]);
    expect(chosen.randomNodes).toHaveLength(8);
    expect(chosen.randomDirections).toHaveLength(8);
    const directions = chosen.randomDirections.map(({ mean }) => mean[2]);
    expect(new Set(directions).size).toBe(8);
    expect(Math.max(...directions)).toBeLessThan(chosen.node.mean[2]);
    expect(chosen.nextRead.mean[0]).toBe(chosen.node.mean[0]);
    expect(chosen.nextRead.mean[2]).not.toBeCloseTo(chosen.node.mean[2], 4);
    // Several do not what the best of them does alone, and a given node has nobody to join.
    const [pairOfNodes] = chosen.together;
    expect(pairOfNodes.nodes).toBe(2);
    expect(pairOfNodes.mean[0]).toBe(chosen.node.mean[0]);
    expect(pairOfNodes.mean[2]).not.toBeCloseTo(chosen.node.mean[2], 4);
    expect(named.together).toEqual([]);
    // A change that does nothing would be no control.
    expect(chosen.randomNodes.some(({ mean }) => Math.abs(mean[2] - mean[0]) > 1e-4)).toBe(true);
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
    const shares = ([first, second]: readonly number[]) => ({
      accuracy: (Number(first > 0) + Number(second < 0)) / 2,
      pairOrder: Number(first > second),
    });
    expect(row('core')).toMatchObject(shares(ofCore));
    expect(row('nothing')).toMatchObject({ accuracy: 1, pairOrder: 1, change: 0 });
    expect(row('core').change).toBeGreaterThan(row('cut').change);
    expect(row('cut').change).toBeGreaterThan(0);
    expect(row('cut').nodes).toBe(1);
    // The sites of the core have no others, and what is in their place acts too.
    expect(row('random 1').nodes).toBe(3 * shape.dModel);
    expect(row('random 1').loss).not.toBe(row('nothing').loss);
    expect(report.answers.map(({ unread }) => unread)).toEqual(report.answers.map(() => 0));
    const uneven = { a: pair.a, b: { ...pair.b, prompt: `x = 1\n${pair.b.prompt}` } };
    await expect(circuitSteering(own, circuit, [uneven], 1)).rejects.toThrow(
      'unequal numbers of tokens',
    );
    // With all writes gone both prompts get one answer, so that half are right, whatever their order.
    const writes = [...core, ...core.map((node) => node.replace('attn', 'mlp'))];
    const emptied = await circuitSteering(own, { ...circuit, core: writes }, [pair], 1);
    const ofWrites = shares(await differences(writes));
    expect(emptied.answers[1]).toMatchObject({ ablated: 'core', ...ofWrites });
    expect(ofWrites.accuracy).toBe(0.5);
    const last = `${shape.layers - 1}.mlp.post_act`;
    const one = { ...circuit, core: [...core.slice(0, 3), `${last}.0`, `${last}.1`], cut: [] };
    const some = await circuitSteering(own, one, [pair, uneven], 1);
    expect(some).toMatchObject({ pairs: 1, unaligned: 1 });
    const [, ofOne, ...random] = some.answers;
    expect(ofOne).toMatchObject({ nodes: 5, unread: 2 });
    const ofSites = random.map(({ nodes, unread }) => [nodes, unread]);
    expect(ofSites).toEqual(random.map(() => [5, 2]));
    expect(new Set(random.map(({ loss }) => loss)).size).toBeGreaterThan(1);
  });

  it('chooses on the prompts for it, and steers others', async () => {
    const parts: unknown[] = [];
    const recording: typeof task = {
      ...task,
      pairs: (seed, count, part) => {
        parts.push(part);
        return task.pairs(seed, count, part);
      },
    };
    const prompts = { selection: 1, proof: 1 };
    const asked = { ...ask, task: recording, strengths: [1], prompts };
    await taskSteering(own, { ...asked, among: ['2.attn.act_in.11'] });
    expect(parts).toEqual(['selection', 'proof']);
  });

  it('refuses a node that cannot steer before anything is tried', async () => {
    const prompts = { selection: 1, proof: 1 };
    let asked = 0;
    const pause = () => {
      asked++;
      return Promise.resolve();
    };
    const steered = taskSteering(own, { ...ask, node: '0.attn.act_in.5', prompts }, { pause });
    await expect(steered).rejects.toThrow('0.attn.act_in.5 depends on its token alone');
    expect(asked).toBe(0);
  });

  it('chooses its node among those given, and says when none of them can steer', async () => {
    const among = ['0.attn.act_in.5', '2.attn.act_in.11', '1.mlp.act_in.3'];
    const prompts = { selection: 1, proof: 1 };
    const asked = { ...ask, prompts, strengths: [1] };
    const chosen = await taskSteering(own, { ...asked, among });
    expect(among.slice(1)).toContain(chosen.node.name);
    expect(chosen.chosen).toBe(true);
    await expect(taskSteering(own, { ...asked, among: among.slice(0, 1) })).rejects.toThrow(
      'none of the 1 nodes can steer in the prompts of single_double_quote',
    );
  });

  it('leaves out pairs that the dense model solves on one side alone', async () => {
    const node = '2.attn.act_in.11';
    const asked = { ...ask, node, strengths: [1], prompts: { selection: 1, proof: 1 } };
    const pairs = task.pairs(1, 60, 'proof');
    const { leftOut } = await taskSteering(own, asked);
    const pair = pairs[leftOut.unsolved + leftOut.unaligned];
    for (const { prompt } of [pair.a, pair.b]) {
      const trace: typeof own.dense.trace = async (text, ...rest) => {
        const found = await own.dense.trace(text, ...rest);
        return text === prompt ? { ...found, logprobs: found.logprobs.map(() => -8) } : found;
      };
      const spoilt = await taskSteering({ ...own, dense: { ...own.dense, trace } }, asked);
      expect(spoilt.leftOut.unsolved).toBeGreaterThan(leftOut.unsolved);
    }
  });

  it('has the dense model’s own neurons and mean differences beside it', async () => {
    const [pair] = task.pairs(1, 1, 'selection');
    const { ids } = await own.dense.tokens(pair.a.prompt);
    const at = { token: ids.length - 1 };
    const texts = { given: pair.a.prompt, other: pair.b.prompt, at };
    const steering = await Steering.open(own, texts);
    // The dense model is its own sparse one here.
    const { change, place } = steering.nodeChange('1.mlp.post_act.7');
    const neuron = steering.neuronChange(1, 7);
    expect(neuron.place).toBe(place);
    expect(Math.max(...change.map((x, i) => Math.abs(x - neuron.change[i])))).toBeLessThan(1e-5);
    expect(neuron.change.some((x) => x !== 0)).toBe(true);
    const found = denseCandidates(steering, 5);
    const sizes = found.map((one) => steering.sizeOf(one.change(steering)!));
    expect(sizes).toEqual(sizes.toSorted((x, y) => y - x));
    const all = denseCandidates(steering, Infinity);
    const { dModel, dMlp, layers } = own.dense.info.config;
    expect(all).toHaveLength((placesOf(own.dense.info.config) - 1) * dModel + (layers - 1) * dMlp);
    // At the last token a mean over one text is its own difference, and elsewhere it is nothing.
    const vectors = meanDifferences([steering]);
    expect(vectors.map(({ name }) => name)).toContain('mean difference before 2.attn.act_in');
    for (const [i, vector] of vectors.entries()) {
      const own = vector.change(steering)!;
      const whole = steering.wholeChange(i + 1).change;
      const last = at.token + 1; // The end-of-text token stands before the first.
      for (const [entry, x] of own.change.entries()) {
        const row = Math.floor(entry / dModel);
        expect(x).toBeCloseTo(row === last ? whole[entry] : 0, 4);
      }
    }
    const other = await Steering.open(own, { given: pair.b.prompt, other: pair.a.prompt, at });
    const [balanced] = meanDifferences([steering, other]);
    expect(Math.max(...balanced.change(steering)!.change.map(Math.abs))).toBeLessThan(1e-5);
  });

  it('says so when the node it is given is the same in all prompts', async () => {
    const asked = { ...ask, strengths: [1], prompts: { selection: 1, proof: 1 } };
    const { dMlp } = own.sparse.info.config;
    const [pair] = task.pairs(1, 1, 'selection');
    const { ids } = await own.dense.tokens(pair.a.prompt);
    const texts = { given: pair.a.prompt, other: pair.b.prompt, at: { token: ids.length - 1 } };
    const steering = await Steering.open(own, texts);
    const still: typeof own.sparse.trace = async (text, ...rest) => {
      const found = await own.sparse.trace(text, ...rest);
      found.whole!.get('1.mlp.post_act')!.forEach((_, i, all) => {
        if (i % dMlp === 7) all[i] = 0;
      });
      return found;
    };
    expect(steering.nodeSize({ layer: 1, site: 'mlp.post_act', index: 7 })).toBeGreaterThan(0);
    const dead = { ...own, sparse: { ...own.sparse, trace: still } };
    await expect(taskSteering(dead, { ...asked, node: '1.mlp.post_act.7' })).rejects.toThrow(
      '1.mlp.post_act.7 has the same activations in both prompts',
    );
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
    expect(report.chosen).toBe(false);
    // It fails by what the largest strength does, in whatever order strengths are.
    expect(found[2]).toBeGreaterThan(1.1 * found[0]);
    const falling = await taskSteering(own, {
      ...{ ...ask, node, strengths: [1, 0], prompts: { selection: 1, proof: 1 } },
    });
    for (const { failures } of [report, falling]) {
      expect(failures.count).toBe(1);
      expect(failures.first[0].probability).toBeCloseTo(found[2], 6);
    }
    // What reads the stream in the layers between is as if there were no change.
    const { change, place } = steering.nodeChange(node);
    const { whole, window } = await own.dense.trace(texts.given, texts.at, { whole: true });
    const interventions: Intervention[] = [];
    for (let site = place; site <= placesOf(own.dense.info.config); site++) {
      const written = whole!
        .get(writeSite(site))!
        .map((x, i) => (site === place ? x + change[i] : x));
      interventions.push(...patched(writeSite(site), written, ids.length, window.start));
    }
    const held = await own.dense.trace(texts.given, texts.at, { interventions });
    expect(report.direct.mean[2]).toBeCloseTo(Math.exp(held.logprobs[answer]), 6);
    expect(report.direct.mean[2]).not.toBeCloseTo(report.node.mean[2], 3);
  });
});
