/** What the search for backups and cut is given: other tasks, and the nodes of the core without inputs. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { BreakOptions } from '../../../models/circuits/search/breakRest';

const given: BreakOptions[] = [];
vi.mock('../../../models/circuits/search/breakRest', () => ({
  breakRest: (core: object, options: BreakOptions) => {
    given.push(options);
    return Promise.resolve({ backups: core, cut: core, loss: 0.7, order: 0.5, done: true });
  },
}));
const { DEFAULT_SETTINGS } = await import('../../../models/circuits/defaults');
const { findCircuit } = await import('../../../models/circuits/findCircuit');
const { fittingTasks } = await import('../../../models/circuits/search/fittingTasks');
const { KNOWN_NODES } = await import('../../support/knownCircuit');
const { sampleSearch } = await import('../../support/circuits');
const { knownModel, knownPairs } = await import('../../integration/circuits/known');

vi.setConfig({ testTimeout: 240_000 });
beforeEach(() => {
  given.length = 0;
});

/** What is given for the known circuit, whose nodes are taken as found, as that of a task or a file. */
async function givenFor(identity: typeof knownPairs.identity, edgeMargin = 0.8) {
  const settings = { ...DEFAULT_SETTINGS, edgeMargin, steps: 20, seconds: 500 };
  const circuit = await findCircuit(
    knownModel,
    { ...knownPairs, identity },
    {
      ...{ settings, ablation: 'mean', pairs: { masks: 8, selection: 8 } },
      nodesOf: { core: KNOWN_NODES, search: sampleSearch, runs: 1 },
    },
  );
  expect(given).toHaveLength(1);
  return { circuit, ...given.splice(0)[0] };
}

it('every other task that fits the model, and not the circuit’s own', async () => {
  const all = fittingTasks(knownModel, { seed: 1, pairs: 4, part: 'selection' });
  expect(all.length).toBeGreaterThan(5);
  const { others } = await givenFor({ task: all[2].name });
  expect(others).toEqual(all.filter((_, i) => i !== 2).map(({ prompts }) => prompts));
  const ofFile = await givenFor({ file: 'pairs.jsonl', sha256: 'a'.repeat(64) });
  expect(ofFile.others).toHaveLength(all.length);
});

it('every setting that matters in the command, and names as one word of it', async () => {
  const settings = { ...DEFAULT_SETTINGS, seed: 3, edgeMargin: 0.7, steps: 40, seconds: 500 };
  const circuit = await findCircuit(
    knownModel,
    { ...knownPairs, identity: { file: "Ann's pairs.jsonl", sha256: 'a'.repeat(64) } },
    {
      settings: { ...settings, tied: true, pruneEdges: false },
      ...{ ablation: 'zero', pairs: { masks: 16, selection: 12 } },
    },
  );
  expect(circuit.search!.command).toBe(
    "circuitscope prune --file 'Ann'\\''s pairs.jsonl' --bundle known --pairs 16 --selection-pairs 12 --target-loss 0.15 --margin 0.5 --edge-margin 0.7 --seed 3 --seconds 500 --runs 1 --steps 40 --ablation zero --tied-qk --whole-nodes --out FILE",
  );
});

it('no task that does not fit, and an error of another kind ends it', () => {
  const parts = { seed: 1, pairs: 8, part: 'proof' } as const;
  expect(fittingTasks(knownModel, parts).map(({ name }) => name)).not.toContain('set_or_string');
  const broken = vi.spyOn(knownModel.tokenizer, 'encodeIds').mockImplementation(() => {
    throw new Error('the tokenizer is broken');
  });
  expect(() => fittingTasks(knownModel, parts)).toThrow('the tokenizer is broken');
  broken.mockRestore();
});

it('the margin of the weights in the command of the first search, where that does not say it', async () => {
  const { circuit } = await givenFor({ task: 'known' });
  const [first] = circuit.search!.command.split(' && ');
  expect(first).toBe(
    `circuitscope prune --file quotes.jsonl --edge-margin ${sampleSearch.settings.edgeMargin} --out WHOLE`,
  );
});

it('the nodes that no kept edge joins, as constants of the core', async () => {
  const joined = await givenFor({ task: 'known' });
  expect(joined.circuit.edges).toHaveLength(2);
  expect(joined.constants!.names()).toEqual([]);
  // Up to chance, at which fewer edges are kept.
  const { circuit, constants } = await givenFor({ task: 'known' }, 5);
  const ends = circuit.edges.flatMap(({ from, to }) => [from, to]);
  expect(constants!.names()).toEqual(KNOWN_NODES.filter((node) => !ends.includes(node)));
  expect(constants!.count).toBeGreaterThan(0);
});
