/** The controls of a proof: what they search in, with which limit, and what they measure of what is found. */
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Circuit } from '../../../models/circuits/file/circuitFile';
import type { Controlled } from '../../../models/circuits/proof/controlSearch';
import type { Proof } from '../../../models/circuits/file/schema';
import type { SearchResult } from '../../../models/circuits/search/outcome';
import type { SearchModel, SearchPrompts } from '../../../models/circuits/search/search';

vi.mock('../../../models/circuits/search/search', { spy: true });
const { search } = await import('../../../models/circuits/search/search');
const { DEFAULT_SETTINGS } = await import('../../../models/circuits/defaults');
const { randomModel, shuffleLabels } = await import('../../../models/circuits/proof/controls');
const { searchRandomLabels, searchRandomModel } =
  await import('../../../models/circuits/proof/controlSearch');
const { judge } = await import('../../../models/circuits/file/criteria');
const { prove } = await import('../../../models/circuits/proof/prove');
const { NodeSet } = await import('../../../models/transformer/nodeSet');
const { Measurer } = await import('../../../models/circuits/proof/measurer');
const { strictLoss } = await import('../../../models/circuits/search/calibration');
const { searchPrompts } = await import('../../../models/circuits/search/prompts');
const { Rng } = await import('../../../models/random');
const { sampleCircuit } = await import('../../support/circuits');
const { KNOWN_EDGES, KNOWN_NODES } = await import('../../support/knownCircuit');
const { knownBundle, knownModel, knownPairs } = await import('./known');

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });
const spied = vi.mocked(search);
beforeEach(() => {
  spied.mockClear();
});

const { config, weights } = knownBundle;
const settings = { ...DEFAULT_SETTINGS, runs: 1, steps: 60, seconds: 500, pruneEdges: false };
const proofPrompts = knownModel.prompts(knownPairs, 1, 12, 'proof');
const opened: Awaited<ReturnType<typeof Measurer.open>>[] = [];
afterAll(async () => {
  for (const measurer of opened) await measurer.release();
});

async function options(
  { ablation = 'mean', seed = 1 }: { ablation?: Circuit['ablation']; seed?: number },
  searched: SearchPrompts = searchPrompts(knownModel, knownPairs, 1, { masks: 8, selection: 6 }),
) {
  const circuit = sampleCircuit({
    ...{ ablation, core: KNOWN_NODES, backups: [], cut: KNOWN_NODES },
    ...{ edges: KNOWN_EDGES, allEdges: KNOWN_EDGES.length },
  });
  const measurer = await Measurer.open(knownModel, circuit, proofPrompts, seed);
  opened.push(measurer);
  return {
    ...{ measurer, searched, onPart: () => undefined },
    own: { config, weights, means: knownModel.frozen(ablation) },
    options: { settings, goal: 0.1 },
  };
}
const modelSearched = (): SearchModel => spied.mock.calls[0][0];

describe('random labels', () => {
  /** A seed whose labels are all as they were, so that there is something to find. */
  const kept = (searched: SearchPrompts) => {
    const isKept = (seed: number) => {
      const rng = new Rng('random labels', seed);
      const both = [searched.masks, searched.selection].map((one) => [
        one,
        shuffleLabels(one, rng),
      ]);
      return both.every(([before, after]) => before.every(({ sign }, i) => sign === after[i].sign));
    };
    return Array.from({ length: 5000 }, (_, i) => i).find(isKept)!;
  };

  it('are fitted by nodes of no more than the size, where these can fit them', async () => {
    const searched = searchPrompts(knownModel, knownPairs, 1, { masks: 4, selection: 3 });
    const found = await searchRandomLabels(await options({ seed: kept(searched) }, searched));
    expect((found as Controlled).measurement).toMatchObject({
      id: 'control.labels',
      nodes: 3,
      pairs: 3,
    });
    expect((found as Controlled).measurement.loss).toBeLessThan(0.15);
    expect((found as Controlled).size).toMatchObject({ count: 3, of: 3 });
    expect(spied.mock.calls[0][2]).toMatchObject({ size: KNOWN_NODES.length });
    expect(modelSearched()).toMatchObject({ weights, means: knownModel.frozen('mean') });
    const { measurement, size } = found as Controlled;
    expect(measurement.edges).toBe(KNOWN_EDGES.length);
    expect(size.what).toContain('with 2 edges between them; 3 keep the goal');
  });

  it('are not fitted where they are random, nor are those that were searched kept', async () => {
    const searched = searchPrompts(knownModel, knownPairs, 1, { masks: 8, selection: 6 });
    const found = await searchRandomLabels(await options({ seed: 1 }, searched));
    expect((found as Controlled).measurement.loss).toBeGreaterThan(0.5);
    const [, prompts] = spied.mock.calls[0];
    const signs = (of: SearchPrompts) => [...of.masks, ...of.selection].map(({ sign }) => sign);
    expect(signs(prompts)).not.toEqual(signs(searched));
  });
});

describe('a random model', () => {
  it.each(['mean', 'zero'] as const)(
    'has weights in random places and its own closed nodes, at their %s',
    async (ablation) => {
      const given = await options({ ablation });
      const found = await searchRandomModel(given);
      const model = modelSearched();
      const random = await randomModel(knownModel, 1);
      for (const [name, own] of random.weights) {
        expect([...model.weights.get(name)!], name).toEqual([...own]);
      }
      for (const [site, own] of random.means) {
        const closed = ablation === 'mean' ? [...own] : [...own].map(() => 0);
        expect([...model.means.get(site)!], site).toEqual(closed);
      }
      expect([...random.means.values()].some((own) => own.some((value) => value !== 0))).toBe(true);
      // What is found is measured in the random model, on the prompts of the proof.
      const { found: core, within } = await spied.mock.results[0].value;
      const nodes = core && core.core.count <= 3 ? core.core : within!;
      const differences = await knownModel.differences(proofPrompts, nodes, model);
      const signs = proofPrompts.map(({ sign }) => sign);
      expect((found as Controlled).measurement).toMatchObject({ nodes: nodes.count, ablation });
      expect((found as Controlled).measurement.loss).toBeCloseTo(strictLoss(differences, signs), 6);
    },
  );
});

describe('a control', () => {
  const proofWith = async (result: Partial<SearchResult>) => {
    spied.mockResolvedValue({
      ...{ found: null, goal: 0.1, reached: 1, nearest: null, within: null },
      effort: { runs: 1, steps: 1, tokens: 1, seconds: 1, stopped: false },
      ...result,
    });
    const circuit = sampleCircuit({ core: KNOWN_NODES, backups: [], cut: KNOWN_NODES });
    try {
      const options = { seed: 1, pairs: 4, seconds: 500 };
      return await prove(knownModel, circuit, knownPairs, options);
    } finally {
      spied.mockReset();
    }
  };
  const controls = ({ measurements }: Proof) =>
    measurements.filter(({ id }) => id.startsWith('control.'));

  it('that comes to nothing is not measured, which is no want of time', async () => {
    const proof = await proofWith({});
    expect(controls(proof)).toEqual([]);
    expect(proof.stopped).toBe(false);
    expect(judge([proof]).words).not.toContain('time ran out');
  });

  it('that ran out of time is not measured either, and the proof says so', async () => {
    const within = NodeSet.named(config, KNOWN_NODES);
    const effort = { runs: 1, steps: 1, tokens: 1, seconds: 1, stopped: true };
    const proof = await proofWith({ within, effort });
    expect(controls(proof)).toEqual([]);
    expect(proof.stopped).toBe(true);
  });
});
