/** Pruning a model whose circuit is known. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { checkModel, type Circuit } from '../../../models/circuits/circuitFile';
import { NodeSet } from '../../../models/circuits/nodeSet';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import type { PruneSettings } from '../../../models/circuits/prune/outcome';
import { cautiousLoss, Goal } from '../../../models/circuits/prune/goal';
import { bisect, cleanUp, dropTo, type SelectOptions } from '../../../models/circuits/prune/select';
import { pairUnits } from '../../../models/circuits/prune/units';
import { MaskedModel } from '../../../models/runtime/maskedModel';
import { answersOf, CircuitModel } from '../../../models/circuits/model';
import { pairOf } from '../../../models/tasks/task';
import { KNOWN_NODES } from '../../support/knownCircuit';
import { knownBundle, knownModel, knownPairs } from './known';

const quick: PruneSettings = { ...DEFAULT_SETTINGS, runs: 1, steps: 80, seconds: 500 };
const find = (change: Partial<PruneSettings> = {}, ablation: 'mean' | 'zero' = 'mean') =>
  findCircuit(knownModel, knownPairs, {
    settings: { ...quick, ...change },
    ablation,
    trainPairs: 24,
  });

describe('pruning finds exactly the nodes that decide', () => {
  let circuit: Circuit;
  beforeAll(async () => {
    circuit = await find();
  });

  it('and the weights between them', () => {
    expect(circuit.nodes).toEqual(KNOWN_NODES);
    expect(circuit.edges).toEqual([
      { from: '0.attn.act_in.0', to: '0.attn.v.1', weight: 2 },
      { from: '0.attn.v.1', to: '0.attn.resid_delta.2', weight: 8 },
    ]);
    expect(circuit.effort.complete).toBe(true);
  });

  it('within the target that it aims at, in a file that fits its model', () => {
    expect(circuit.loss.circuit).toBeLessThanOrEqual(0.15 * quick.margin);
    expect(circuit.pairs).toEqual(knownPairs.identity);
    expect(() => {
      checkModel(circuit, knownBundle, 'it');
    }).not.toThrow();
  });

  it('the same with the same seed', async () => {
    const again = await find();
    const timeless = { ...circuit, effort: { ...circuit.effort, seconds: 0 } };
    expect({ ...again, effort: { ...again.effort, seconds: 0 } }).toEqual(timeless);
  });

  it.each([
    ['with tied queries and keys', { tied: true }, 'mean'],
    ['with other nodes at zero', {}, 'zero'],
    ['with edges pruned too', { pruneEdges: true }, 'mean'],
  ] as const)('%s', async (_what, change, ablation) => {
    const found = await find(change, ablation);
    expect(found.nodes).toEqual(KNOWN_NODES);
    expect(found.edges).toHaveLength(2);
    expect(found.ablation).toBe(ablation);
  });
});

describe('pruning refuses', () => {
  it('a task that the model does not solve, before it starts', async () => {
    const reversed = {
      ...knownPairs,
      pairs: (...args: Parameters<typeof knownPairs.pairs>) =>
        knownPairs.pairs(...args).map(({ a, b }) => ({
          a: { prompt: a.prompt, answer: b.answer },
          b: { prompt: b.prompt, answer: a.answer },
        })),
    };
    const options = { settings: quick, ablation: 'mean', trainPairs: 8 } as const;
    await expect(findCircuit(knownModel, reversed, options)).rejects.toThrow(
      /does not solve the task: the right answer leads in 0 % of the prompts/,
    );
  });

  it('a task that the last token alone decides', async () => {
    // Its embedding reaches the answers past every node.
    const embed = knownBundle.weights.get('embed.weight')!.slice();
    const [one, two] = [' 1', ' 2'].map((text) => knownModel.tokenizer.idOf(text)!);
    const { dModel } = knownBundle.config;
    [embed[one * dModel + 2], embed[two * dModel + 2]] = [2, -2];
    const weights = new Map([...knownBundle.weights, ['embed.weight', embed]]);
    const model = new CircuitModel({ ...knownBundle, weights }, knownModel.control);
    const pairs: typeof knownPairs.pairs = (_seed, count) =>
      Array.from({ length: Math.min(count, 8) }, (_, i) => {
        const lead = `x = [${'name, '.repeat(i % 5)}`.trimEnd();
        return pairOf([`${lead} 1`, ']'], [`${lead} 2`, ',']);
      });
    const options = { settings: quick, ablation: 'mean', trainPairs: 8 } as const;
    await expect(findCircuit(model, { ...knownPairs, pairs }, options)).rejects.toThrow(
      /needs no circuit.*last token alone/,
    );
  });

  it('a target below what the whole model reaches', async () => {
    await expect(find({ targetLoss: 1e-6 })).rejects.toThrow(
      /tells the answers apart too weakly.*a larger --target-loss/,
    );
  });

  it('to go on when it is cancelled', async () => {
    let runs = 0;
    const pause = () => (++runs > 5 ? Promise.reject(new Error('cancelled')) : Promise.resolve());
    const control = { ...knownModel.control, pause };
    const model = Object.assign(Object.create(knownModel) as typeof knownModel, { control });
    const options = { settings: quick, ablation: 'mean', trainPairs: 8 } as const;
    await expect(findCircuit(model, knownPairs, options)).rejects.toThrow('cancelled');
    expect(runs).toBe(6);
  });
});

describe('selection', () => {
  const { config, weights, means } = knownBundle;
  const prompts = knownModel.prompts(knownPairs, 3, 8, 'train');
  const signs = prompts.map(({ sign }) => sign);
  const all = NodeSet.all(config);
  const options: SelectOptions = {
    ...{
      tied: false,
      goal: new Goal(prompts, 0.1),
      expired: () => false,
      onNodes: () => undefined,
    },
    weigh: (nodes) => new Float64Array(nodes.count).fill(1),
    open: (nodes) =>
      new MaskedModel({ weights, means, nodes, answers: answersOf(prompts), threads: 1 }),
  };
  const lossWith = async (nodes: NodeSet) => {
    const differences = await knownModel.differences(prompts, nodes, { means });
    return cautiousLoss(differences, signs);
  };
  const ranked = (high: readonly string[]) => ({
    ...{ nodes: all, units: pairUnits(all, false), steps: 1 },
    scores: Float64Array.from(all.names(), (name, i) =>
      high.includes(name) ? 1 - i / 1e3 : -i / 1e3,
    ),
  });

  it('bisects to the fewest best-ranked nodes that keep the target', async () => {
    const found = await bisect(ranked(['0.attn.q.0', ...KNOWN_NODES]), options);
    expect(found?.names()).toEqual(
      expect.arrayContaining(['0.attn.act_in.0', '0.attn.v.1', '0.attn.resid_delta.2']),
    );
    expect(found!.count).toBe(4);
    expect(await lossWith(found!)).toBeLessThanOrEqual(0.1);
  });

  it('gives nothing when no number of nodes keeps the target', async () => {
    expect(
      await bisect(ranked(KNOWN_NODES), { ...options, goal: new Goal(prompts, 1e-9) }),
    ).toBeNull();
  });

  it('cleans up to nodes none of which can go, and keeps the target', async () => {
    const { nodes, complete } = await cleanUp(all, options);
    expect(complete).toBe(true);
    expect(nodes.names()).toEqual(KNOWN_NODES);
    for (const gone of KNOWN_NODES) {
      const names = nodes.names();
      expect(await lossWith(nodes.filter((i) => names[i] !== gone))).toBeGreaterThan(0.1);
    }
  });

  it('stops cleaning up when time is over, with what keeps the target', async () => {
    const found = await cleanUp(all, { ...options, expired: () => true });
    expect(found).toMatchObject({ complete: false, nodes: { count: all.count } });
  });

  it('drops to a given number, the least harmful first', async () => {
    expect((await dropTo(3, all, options)).names()).toEqual(KNOWN_NODES);
  });
});
