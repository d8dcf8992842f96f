/** What search and proof make of a model with two paths, a key, a useless weight and a constant bias. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import { strictLoss } from '../../../models/circuits/search/calibration';
import { ModelEdges } from '../../../models/weights/edges';
import { withKeptEdges } from '../../../models/weights/keptEdges';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { searchPrompts } from '../../../models/circuits/search/prompts';
import { answersOf, CircuitModel } from '../../../models/circuits/search/model';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { randomModel } from '../../../models/circuits/proof/controls';
import { Measurer } from '../../../models/circuits/proof/measurer';
import { attack, randomSubsets } from '../../../models/circuits/proof/robust';
import { sufficient } from '../../../models/circuits/proof/sufficient';
import { removals } from '../../../models/circuits/proof/necessary';
import { breakRest } from '../../../models/circuits/search/breakRest';
import { search } from '../../../models/circuits/search/search';
import type { NamedCore } from '../../../models/circuits/keptSearches';
import { unique } from '../../../models/circuits/unique';
import { parameterSpecs, sizeOf } from '../../../models/transformer/parameters';
import { sampleCircuit } from '../../support/circuits';
import {
  BIAS_NODE,
  LONG_PATH,
  QUERY,
  SHORT_PATH,
  twoPathConfig,
  twoPathMeans,
  twoPathWeights,
  USELESS_EDGE,
} from '../../support/twoPaths';
import { temporaryFolder } from '../runtime/bundles';
import { knownBundle, knownModel, knownPairs } from './known';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const only = (text: string) => knownModel.tokenizer.idOf(text)!;
const config = twoPathConfig(knownModel.tokenizer.vocabSize);
const weights = twoPathWeights(config, {
  causes: [only(' 1'), only(' 2')],
  answers: [only(']'), only(',')],
});
const means = twoPathMeans(config);
const model = new CircuitModel({ ...knownBundle, config, weights, means }, knownModel.control);
const pairs = { masks: 16, selection: 12 };
const prompts = searchPrompts(model, knownPairs, 1, pairs);
const settings = { ...DEFAULT_SETTINGS, steps: 80, seconds: 500 };
const named = (names: readonly string[]) => NodeSet.named(config, names);
const sorted = (names: readonly string[]) => named(names).names();

/** The path that is left when nodes of the short one may not be used. */
const longWay = async (tied: boolean, pruneEdges: boolean) => {
  const found = await search(
    { config, weights, means },
    prompts,
    { settings: { ...settings, tied, pruneEdges }, goal: 0.1, forbidden: named(SHORT_PATH) },
    model.control,
  );
  return found.found!;
};
const nameOf = ({ from, to }: { from: string; to: string }) => `${from} ${to}`;
const edgeNames = (edges: readonly { from: string; to: string }[]) => edges.map(nameOf);

describe('the search', () => {
  it('finds one path as the core, and what breaks the other as backups', async () => {
    const circuit = await findCircuit(model, knownPairs, { settings, ablation: 'mean', pairs });
    const [own, other] = circuit.core.includes(SHORT_PATH[1])
      ? [SHORT_PATH, LONG_PATH]
      : [LONG_PATH, SHORT_PATH];
    expect(circuit.core).toEqual(sorted(own));
    expect(circuit.backups).toHaveLength(1);
    expect(other).toContain(circuit.backups[0]);
    expect(circuit.search!.backupsDone).toBe(true);
    // A node of either path cuts it; two do for both.
    expect(circuit.cut).toHaveLength(2);
    expect(circuit.cut.filter((node) => own.includes(node))).toHaveLength(1);
    expect(circuit.cut.filter((node) => other.includes(node))).toHaveLength(1);
  });

  it('uses no node that is forbidden, and keeps a key without its query unless they are tied', async () => {
    expect((await longWay(false, false)).core.names()).toEqual(sorted(LONG_PATH));
    expect((await longWay(true, false)).core.names()).toEqual(sorted([...LONG_PATH, QUERY]));
  });

  it('drops a weight that carries nothing that differs, and no other', async () => {
    const whole = await longWay(false, false);
    expect(edgeNames(whole.edges)).toContain(USELESS_EDGE);
    const pruned = await longWay(false, true);
    expect(pruned.allEdges).toBe(whole.edges.length);
    expect(edgeNames(pruned.edges)).toEqual(
      edgeNames(whole.edges).filter((name) => name !== USELESS_EDGE),
    );
  });
});

describe('cores of many seeds', () => {
  const find = { settings: { ...settings, pruneEdges: false }, ablation: 'mean', pairs } as const;
  const { dir, remove } = temporaryFolder();
  afterAll(remove);
  const keep = join(dir, 'searches.json');
  const options = { find, seeds: 2, peeled: 4, keep };

  it('are the two paths and no third, and what all share is needed', async () => {
    const found = await unique(model, knownPairs, options);
    expect(found.cores).toHaveLength(2);
    expect(found.peeled.map(({ nodes }) => nodes).sort()).toEqual(
      [SHORT_PATH.length, LONG_PATH.length].sort(),
    );
    expect(found).toMatchObject({ peeledAll: false, stopped: false, jaccard: 1 });
    // One path is common to both seeds; either finds the other without it.
    expect(found.withoutCommon).toEqual([found.peeled[1], found.peeled[1]]);
    expect(JSON.parse(readFileSync(keep, 'utf8'))).toMatchObject({ result: found });
  });

  it('are kept as they are found, and a run goes on from those that are there', async () => {
    const file = JSON.parse(readFileSync(keep, 'utf8')) as {
      result: unknown;
      searches: { core: NamedCore | null }[];
    };
    // What a run has that was stopped after the second seed, whose core is told by its edges.
    const [one, two] = file.searches;
    const searches = [one, { ...two, core: { ...two.core!, edges: 77 } }];
    writeFileSync(keep, JSON.stringify({ ...file, searches, result: null }));
    const said: string[] = [];
    const progress = (what: string) => {
      if (what !== 'whole model') said.push(what);
    };
    const control = { ...knownModel.control, progress };
    const watched = new CircuitModel({ ...model.bundle }, control);
    const again = await unique(watched, knownPairs, options);
    expect(again.cores.map(({ edges }) => edges)).toEqual([one.core!.edges, 77]);
    expect(again.peeled).toHaveLength(2);
    expect(new Set(said)).toEqual(new Set(['without what all cores share', 'circuit 3']));
    // Now all is there.
    said.length = 0;
    expect(await unique(watched, knownPairs, options)).toEqual(again);
    expect(said).toEqual([]);
  });

  it('without some nodes are looked for with every seed, where the first finds none', async () => {
    const file = JSON.parse(readFileSync(keep, 'utf8')) as {
      searches: { seed: number; forbidden: string[]; core: NamedCore | null }[];
    };
    const searches = file.searches.map((one) =>
      one.seed === 1 && one.forbidden.length > 0 ? { ...one, core: null } : one,
    );
    const other = join(dir, 'other.json');
    writeFileSync(other, JSON.stringify({ ...file, searches, result: null }));
    const found = await unique(model, knownPairs, { ...options, keep: other });
    // Both come from the second seed.
    const second = file.searches.find(({ seed, forbidden }) => seed === 2 && forbidden.length > 0)!;
    const nodes = second.core!.nodes.length;
    expect(found.withoutCommon.map((one) => one.nodes)).toEqual([nodes]);
    expect(found.peeled.map((one) => one.nodes)).toEqual([found.peeled[0].nodes, nodes]);
  });

  it('are searched again where the clock stopped them, and kept for whatever time is given', async () => {
    const timed = (seconds: number) => ({
      ...{ find: { ...find, settings: { ...find.settings, seconds } }, seeds: 1, peeled: 1 },
      keep: join(dir, 'timed.json'),
    });
    expect(await unique(model, knownPairs, timed(1e-6))).toMatchObject({
      stopped: true,
      cores: [],
    });
    const whole = await unique(model, knownPairs, timed(500));
    expect(whole.cores).toHaveLength(1);
    expect(await unique(model, knownPairs, timed(1e-6))).toEqual(whole);
  });

  it('are not taken for those of other settings, nor is a file that is something else', async () => {
    const other = { ...options, find: { ...find, settings: { ...find.settings, steps: 90 } } };
    await expect(unique(model, knownPairs, other)).rejects.toThrow(
      `${keep} has searches of another model, task or settings; give another --out, or remove the file`,
    );
    writeFileSync(keep, '{"what": "searches of circuitscope unique"}');
    await expect(unique(model, knownPairs, options)).rejects.toThrow(
      /^.*searches\.json: of: it is missing$/,
    );
  });
});

describe('backups', () => {
  it('are needed until the rest fails, and none where it fails without', async () => {
    const answers = answersOf(prompts.selection);
    const options = {
      ...{ all: NodeSet.all(config), prompts: prompts.selection },
      open: (nodes: NodeSet) => model.masked(nodes, answers, { means }),
      ...{ expired: () => false, onRound: () => undefined },
    };
    const none = await breakRest(named([...SHORT_PATH, ...LONG_PATH]), options);
    expect(none).toMatchObject({ done: true, backups: { count: 0 } });
    const some = await breakRest(named(SHORT_PATH), options);
    expect(some.backups.count).toBe(1);
    expect(some.loss).toBeGreaterThan(0.6);
    const cut = await breakRest(named(SHORT_PATH), { ...options, expired: () => true });
    expect(cut).toMatchObject({ done: false, backups: { count: 0 } });
  });
});

describe('the proof', () => {
  const proof = model.prompts(knownPairs, 2, 12, 'proof');
  const signs = proof.map(({ sign }) => sign);
  const removedOf = async (core: readonly string[], backups: readonly string[] = []) => {
    const both = { core: [...core], backups: [...backups] };
    const circuit: Circuit = sampleCircuit({ ...both, cut: [...core] });
    const measurer = await Measurer.open(model, circuit, proof, 1);
    try {
      const found = await removals(measurer);
      return Object.fromEntries(found.map((one) => [one.id, one]));
    } finally {
      await measurer.release();
    }
  };

  it('does not take a constant bias for need', async () => {
    const bias = await removedOf([BIAS_NODE]);
    // Uncalibrated half of the prompts are wrong by far.
    expect(Math.abs(bias['removed.core'].calibration.shift)).toBeGreaterThan(10);
    expect(bias['removed.core'].loss).toBeLessThan(0.15);
    expect(bias['removed.core'].order).toBe(1);
  });

  it('sees that one path is not needed while the other stands, and both are', async () => {
    const one = await removedOf(SHORT_PATH, [LONG_PATH[3]]);
    expect(one['removed.core'].loss).toBeLessThan(0.15);
    expect(one['removed.circuit'].loss).toBeGreaterThan(0.6);
    expect(one['removed.circuit'].order).toBeLessThan(0.75);
  });

  it('measures a core by the weights that its file keeps, and by all', async () => {
    const edges = new ModelEdges({ config, weights }).edgesBetween(LONG_PATH);
    const kept = edges.filter(({ to }) => to !== '0.attn.resid_delta.3');
    const file = { core: LONG_PATH, backups: [], cut: [], edges: kept, allEdges: edges.length };
    const measurer = await Measurer.open(model, sampleCircuit(file), proof, 1);
    try {
      const found = new Map((await sufficient(measurer)).map((one) => [one.id, one.loss]));
      expect(found.get('core')).toBeGreaterThan(0.6);
      expect(found.get('core.nodes')).toBeLessThan(0.1);
    } finally {
      await measurer.release();
    }
  });

  it('measures the core with the rest at zero too, by which the query is lost', async () => {
    const edges = new ModelEdges({ config, weights }).edgesBetween(LONG_PATH);
    const file = { core: LONG_PATH, backups: [], cut: [], edges, allEdges: edges.length };
    const measurer = await Measurer.open(model, sampleCircuit(file), proof, 1);
    try {
      const found = new Map((await sufficient(measurer)).map((one) => [one.id, one]));
      expect(found.get('core.zero')!.ablation).toBe('zero');
      // The head then looks at every token, and not at the cause.
      expect(found.get('core.zero')!.share).toBeLessThan(found.get('core')!.share / 2);
    } finally {
      await measurer.release();
    }
  });

  it('finds the node by which a core that holds alone is made to fail', async () => {
    // Channel 3 says the opposite, and the value channel of the core reads it too.
    const own = new Map(weights);
    const { dModel, heads, dHead } = config;
    const embed = weights.get('embed.weight')!.slice();
    const [first, second] = [' 1', ' 2'].map(only);
    [embed[first * dModel + 3], embed[second * dModel + 3]] = [-3, 3];
    const values = weights.get('layers.0.attn.v.weight')!.slice();
    values[3 * heads * dHead] = 2;
    own.set('embed.weight', embed).set('layers.0.attn.v.weight', values);
    const other = new CircuitModel({ ...knownBundle, config, weights: own, means }, model.control);
    const file = sampleCircuit({ core: SHORT_PATH, backups: [], cut: [] });
    const measurer = await Measurer.open(other, file, proof, 1);
    try {
      expect(strictLoss(await measurer.differences(named(SHORT_PATH)), signs)).toBeLessThan(0.1);
      const { measurements, curve } = await attack(measurer, prompts.selection, () => undefined);
      for (const { id, loss } of measurements) expect(loss, id).toBeGreaterThan(1);
      expect(curve.points[0]).toMatchObject({ nodes: 1, order: 0 });
      const [, worst] = await randomSubsets(measurer, () => undefined);
      expect(worst.loss).toBeGreaterThan(1);
    } finally {
      await measurer.release();
    }
  });

  it('measures a core by the weights that it keeps', async () => {
    const core = named(LONG_PATH);
    const edges = new ModelEdges({ config, weights }).edgesBetween(LONG_PATH);
    const lossOf = async (kept: typeof edges) =>
      strictLoss(await model.circuitDifferences(proof, core, { means }, kept), signs);
    const useless = edges.filter(({ from, to }) => `${from} ${to}` !== USELESS_EDGE);
    expect(await lossOf(useless)).toBeLessThan(0.1);
    for (const gone of useless) {
      const left = await lossOf(useless.filter((edge) => edge !== gone));
      expect(left, `without ${gone.from} ${gone.to}`).toBeGreaterThan(0.2);
    }
  });
});

describe('the random model', () => {
  it('has the weights of the trained one in other places, and means of its own', async () => {
    const random = await randomModel(knownModel, 1);
    for (const { name, sparse } of parameterSpecs(knownBundle.config)) {
      const [own, moved] = [knownBundle.weights.get(name)!, random.weights.get(name)!];
      if (!sparse) continue;
      expect([...moved].sort(), name).toEqual([...own].sort());
      if (new Set(own).size > 2) expect([...moved], name).not.toEqual([...own]);
    }
    const values = [...random.means.values()].flatMap((mean) => [...mean]);
    expect(values.some((value) => value !== 0)).toBe(true);
    for (const [site, mean] of random.means) {
      const own = [...knownBundle.means.get(site)!];
      if (own.some((value) => value !== 0)) expect([...mean], site).not.toEqual(own);
    }
  });
});

describe('a core by its kept weights', () => {
  const core = sorted([...SHORT_PATH, ...LONG_PATH]);
  const between = new ModelEdges({ config, weights }).edgesBetween(core);
  const short = new Set(new ModelEdges({ config, weights }).edgesBetween(SHORT_PATH).map(nameOf));
  const kept = between.filter((edge) => short.has(nameOf(edge)));
  const circuit = (edges: typeof between): Circuit =>
    sampleCircuit({
      ...{ bundle: { name: 'known', hash: knownBundle.hash }, pairs: { task: 'known' } },
      ...{ core, backups: [], cut: [], allEdges: between.length, edges },
    });
  const proof = model.prompts(knownPairs, 1, 12, 'proof');

  it('is the model whose other weights between its nodes carry the means of what they read', async () => {
    const uneven = new Map(
      [...means].map(([site, values]) => [site, values.map((_, i) => 0.2 + 0.1 * i)]),
    );
    const biased = { ...config, biases: true };
    const zero = parameterSpecs(biased).map(({ name, shape }) => [name, shape] as const);
    const whole = new Map(
      zero.map(([name, shape]) => [name, weights.get(name) ?? new Float32Array(sizeOf(shape))]),
    );
    const bundle = { ...knownBundle, config: biased, weights: whole, means: uneven };
    const own = new CircuitModel(bundle, knownModel.control);
    const nodes = NodeSet.named(biased, core);
    const pruned = withKeptEdges(bundle, uneven, core, kept)!;
    const zeroed = [...weights].flatMap(([name, data]) =>
      [...data].filter((x, i) => x !== 0 && pruned.get(name)![i] === 0),
    );
    expect(zeroed).toHaveLength(between.length - kept.length);
    const frozen = { means: uneven };
    const byGates = await own.circuitDifferences(proof, nodes, frozen, kept);
    const byWeights = await own.differences(proof, nodes, { ...frozen, weights: pruned });
    byWeights.forEach((one, i) => expect(one).toBeCloseTo(byGates[i], 4));
    // Without biases there is nowhere to keep them.
    expect(withKeptEdges({ config, weights }, uneven, core, kept)).toBeNull();
  });

  it('is held against the rest beside the core with all of them', async () => {
    const robust = async (edges: typeof between) => {
      const measurer = await Measurer.open(model, circuit(edges), proof, 1);
      try {
        const subsets = await randomSubsets(measurer, () => undefined);
        const { measurements } = await attack(measurer, prompts.selection, () => undefined);
        const all = [...subsets, ...measurements];
        return (id: string) => all.find((one) => one.id === id)?.loss;
      } finally {
        await measurer.release();
      }
    };
    const whole = await robust(between);
    expect(whole('subsets.worst')).toBeLessThan(0.15);
    expect([whole('subsets.edges'), whole('adversary.edges')]).toEqual([undefined, undefined]);
    const none = await robust([]);
    expect(none('subsets.worst')).toBe(whole('subsets.worst'));
    expect(none('adversary')).toBeLessThan(0.15);
    expect(none('subsets.edges')).toBeGreaterThan(0.6);
    expect(none('adversary.edges')).toBeGreaterThan(0.6);
    const one = await robust(kept);
    expect(one('subsets.edges')).toBeLessThan(0.15);
  });
});
