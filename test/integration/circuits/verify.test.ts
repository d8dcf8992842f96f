/** The proof passes the known circuit where it should, and fails others. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { searchPrompts } from '../../../models/circuits/search/prompts';
import { ModelEdges } from '../../../models/weights/edges';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { DEFAULT_PROOF, DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { attribution } from '../../../models/circuits/proof/attribution';
import { causal } from '../../../models/circuits/proof/causal';
import { randomNodes, shuffleLabels } from '../../../models/circuits/proof/controls';
import { searchRandomLabels, type Controlled } from '../../../models/circuits/proof/controlSearch';
import { judge } from '../../../models/circuits/file/criteria';
import { twoLevels } from '../../../models/circuits/proof/levels';
import { leaveOneOut, removals } from '../../../models/circuits/proof/necessary';
import { Measurer } from '../../../models/circuits/proof/measurer';
import { prove } from '../../../models/circuits/proof/prove';
import { resampled } from '../../../models/circuits/proof/resample';
import { attack, randomSubsets } from '../../../models/circuits/proof/robust';
import { selectivity } from '../../../models/circuits/proof/selective';
import { sufficient } from '../../../models/circuits/proof/sufficient';
import { accuracyOf } from '../../../models/circuits/search/calibration';
import { counted, measured, type Proof } from '../../../models/circuits/file/schema';
import { Rng } from '../../../models/random';
import type { Prompt } from '../../../models/tasks/prompts';
import type { PairSource } from '../../../models/tasks/source';
import { KNOWN_NODES } from '../../support/knownCircuit';
import { countPasses } from '../../support/passes';
import { knownBundle, knownModel, knownPairs } from './known';

// A proof takes many passes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Pairs of a proof: as few as it may have. */
const PAIRS = 24;

let circuit: Circuit;
beforeAll(async () => {
  circuit = await findCircuit(knownModel, knownPairs, {
    settings: { ...DEFAULT_SETTINGS, runs: 1, steps: 60, seconds: 500 },
    ablation: 'mean',
    pairs: { masks: 16, selection: 12 },
  });
});

const proofOf = (
  change: Partial<Circuit> = {},
  seconds = 500,
  source = knownPairs,
  onPart?: (part: Proof) => void,
): Promise<Proof> =>
  prove(
    knownModel,
    { ...circuit, ...change },
    source,
    { ...DEFAULT_PROOF, pairs: PAIRS, seconds },
    onPart,
  );
const withNodes = (core: string[]) => {
  const edges = new ModelEdges(knownBundle).edgesBetween(core);
  return { core, edges, allEdges: edges.length };
};
const lossOf = (proof: Proof, id: string) => measured(proof, id)!.loss;
const proofPrompts = knownModel.prompts(knownPairs, 1, PAIRS, 'proof');

describe('the proof', () => {
  const { passes, clocked } = countPasses();
  let proof: Proof;
  const parts: Proof[] = [];
  let proofPasses = 0;
  beforeAll(async () => {
    const before = passes.count;
    proof = await proofOf({}, 500, knownPairs, (part) => parts.push(part));
    proofPasses = passes.count - before;
  });

  it('tells after every step what has been measured so far', () => {
    expect(parts).toHaveLength(12);
    const counts = parts.map(
      ({ measurements, counts: { length } }) => measurements.length + length,
    );
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(parts[0].measurements.map(({ id }) => id)).toContain('core');
    expect(parts[0].measurements.length).toBeLessThan(proof.measurements.length);
    for (const part of parts) {
      for (const one of part.measurements) expect(one).toEqual(measured(proof, one.id));
      expect(part.seconds).toBeLessThanOrEqual(proof.seconds);
    }
    expect({ ...parts.at(-1), seconds: 0 }).toEqual({ ...proof, seconds: 0 });
  });

  it('finds the circuit that decides enough, needed, causal and real', () => {
    const { groups } = judge([proof]);
    // No task is solved, so that nothing is known of the cut's effect on others.
    expect(groups).toEqual({
      ...{ sufficient: true, robust: true, necessary: true, causal: true },
      ...{ selective: false, real: true },
    });
    expect(lossOf(proof, 'core')).toBeLessThanOrEqual(0.15);
    for (const id of ['empty', 'random', 'removed.core', 'removed.circuit', 'removed.cut']) {
      expect(lossOf(proof, id), id).toBeGreaterThan(0.6);
    }
    expect(measured(proof, 'removed.circuit')!.order).toBeLessThanOrEqual(0.75);
    expect(lossOf(proof, 'removed.random')).toBeLessThan(0.01);
    expect(counted(proof, 'backups')).toMatchObject({ count: 0, of: 1 });
    expect(counted(proof, 'minimal')).toMatchObject({ count: 3, of: 3 });
    expect(proof).toMatchObject({ unseen: true, stopped: false, target: 0.15, pairs: PAIRS });
  });

  it('measures it by both rules, under three ablations, each set by the same', () => {
    for (const id of ['core.free', 'core.zero', 'core.resample']) {
      expect(lossOf(proof, id), id).toBeLessThan(0.15);
    }
    for (const { id, calibration } of proof.measurements) {
      if (id !== 'core.free') expect(calibration).toMatchObject({ rule: 'strict', scale: 1 });
    }
    expect(measured(proof, 'whole')!.share).toBe(1);
  });

  it('swaps circuit, rest and random nodes side by side', () => {
    expect(measured(proof, 'swap.circuit')).toMatchObject({ accuracy: 1, order: 1 });
    expect(measured(proof, 'swap.circuit')!.share).toBeGreaterThan(0.95);
    for (const id of ['swap.rest', 'swap.random', 'swap.anywhere']) {
      expect(Math.abs(measured(proof, id)!.share), id).toBeLessThan(0.05);
    }
    const { points } = proof.curves.find(({ id }) => id === 'interchange')!;
    expect(points.at(-1)!.share).toBeCloseTo(1, 4);
  });

  it('asks of joined nodes only whether the core can do without them', async () => {
    const constants = ['0.attn.act_in.4', '0.mlp.post_act.2'];
    const core = [...circuit.core, ...constants];
    const measurer = await Measurer.open(knownModel, { ...circuit, core }, proofPrompts, 1);
    const found = await leaveOneOut(measurer, 0.15, () => undefined);
    await measurer.release();
    expect(found).toMatchObject({ count: 3, of: 3 });
  });

  it('swaps what edges join, for a node without an input is a constant, and draws none of it', async () => {
    // All that there is beside the core's own at its first site: random nodes have none to take there.
    const [first] = NodeSet.named(knownBundle.config, circuit.core).sites;
    const constant = NodeSet.all(knownBundle.config)
      .names()
      .filter((name) => name.startsWith(`${first.site}.`) && !circuit.core.includes(name));
    const core = [...circuit.core, ...constant];
    const measurer = await Measurer.open(knownModel, { ...circuit, core }, proofPrompts, 1);
    expect(measurer.core.count).toBe(measurer.joined.count + constant.length);
    const { measurements, curve } = await causal(measurer, () => undefined);
    await measurer.release();
    const nodes = Object.fromEntries(measurements.map((one) => [one.id, one.nodes]));
    const carriers = circuit.core.length + circuit.backups.length;
    expect(nodes).toMatchObject({ 'swap.core': circuit.core.length, 'swap.circuit': carriers });
    expect(nodes['swap.rest']).toBe(measurer.all.count - carriers - constant.length);
    // Those of other sites take their place.
    expect(nodes).toMatchObject({ 'swap.random': carriers, 'swap.anywhere': carriers });
    expect(curve.points.map((point) => point.nodes)).toContain(carriers);
    expect(measurements.find(({ id }) => id === 'swap.circuit')!.share).toBeGreaterThan(0.95);
  });

  it('draws as many random nodes as there are of those that they stand for', () => {
    const { nodes: all } = measured(proof, 'whole')!;
    const own = circuit.core.length + circuit.backups.length;
    for (const id of ['random', 'levels.random']) {
      expect(measured(proof, id)!.nodes, id).toBe(circuit.core.length);
    }
    expect(measured(proof, 'removed.random')!.nodes).toBe(all - own);
    expect(measured(proof, 'removed.circuit')!.nodes).toBe(all - own);
  });

  it('measures the cut by itself, on its own task and on others', async () => {
    // A node that no answer needs, so that nothing fails without it.
    const idle = ['0.mlp.post_act.2'];
    const change = { backups: idle, cut: idle };
    const measurer = await Measurer.open(knownModel, { ...circuit, ...change }, proofPrompts, 1);
    const rows = await selectivity(measurer, () => undefined);
    const removed = await removals(measurer);
    const { count } = measurer.all;
    await measurer.release();
    expect(rows.some(({ whole }) => whole !== 0.5)).toBe(true);
    expect(rows.map(({ without }) => without)).toEqual(rows.map(({ whole }) => whole));
    const of = (id: string) => removed.find((one) => one.id === id)!;
    expect(of('removed.cut').nodes).toBe(count - 1);
    expect(of('removed.cut').loss).toBeLessThan(0.15);
    expect(of('removed.circuit').nodes).toBe(count - circuit.core.length - 1);
    expect(of('removed.circuit').loss).toBeGreaterThan(0.6);
  });

  it('counts the nodes that attribution needs, not those of the core', async () => {
    const core = [...circuit.core, '0.attn.act_in.4', '0.mlp.post_act.2'];
    const measurer = await Measurer.open(knownModel, { ...circuit, core }, proofPrompts, 1);
    const { settings } = circuit.search!;
    const { selection } = searchPrompts(knownModel, knownPairs, 1, settings.pairs);
    const found = await attribution(measurer, selection, 0.15);
    await measurer.release();
    expect(found).toMatchObject({ count: 5, of: 3 });
  });

  it('takes what is closed from other prompts, which bring their answers', async () => {
    const signs = proofPrompts.map(({ sign }) => sign);
    const none = await resampled(knownModel, new NodeSet(knownBundle.config, []), proofPrompts, 1);
    expect(accuracyOf(none, signs)).toBeGreaterThan(0.2);
    expect(accuracyOf(none, signs)).toBeLessThan(0.8);
    const own = NodeSet.named(knownBundle.config, KNOWN_NODES);
    expect(accuracyOf(await resampled(knownModel, own, proofPrompts, 1), signs)).toBe(1);
  });

  it('records how closed nodes are frozen, as the file says', async () => {
    const file = { ...circuit, ablation: 'zero' } as const;
    const measurer = await Measurer.open(knownModel, file, proofPrompts, 1);
    const { masks, selection } = searchPrompts(knownModel, knownPairs, 1, {
      masks: 4,
      selection: 4,
    });
    const quiet = () => undefined;
    const found = [
      ...(await sufficient(measurer)),
      ...(await removals(measurer)),
      ...(await randomSubsets(measurer, quiet)),
      ...(await attack(measurer, selection, quiet)).measurements,
      ...(await twoLevels(measurer, { masks, selection }, quiet)),
    ];
    await measurer.release();
    const ablations = new Map(found.map(({ id, ablation }) => [id, ablation]));
    expect(ablations.size).toBeGreaterThan(15);
    for (const [id, ablation] of ablations) {
      const wanted = { whole: 'none', 'core.resample': 'resample' }[id] ?? 'zero';
      expect(ablation, id).toBe(wanted);
    }
  });

  it('puts each node at one of two levels, which random nodes cannot learn', () => {
    expect(lossOf(proof, 'levels.random')).toBeGreaterThan(0.6);
    expect(lossOf(proof, 'levels')).toBeLessThanOrEqual(0.3);
    expect(lossOf(proof, 'levels')).toBeLessThan(lossOf(proof, 'levels.split') / 2);
    expect(measured(proof, 'levels')!.nodes).toBe(3);
  });

  it('does not find levels at which the core gives the opposite answers', async () => {
    const flipped = (prompts: readonly Prompt[]) =>
      prompts.map((prompt) => ({
        ...prompt,
        sign: prompt.sign === 1 ? (-1 as const) : (1 as const),
      }));
    const { masks, selection } = searchPrompts(
      knownModel,
      knownPairs,
      1,
      circuit.search!.settings.pairs,
    );
    const measurer = await Measurer.open(knownModel, circuit, flipped(proofPrompts), 1);
    const fitting = { masks: flipped(masks), selection: flipped(selection) };
    const found = await twoLevels(measurer, fitting, () => undefined);
    await measurer.release();
    for (const { id, loss } of found) expect(loss, id).toBeGreaterThan(0.6);
  });

  it('measures sizes, an adversary, attribution and what controls came to', () => {
    expect(counted(proof, 'size.50')!.count).toBeLessThanOrEqual(3);
    expect(counted(proof, 'size.80')!.count).toBeLessThanOrEqual(3);
    expect(counted(proof, 'faithfulness')!.count).toBeGreaterThan(0.5);
    expect(counted(proof, 'attribution')).toMatchObject({ count: 3, of: 3 });
    expect(lossOf(proof, 'adversary')).toBeLessThan(0.15);
    expect(measured(proof, 'subsets.median')!.nodes).toBeGreaterThan(3);
    const { points } = proof.curves.find(({ id }) => id === 'adversary')!;
    expect(points.map(({ nodes }) => nodes)).toEqual(
      [...points].map(({ nodes }) => nodes).sort((a, b) => a - b),
    );
    for (const id of ['control.labels', 'control.model']) {
      expect(counted(proof, id)!.of, id).toBeGreaterThan(0);
    }
  });

  it('asks about all tasks that fit the model', () => {
    const names = proof.selective.map(({ task }) => task);
    expect(names).toContain('var_if');
    // It reads 63 tokens.
    expect(names).not.toContain('set_or_string');
    // Its three nodes decide about brackets; without the cut nothing does, in any task.
    expect(proof.selective.some(({ whole }) => whole !== 0.5)).toBe(true);
    expect(new Set(proof.selective.map(({ without }) => without))).toEqual(new Set([0.5]));
  });

  it('says that prompts were seen by the search, and proves nothing on them', async () => {
    const source: PairSource = {
      ...knownPairs,
      pairs: (seed, count, part) =>
        knownPairs.pairs(seed, count, part === 'proof' ? 'selection' : part),
    };
    const seen = await proofOf({}, 500, source);
    expect(seen.unseen).toBe(false);
    expect(judge([seen]).groups.sufficient).toBe(false);
  });

  it('divides the pairs of a file as its search did, whatever the seed of the proof', async () => {
    const asked: { part: string; seed: number }[] = [];
    const source = (identity: PairSource['identity']): PairSource => ({
      ...{ ...knownPairs, identity },
      pairs: (seed, count, part) => {
        asked.push({ part, seed });
        return knownPairs.pairs(seed, count, part);
      },
    });
    const seeds = async (identity: PairSource['identity']) => {
      asked.length = 0;
      await prove(knownModel, circuit, source(identity), { seed: 7, pairs: PAIRS, seconds: 1e-6 });
      return asked.filter(({ part }) => part === 'proof').map(({ seed }) => seed);
    };
    expect(await seeds({ file: 'pairs.jsonl', sha256: 'd'.repeat(64) })).toEqual([1]);
    expect(await seeds({ task: 'known' })).toEqual([7]);
  });

  it('fails random nodes', async () => {
    const found = judge([
      await proofOf(withNodes(['0.attn.act_in.4', '0.attn.v.0', '0.mlp.post_act.2'])),
    ]);
    expect(found.groups).toMatchObject({ sufficient: false, necessary: false, causal: false });
    expect(found.words).toMatch(/It FAILS: loss of the core alone 0\.6/);
  });

  it('fails a circuit that lacks a node', async () => {
    expect(judge([await proofOf(withNodes(KNOWN_NODES.slice(0, 2)))]).groups.sufficient).toBe(
      false,
    );
  });

  it('says what was not measured when its time runs out, and passes nothing by that', async () => {
    const cut = await proofOf({}, 1e-6);
    expect(cut).toMatchObject({ stopped: true, measurements: [] });
    const { passes, words } = judge([cut]);
    expect(passes).toBe(false);
    expect(words).toContain('The time ran out before all was measured.');
    expect(judge([proof]).words).not.toContain('time ran out');
  });

  it('ends within a step when its time runs out, with what was finished by then', async () => {
    // Every pass of a model takes a second, and nothing else takes any.
    for (const share of [0, 0.05, 0.3, 0.6, 0.9]) {
      const { sessions } = passes;
      const seconds = Math.round(share * proofPasses);
      const { result: cut, made } = await clocked(() => proofOf({}, seconds));
      expect(made, `${share}`).toBeLessThanOrEqual(seconds);
      expect(cut).toMatchObject({ stopped: true, seconds });
      expect(passes.sessions, 'sessions that are left').toBe(sessions);
      expect(cut.measurements.length).toBeLessThan(proof.measurements.length);
      for (const found of cut.measurements) expect(found).toEqual(measured(proof, found.id));
      for (const found of cut.counts) expect(found).toEqual(counted(proof, found.id));
      expect([[], proof.selective]).toContainEqual(cut.selective);
    }
  });

  it('of a circuit of the old format is refused with what renews it', async () => {
    await expect(proofOf({ search: null })).rejects.toThrow(
      /older format.*circuitscope prune known/,
    );
  });
});

describe('controls', () => {
  it('draw as many random other nodes at every site', () => {
    const nodes = NodeSet.named(knownBundle.config, KNOWN_NODES);
    const found = randomNodes(nodes, new Rng('nodes'));
    expect(found.sites.map(({ site, indices }) => [site, indices.length])).toEqual(
      nodes.sites.map(({ site, indices }) => [site, indices.length]),
    );
    expect(randomNodes(nodes, new Rng('nodes')).names()).toEqual(found.names());
    for (let i = 0; i < 20; i++) {
      const drawn = randomNodes(nodes, new Rng('nodes', i)).names();
      expect(drawn.filter((name) => KNOWN_NODES.includes(name))).toEqual([]);
    }
  });

  it('draw from other sites what a site has too few of, and never more than there are', () => {
    const { config } = knownBundle;
    const all = NodeSet.all(config);
    // All of a site but one, and one of another.
    const [site] = all.sites;
    const own = all.filter((place) => place < site.indices.length - 1 || place === all.count - 1);
    for (let i = 0; i < 20; i++) {
      const drawn = randomNodes(own, new Rng('nodes', i));
      expect(drawn.count).toBe(own.count);
      expect(drawn.sites[0].indices).toHaveLength(1);
      expect(drawn.names().filter((name) => own.names().includes(name))).toEqual([]);
    }
    const most = all.filter((place) => place > 4);
    expect(randomNodes(most, new Rng('nodes')).names()).toEqual(all.names().slice(0, 5));
  });

  it('draw none that they are told to leave', () => {
    const nodes = NodeSet.named(knownBundle.config, KNOWN_NODES.slice(0, 1));
    const barred = NodeSet.all(knownBundle.config).filter((place) => place % 2 === 0);
    for (let i = 0; i < 20; i++) {
      const [drawn] = randomNodes(nodes, new Rng('nodes', i), new Map(), barred).names();
      expect(barred.names()).not.toContain(drawn);
    }
  });

  it('draw several where there are several', () => {
    const nodes = NodeSet.all(knownBundle.config).filter((place) => place % 3 === 0);
    const found = randomNodes(nodes, new Rng('nodes'));
    expect(found.sites.map(({ site, indices }) => [site, indices.length])).toEqual(
      nodes.sites.map(({ site, indices }) => [site, indices.length]),
    );
    expect(found.names().filter((name) => nodes.names().includes(name))).toEqual([]);
  });

  it('draw nodes of about the degree of those in whose place they stand', () => {
    const wide = { ...knownBundle.config, dMlp: 40 };
    const names = Array.from({ length: 40 }, (_, i) => `0.mlp.post_act.${i}`);
    const degrees = new Map(names.map((name, i) => [name, 10 * i]));
    for (const own of [0, 17, 39]) {
      const node = NodeSet.named(wide, [names[own]]);
      const drawn = Array.from({ length: 40 }, (_, i) => {
        const [name] = randomNodes(node, new Rng(i), degrees).names();
        return Math.abs(degrees.get(name)! / 10 - own);
      });
      expect(Math.max(...drawn), names[own]).toBeLessThanOrEqual(4);
      expect(new Set(drawn).size).toBeGreaterThan(1);
    }
  });

  it('that were cut short are none', async () => {
    const measurer = await Measurer.open(knownModel, circuit, proofPrompts, 1);
    const { config, weights } = knownBundle;
    const { settings, goal } = circuit.search!;
    const run = (seconds: number) =>
      searchRandomLabels({
        ...{ measurer, onPart: () => undefined },
        own: { config, weights, means: knownModel.frozen('mean') },
        searched: searchPrompts(knownModel, knownPairs, 1, { masks: 16, selection: 12 }),
        options: { settings: { ...settings, seconds }, goal },
      });
    try {
      // Every look at the clock takes a millisecond: the time runs out among the steps.
      let now = 0;
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => ++now);
      expect(await run(0.03)).toBe('stopped');
      clock.mockRestore();
      const found = (await run(500)) as Controlled;
      expect(found.measurement.id).toBe('control.labels');
      expect(found.size).toMatchObject({ count: found.measurement.nodes, of: 3 });
      expect(found.measurement.nodes).toBeLessThanOrEqual(3);
      // On what they were chosen on: elsewhere any nodes are at chance.
      expect(found.measurement.pairs).toBe(12);
    } finally {
      await measurer.release();
    }
  });

  it('swap the labels of whole pairs, about half of them', () => {
    const prompts = knownModel.prompts(knownPairs, 1, 100, 'masks');
    const shuffled = shuffleLabels(prompts, new Rng('labels'));
    const changed = shuffled.filter(({ sign }, i) => sign !== prompts[i].sign);
    expect(changed.length).toBeGreaterThan(60);
    expect(changed.length).toBeLessThan(140);
    for (let i = 0; i < shuffled.length; i += 2) {
      expect(shuffled[i].sign).toBe(-shuffled[i + 1].sign);
    }
  });
});
