/** Pruning a model whose circuit is known. */
import { Machines } from '../../../models/sparse/machines';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { checkModel, type Circuit } from '../../../models/circuits/file/circuitFile';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { NodeGates } from '../../../models/circuits/search/gates';
import { cautiousLoss, Goal } from '../../../models/circuits/search/goal';
import type { SearchSettings } from '../../../models/circuits/search/outcome';
import { bestWithin } from '../../../models/circuits/search/ranking';
import { bisect, cleanUp, type SelectOptions } from '../../../models/circuits/search/select';
import { MaskedModel } from '../../../models/inference/maskedModel';
import { answersOf, CircuitModel } from '../../../models/circuits/search/model';
import { unique } from '../../../models/circuits/unique';
import { pairOf } from '../../../models/tasks/task';
import {
  KNOWN_EDGES,
  KNOWN_NODES,
  knownConfig,
  knownMeans,
  knownWeights,
} from '../../support/knownCircuit';
import { countPasses } from '../../support/passes';
import { knownBundle, knownModel, knownPairs } from './known';

// Searches take many passes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const quick: SearchSettings = { ...DEFAULT_SETTINGS, runs: 1, steps: 80, seconds: 500 };
const find = (change: Partial<SearchSettings> = {}, ablation: 'mean' | 'zero' = 'mean') =>
  findCircuit(knownModel, knownPairs, {
    settings: { ...quick, ...change },
    ablation,
    pairs: { masks: 24, selection: 16 },
  });

describe('pruning finds exactly the nodes that decide', () => {
  let circuit: Circuit;
  beforeAll(async () => {
    circuit = await find();
  });

  it('and the weights between them', () => {
    expect(circuit.core).toEqual(KNOWN_NODES);
    expect(circuit.edges).toEqual(KNOWN_EDGES);
    expect(circuit.search!.effort).toMatchObject({ complete: true, stopped: false });
  });

  it('within the target that it aims at, in a file that fits its model', () => {
    expect(circuit.search!.loss.core).toBeLessThanOrEqual(0.15 * quick.edgeMargin);
    expect(circuit.pairs).toEqual(knownPairs.identity);
    expect(() => {
      checkModel(circuit, knownBundle, 'it');
    }).not.toThrow();
  });

  it('the same with the same seed', async () => {
    const again = await find();
    const timeless = ({ search, ...rest }: Circuit) => ({
      ...rest,
      search: { ...search, effort: { ...search!.effort, seconds: 0 } },
    });
    expect(timeless(again)).toEqual(timeless(circuit));
  });

  it.each([
    ['with tied queries and keys', { tied: true }, 'mean'],
    ['with other nodes at zero', {}, 'zero'],
    ['with every weight between them kept', { pruneEdges: false }, 'mean'],
  ] as const)('%s', async (_what, change, ablation) => {
    const found = await find(change, ablation);
    expect(found.core).toEqual(KNOWN_NODES);
    expect(found.edges).toEqual(KNOWN_EDGES);
    expect(found.ablation).toBe(ablation);
  });
});

describe('weights are selected by a margin of their own', () => {
  it('and those go whose absence it allows, from the same nodes', async () => {
    // Up to chance, at which no weight is needed.
    const found = await find({ edgeMargin: Math.LN2 / DEFAULT_SETTINGS.targetLoss + 0.1 });
    expect(found.core).toEqual(KNOWN_NODES);
    expect(found.edges.length).toBeLessThan(KNOWN_EDGES.length);
    expect(found.search!.settings.edgeMargin).toBeGreaterThan(4);
    expect(found.search!.command).toContain(' --edge-margin 4.7');
  });

  it('but never by less than the nodes were', async () => {
    const found = await find({ edgeMargin: 0.001 });
    expect(found.edges).toEqual(KNOWN_EDGES);
  });
});

describe('of the nodes of another circuit', () => {
  const edgeMargin = Math.LN2 / DEFAULT_SETTINGS.targetLoss + 0.1;
  const pairs = { masks: 24, selection: 16 };
  const settings = { ...quick, edgeMargin };
  const takenFrom = ({ core, search }: Circuit, runs = 1) =>
    findCircuit(knownModel, knownPairs, {
      ...{ settings, ablation: 'mean', pairs },
      nodesOf: { core, search: search!, runs },
    });

  it('weights are dropped as they would have been with them, and what it took is of both', async () => {
    const before = await find();
    const whole = await find({ edgeMargin });
    const taken = await takenFrom(before);
    const { core, edges, backups, cut, allEdges } = whole;
    expect(taken).toMatchObject({ core, edges, backups, cut, allEdges });
    expect(taken.search!.settings).toEqual({ ...whole.search!.settings, edgeRuns: 1 });
    expect(taken.search!.loss).toEqual(whole.search!.loss);
    // 80 steps for nodes, and as many each time for weights.
    expect(whole.search!.effort.steps).toBe(2 * 80);
    expect(taken.search!.effort.steps).toBe(3 * 80);
    const twice = (await takenFrom(before, 2)).search!;
    expect(twice.effort.steps).toBe(4 * 80);
    expect(twice.settings).toMatchObject({ runs: 1, edgeRuns: 2 });
    expect(taken.search!.effort.tokens).toBeGreaterThan(before.search!.effort.tokens);
    const { command } = taken.search!;
    expect(command).toBe(
      `${before.search!.command.replace('--out FILE', '--out WHOLE')} && circuitscope prune --nodes-of WHOLE --bundle ${knownBundle.name} --edge-margin ${edgeMargin} --seconds 500 --runs 1 --out FILE`,
    );
    expect((await takenFrom(taken)).search!.command).toBe(command);
  });

  it('no node is looked for, be it needed or not', async () => {
    const before = await find();
    const [other] = NodeSet.all(knownBundle.config)
      .without(NodeSet.named(knownBundle.config, KNOWN_NODES))
      .names();
    const more = NodeSet.named(knownBundle.config, [...KNOWN_NODES, other]).names();
    expect((await takenFrom({ ...before, core: more })).core).toEqual(more);
  });
});

const { clocked } = countPasses();
/** Passes after the time: what was trained is still made a circuit that keeps the goal. */
const MOST_LATE = 12;

describe('the time of a search', () => {
  it('is held, whatever is under way when it has gone by', async () => {
    for (const seconds of [30, 100, 160]) {
      const { result, made } = await clocked(() => find({ seconds }));
      expect(made - seconds, `${seconds}`).toBeLessThanOrEqual(MOST_LATE);
      const { effort, loss, goal } = result.search!;
      expect(effort.stopped).toBe(true);
      expect(effort.seconds).toBeLessThanOrEqual(made);
      expect(loss.core).toBeLessThanOrEqual(goal);
    }
  });
});

describe('pruning refuses', () => {
  it.each([1, 4])(
    'to call the whole model a circuit when %d s were gone before anything was learned',
    async (seconds) => {
      const { result, made } = await clocked(() =>
        find({ seconds }).catch((error: unknown) => error),
      );
      expect(result).toMatchObject({
        message: `no circuit was found within ${seconds} s, after 0 of 80 steps; give more --seconds`,
      });
      // Those that look whether the model solves the task at all.
      expect(made).toBeLessThanOrEqual(seconds + 3);
    },
  );

  it.each([12, 18])(
    'to call it one when %d s were gone before any node was closed',
    async (seconds) => {
      const { result, made } = await clocked(() =>
        find({ seconds }).catch((error: unknown) => String(error)),
      );
      expect(result).toMatch(/no circuit was found within \d+ s, after [1-9]\d* of 80 steps/);
      expect(made).toBeLessThanOrEqual(seconds + MOST_LATE);
    },
  );

  it('to count it among the circuits that do a task', async () => {
    const settings = { ...quick, seconds: 12 };
    const counts = { masks: 24, selection: 16 };
    const { result } = await clocked(() =>
      unique(knownModel, knownPairs, {
        ...{ find: { settings, ablation: 'mean', pairs: counts }, seeds: 1, peeled: 1, keep: null },
      }),
    );
    expect(result).toMatchObject({ cores: [], peeled: [], stopped: true });
  });

  it('a task that the model does not solve, before it starts', async () => {
    const reversed = {
      ...knownPairs,
      pairs: (...args: Parameters<typeof knownPairs.pairs>) =>
        knownPairs.pairs(...args).map(({ pair: { a, b }, where }) => ({
          pair: {
            a: { prompt: a.prompt, answer: b.answer },
            b: { prompt: b.prompt, answer: a.answer },
          },
          where,
        })),
    };
    const options = {
      settings: quick,
      ablation: 'mean',
      pairs: { masks: 8, selection: 8 },
    } as const;
    await expect(findCircuit(knownModel, reversed, options)).rejects.toThrow(
      /does not solve the task: the right answer leads on 0 % of the prompts/,
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
        const pair = pairOf([`${lead} 1`, ']'], [`${lead} 2`, ',']);
        return { pair, where: `pair ${i}` };
      });
    const options = {
      settings: quick,
      ablation: 'mean',
      pairs: { masks: 8, selection: 8 },
    } as const;
    await expect(findCircuit(model, { ...knownPairs, pairs }, options)).rejects.toThrow(
      /needs no circuit.*last token alone/,
    );
  });

  it('a target below what the whole model reaches', async () => {
    await expect(find({ targetLoss: 1e-6 })).rejects.toThrow(
      /above the target of 0\.000001; .*a larger --target-loss/,
    );
  });

  it('to go on when it is cancelled', async () => {
    let runs = 0;
    const pause = () => (++runs > 5 ? Promise.reject(new Error('cancelled')) : Promise.resolve());
    const control = { ...knownModel.control, pause };
    const model = Object.assign(Object.create(knownModel) as typeof knownModel, { control });
    const options = {
      settings: quick,
      ablation: 'mean',
      pairs: { masks: 8, selection: 8 },
    } as const;
    await expect(findCircuit(model, knownPairs, options)).rejects.toThrow('cancelled');
    expect(runs).toBe(6);
  });
});

describe('selection', () => {
  const { config, weights, means } = knownBundle;
  const prompts = knownModel.prompts(knownPairs, 3, 8, 'selection');
  const signs = prompts.map(({ sign }) => sign);
  const all = new NodeGates(NodeSet.all(config), false);
  const masked = (nodes: NodeSet) =>
    new MaskedModel({
      weights,
      means,
      nodes,
      answers: answersOf(prompts),
      machines: new Machines(1),
    });
  const options: SelectOptions<NodeGates> = {
    ...{ goal: new Goal(prompts, 0.1), expired: () => false, onCount: () => undefined },
    weigh: ({ sizes }) => sizes,
    open: ({ nodes }) => masked(nodes),
  };
  const lossWith = async (nodes: NodeSet) => {
    const differences = await knownModel.differences(prompts, nodes, { means });
    return cautiousLoss(differences, signs);
  };
  const ranked = (high: readonly string[]) => ({
    ...{ gates: all, steps: 1 },
    scores: Float64Array.from(all.names, (name, i) =>
      high.includes(name) ? 1 - i / 1e3 : -i / 1e3,
    ),
  });

  it('bisects to the fewest best-ranked nodes that keep the target', async () => {
    const { gates: found } = await bisect(ranked(['0.attn.q.0', ...KNOWN_NODES]), options);
    expect(found?.names).toEqual(
      expect.arrayContaining(['0.attn.act_in.0', '0.attn.v.1', '0.attn.resid_delta.2']),
    );
    expect(found!.count).toBe(4);
    expect(await lossWith(found!.nodes)).toBeLessThanOrEqual(0.1);
  });

  it('gives nothing when no number of nodes keeps the target, and says how near it came', async () => {
    const goal = new Goal(prompts, 1e-9);
    const { gates, loss, nearest } = await bisect(ranked(KNOWN_NODES), { ...options, goal });
    expect(gates).toBeNull();
    expect(loss).toBeLessThan(0.1);
    expect(loss).toBeGreaterThan(1e-9);
    expect(nearest.names).toEqual(expect.arrayContaining(KNOWN_NODES));
  });

  it('gives the best of so many, whether or not they keep the target', async () => {
    const order = ranked(['0.attn.q.0', ...KNOWN_NODES]);
    const few = await bestWithin(order, 3, options);
    expect(few.gates.count).toBeLessThanOrEqual(3);
    expect(few.loss).toBeGreaterThan(0.1);
    const enough = await bestWithin(order, 6, options);
    expect(enough.gates.count).toBeLessThanOrEqual(6);
    expect(enough.gates.names).toEqual(expect.arrayContaining(KNOWN_NODES));
    expect(enough.loss).toBe(await lossWith(enough.gates.nodes));
    // A tied pair counts as the two nodes that it opens.
    const tied = new NodeGates(NodeSet.all(config), true);
    const scores = Float64Array.from(tied.names, (name) => (name === '0.attn.q.0' ? 1 : 0));
    const open = (gates: NodeGates) => gates.of(masked(gates.nodes));
    const pair = await bestWithin({ gates: tied, scores, steps: 1 }, 3, { ...options, open });
    expect(pair.gates.nodes.count).toBeLessThanOrEqual(3);
    expect(pair.gates.names).toContain('0.attn.q.0');
  });

  it('takes more nodes while a further condition does not hold', async () => {
    const alsoKeeps = ({ count }: NodeGates) => Promise.resolve(count >= 6);
    const { gates } = await bisect(ranked(KNOWN_NODES), { ...options, alsoKeeps });
    expect(gates!.count).toBeGreaterThanOrEqual(6);
    const { gates: left } = await cleanUp(all, { ...options, alsoKeeps });
    expect(left.count).toBe(6);
    expect(left.names).toEqual(expect.arrayContaining(KNOWN_NODES));
  });

  it('drops first what harms the further condition least', async () => {
    // Slopes are worth their graphs from some dozens of gates on.
    const wide = knownConfig(config.vocab, 30);
    const [one, two, left, right] = [' 1', ' 2', ']', ','].map((text) =>
      knownModel.tokenizer.idOf(text)!,
    );
    const own = knownWeights(wide, { causes: [one, two], answers: [left, right] });
    const gates = new NodeGates(NodeSet.all(wide), false);
    const needed = gates.names.filter((name, i) => i % 5 === 0 || KNOWN_NODES.includes(name));
    const asked: boolean[] = [];
    await cleanUp(gates, {
      ...options,
      open: ({ nodes }) =>
        new MaskedModel({
          ...{ weights: own, means: knownMeans(wide), nodes, machines: new Machines(1) },
          answers: answersOf(prompts),
        }),
      alsoHarms: ({ names }) =>
        Promise.resolve(names.map((name) => (needed.includes(name) ? 1 : 0))),
      alsoKeeps: ({ names }) => {
        const kept = needed.every((name) => names.includes(name));
        asked.push(kept);
        return Promise.resolve(kept);
      },
    });
    expect(asked[0]).toBe(true);
  });

  it('cleans up to nodes none of which can go, and keeps the target', async () => {
    const { gates, complete } = await cleanUp(all, options);
    const { nodes } = gates;
    expect(complete).toBe(true);
    expect(nodes.names()).toEqual(KNOWN_NODES);
    for (const gone of KNOWN_NODES) {
      const names = nodes.names();
      expect(await lossWith(nodes.filter((i) => names[i] !== gone))).toBeGreaterThan(0.1);
    }
  });

  it('stops cleaning up when time is over, with what keeps the target', async () => {
    const found = await cleanUp(all, { ...options, expired: () => true });
    expect(found).toMatchObject({ complete: false, gates: { count: all.count } });
  });
});
