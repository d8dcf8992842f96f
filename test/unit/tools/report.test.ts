/** The report says what was measured, no more and no less. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judge } from '../../../models/circuits/file/criteria';
import { bridgeFigures, bridgesPart, readBridged } from '../../../tools/report/bridges.mjs';
import { readModel, type Circuit, type Model } from '../../../tools/report/data.mjs';
import { figures } from '../../../tools/report/figures.mjs';
import {
  MARKS,
  RANDOM_CARRIES,
  reportText,
  withCircuits,
  withHeadline,
} from '../../../tools/report/text.mjs';
import { uniquePart } from '../../../tools/report/unique.mjs';
import { sampleProof } from '../../support/circuits';

/** A circuit that holds every criterion. */
function circuit(task: string, edges: number, change: Partial<Circuit> = {}): Circuit {
  const one = (id: string, loss: number, more = {}) => ({
    ...{ id, what: id, nodes: 3, loss, accuracy: 1, order: 1, share: 0.4 },
    ...more,
  });
  return {
    ...{ task, sha256: 'a'.repeat(64), command: 'circuitscope prune' },
    settings: { seed: 1, targetLoss: 0.15, margin: 0.8, steps: 160 },
    ...{ core: edges + 3, joined: edges + 1, backups: 2, cut: 1, edges, allEdges: 2 * edges },
    ...{
      groups: { sufficient: true, robust: true },
      passes: true,
      words: 'It holds.',
      repeats: [],
    },
    proof: {
      ...{ seed: 1, pairs: 48, target: 0.15, stopped: false },
      measurements: [
        ...[one('whole', 0.00001), one('core', 0.1), one('core.free', 0.05)],
        ...[one('subsets.worst', 0.14), one('adversary', 0.12), one('adversary.free', 21.5)],
        ...[one('random', 0.69), one('core.nodes', 0.03, { share: 0.62 })],
        ...[one('control.labels', 0.69, { nodes: 40 })],
        ...[one('removed.circuit', 0.7, { order: 0.5 }), one('removed.random', 0.02)],
        ...[one('levels', 0.004), one('levels.random', 0.68)],
        ...[one('swap.circuit', 0.1, { share: 0.81 }), one('swap.random', 9, { share: 0.01 })],
        ...[one('swap.rest', 2, { share: 0.4 }), one('swap.anywhere', 8, { share: 0.02 })],
      ],
      counts: [
        { id: 'minimal', count: 4, of: 5 },
        { id: 'size.50', count: 7, of: 90 },
        { id: 'faithfulness', count: 0.625, of: 1 },
        { id: 'attribution', count: 5, of: 44 },
      ],
      selective: [
        { task: 'one', whole: 1, without: 0.5 },
        { task: '<three>', whole: 1, without: 0.97 },
      ],
    },
    ...change,
  };
}

function model(name: string, circuits: Circuit[]): Model {
  const natsPerToken = { heldOutOrdinary: 3.5, heldOutIdioms: 1.9 };
  const sizes = { layers: 4, dModel: 128, nonzero: 1000, total: 20_000, tokensSeen: 15e6 };
  return {
    bundle: { name, hash: 'b'.repeat(64) },
    info: { ...sizes, natsPerToken },
    tasks: ['one', 'two', '<three>'].map((task) => ({
      ...{ name: task, pairs: 100, loss: 0.1, accuracy: task === 'two' ? 0.6 : 1 },
    })),
    kurtosis: ['embed', '0.attn'].map((place, i) => ({ place, kurtosis: 3 + 20 * i })),
    ...{ circuits, unique: [], old: [] },
  };
}

const twins = (sparse: Circuit[], dense: Circuit[]) => ({
  sparse: model('python-sparse', sparse),
  dense: model('python-dense', dense),
});
type Twins = ReturnType<typeof twins>;
const textOf = (models: Twins) => reportText(models, null, new Set(figures(models).keys()));

/** Throws unless every element of an SVG is closed in its place. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, , end] of svg.matchAll(
    /<(\/?)([a-z]+)((?:"[^"]*"|[^"<>])*?)(\/?)>/g,
  )) {
    if (close) expect(open.pop()).toBe(name);
    else if (!end) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}

describe('with circuits in both models', () => {
  const both = twins(
    [circuit('one', 2), circuit('<three>', 8), circuit('only', 5)],
    [circuit('one', 32), circuit('<three>', 128)],
  );

  it('has the ratio of geometric means over the tasks that both have', () => {
    const text = textOf(both);
    expect(text).toContain('Over the 2 tasks whose cores are enough in both');
    expect(text).toContain(
      'in edges that are kept, 4.000 in python-sparse and 64.0 in python-dense, **16.0 times**',
    );
    expect(text).not.toContain('draws of tasks');
    expect(text).toContain('Both models were searched with the same settings and prompts.');
  });

  it('counts no core whose weights were too many to be pruned as one with so many edges', () => {
    const whole = circuit('<three>', 9999, { allEdges: 9999 });
    const text = textOf(twins([circuit('one', 2), circuit('<three>', 8)], [circuit('one', 32), whole])); // prettier-ignore
    expect(text).toContain('Over the 2 tasks whose cores are enough in both');
    expect(text).toContain(
      'over the one task of these whose weights were pruned in both models, in edges that are kept, 2.000 in python-sparse and 32.0 in python-dense, **16.0 times**',
    );
    expect(textOf(twins([circuit('<three>', 8)], [whole]))).toContain(
      'no task had its weights pruned in both models',
    );
  });

  it('has an interval of the ratio where there are tasks enough', () => {
    const names = ['one', '<three>', 'four', 'five'];
    const sparse = names.map((name) => circuit(name, 4));
    const dense = names.map((name, i) => circuit(name, 8 * 4 ** i));
    // Between the least ratio and the most, 2 and 128, with 16 within.
    const [, low, high] = /16\.0 times\*\* as many \(95 % of draws of tasks: ([\d.]+) to ([\d.]+)\)/
      .exec(textOf(twins(sparse, dense)))!
      .map(Number);
    expect(low).toBeGreaterThan(2);
    expect(low).toBeLessThan(8);
    expect(high).toBeGreaterThan(32);
    expect(high).toBeLessThan(128);
  });

  it('says which were not searched with the same settings', () => {
    const slow = circuit('one', 32);
    const longer = { ...slow, settings: { ...slow.settings, steps: 600 } };
    const text = textOf(twins([circuit('one', 2)], [longer]));
    expect(text).toContain('**Not with the same settings** in both models: `one`');
    const patient = { ...slow, settings: { ...slow.settings, seconds: 1800 } };
    expect(textOf(twins([circuit('one', 2)], [patient]))).toContain('searched with the same');
  });

  it('has the numbers of each proof, and what follows from them', () => {
    const groups = { sufficient: true, robust: false };
    const words = 'It FAILS: loss 21.500.';
    const failed = circuit('one', 32, { passes: false, groups, words, repeats: [{ seed: 2 }] });
    const text = textOf(twins([failed, circuit('<three>', 4)], []));
    const row =
      '| `one` | 35 | 33 | 32 | 64 | 2 | 1 | 0.100 | 0.050 | 40 % | 0.140 | 0.120 | 21.5 | 0.700 | 50 % | 81 % | 1 % | 2 % | 4 of 5 |';
    expect(text).toContain(row);
    const missing = 'not measured';
    expect(text).toContain(
      `| one | 35 | 7 | ${missing} | 0.63 | 62 % | ${missing} | ${missing} | 44 | 0.004 | 0.680 | 0.690 (40) | ${missing} (${missing}) |`,
    );
    expect(text).toContain('| one | 2 | yes | **no** | **no** |');
    expect(text).toContain('2 circuits were measured by the strict rule, 1 of which holds every');
    expect(text).toContain('sufficient 2, robust 1');
    expect(text).toContain(`- \`one\`: ${words}`);
  });

  it('says what was not measured', () => {
    const { proof } = circuit('one', 2);
    const less = circuit('one', 2, { proof: { ...proof, measurements: [] } });
    expect(textOf(twins([less], []))).toContain('| not measured | not measured |');
  });

  it('draws all figures, in order and closed, whatever tasks are called', () => {
    const drawn = figures(both);
    expect([...drawn.keys()].sort()).toEqual(
      [
        ...['edges', 'kurtosis', 'proof-dense', 'proof', 'selective-dense', 'selective'],
        ...['sizes-dense', 'sizes', 'tasks'],
      ].map((f) => `${f}.svg`),
    );
    for (const svg of drawn.values()) expectWellFormed(svg);
  });
});

describe('without', () => {
  it('circuits of the dense model, it says so and compares nothing', () => {
    const models = twins([circuit('one', 2)], []);
    const text = textOf(models);
    expect(text).toContain(
      'No circuits of python-dense were measured by the strict rule, so nothing',
    );
    expect(text).not.toContain('times** as many');
    expect(text).toContain('Solved, but without a circuit here: `<three>`');
    expect([...figures(models).keys()].sort()).toEqual(
      ['kurtosis', 'proof', 'selective', 'sizes', 'tasks'].map((name) => `${name}.svg`),
    );
  });

  it('any circuits, it still has tasks and kurtosis', () => {
    const text = textOf(twins([], []));
    expect(text).toContain('No circuits of python-sparse and python-dense were measured by');
    expect(text).toContain('python-sparse solves 2 of 3 tasks at 95 %');
  });

  it('a whole measurement, it says what to run', () => {
    const folder = mkdtempSync(join(tmpdir(), 'circuitscope-report-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'm.json');
    expect(() => readModel(file)).toThrow('is missing or no JSON; run npm run measure');
    writeFileSync(file, JSON.stringify({ ...model('m', []), tasks: undefined }));
    expect(() => readModel(file)).toThrow(/m\.json: tasks: .*; run npm run measure to its end/);
  });
});

describe('the report of bridges', () => {
  const outcome = (name: string, end: number) => ({
    ...{ name, mean: [0.01, end], success: [0, end > 0.5 ? 0.9 : 0] },
  });
  const places = (worse: number) => ({
    ...{ windows: 96, denseLoss: 2, sparseLoss: 3 },
    places: ['0.attn', '0.mlp'].map((place, i) => ({
      ...{ place, encoderExplains: 0.7, decoderExplains: 0.6 },
      ...{ denseToSparse: worse + i, sparseToDense: worse },
    })),
  });
  const bridged: Parameters<typeof bridgesPart>[0] = {
    ...{ bundle: { name: 'python-bridge', hash: 'c'.repeat(64) }, dense: 'python-dense' },
    ...{ tokens: { all: 60e6, bridged: 4.45e6 } },
    natsPerToken: { heldOutOrdinary: 3.05, heldOutIdioms: 1.61 },
    tables: { ordinary: places(0.2), idioms: places(0.1) },
    steering: [
      {
        ...{ task: 'quotes', given: 'a', strengths: [0, 1], ceiling: 0.8 },
        ...{ prompts: { selection: 16, proof: 100 }, leftOut: { unaligned: 0, unsolved: 41 } },
        ...{
          node: outcome('2.attn.act_in.154', 0.75),
          denseChannel: outcome('1.mlp.act_in.3', 0.07),
        },
        whole: outcome('whole stream', 0.96),
        randomNodes: [outcome('2.attn.act_in.1', 0.02), outcome('2.attn.act_in.2', 0.04)],
        failures: {
          count: 10,
          first: [
            {
              ...{ prompt: 'x = 1\nprint("a|b', probability: 0.3 },
              wanted: { text: "')", shown: "')" },
              predicted: { text: '\n ', shown: '\\n ' },
            },
          ],
        },
      },
    ],
    circuits: [
      {
        ...{ task: 'quotes', pairs: 100, unaligned: 0 },
        answers: [
          { ablated: 'nothing', nodes: 0, accuracy: 0.99, pairOrder: 1, loss: 0.04 },
          { ablated: 'core', nodes: 120, accuracy: 0.51, pairOrder: 0.6, loss: 0.7 },
        ],
      },
    ],
  };
  const words = bridgesPart(bridged, (name) => [`![](${name})`]).join('\n');

  it('says how many passes are good, who turned how many prompts, and where it failed', () => {
    expect(words).toContain('3 of 8 are within 0.15 nats');
    expect(words).toContain('for 4.5 of its 60.0 million tokens');
    expect(words).toContain('(more than half of the probability on the wanted answer): 90.0 %');
    expect(words).toContain('by the dense channel `1.mlp.act_in.3` 0.0 %');
    // The best of the random nodes.
    expect(words).toContain(
      '| 1 | 90.0 % | 75.0 % | 0.0 % | 7.0 % | 90.0 % | 96.0 % | 0.0 % | 4.0 % |',
    );
    expect(words).toContain('Of the 10 that were not turned:');
    expect(words).toContain('print(\\"a\\|b');
    // A line end is told from a backslash and an n.
    expect(words).toContain('30.0 % | `"\\n "` |');
    expect(words).toContain('| quotes | 100 | core | 120 | 51.0 % | 60.0 % | 0.700 |');
    expect(words).toContain('![](steering-quotes.svg)');
  });

  it('draws a curve for each task', () => {
    const drawn = bridgeFigures(bridged);
    expect([...drawn.keys()]).toEqual(['steering-quotes.svg']);
    const svg = drawn.get('steering-quotes.svg')!;
    expectWellFormed(svg);
    for (const name of ['2.attn.act_in.154', '1.mlp.act_in.3']) expect(svg).toContain(name);
  });

  it('is left out where nothing was measured', () => {
    expect(readBridged(join(tmpdir(), 'no such file.json'))).toBeNull();
  });
});

describe('what many searches came to', () => {
  const cores = [30, 42].map((nodes) => ({ nodes, edges: 2 * nodes }));
  const one = {
    ...{ task: 'one', seeds: 3, settings: { seed: 1, pruneEdges: false }, cores, jaccard: 0.456 },
    ...{ common: 17, withoutCommon: { nodes: 51, edges: 9 }, peeled: cores },
    ...{ peeledAll: true, stopped: false },
  };

  it('is a row for each task, by model', () => {
    const none = { ...one, task: 'two', cores: [], jaccard: null, common: 0, withoutCommon: null };
    const alone = { ...one, task: 'three', withoutCommon: null, peeled: [cores[0]] };
    const unique = [one, { ...none, peeled: [], peeledAll: false }, { ...alone, peeledAll: false }];
    const part = uniquePart([model('python-sparse', []), { ...model('other', []), unique }]);
    expect(part).toContain('### other');
    expect(part).not.toContain('### python-sparse');
    expect(part).toContain(
      '| `one` | 2 of 3 | 30 to 42 | 45.6 % | 17 | 51 nodes | 2 or more | 30 to 42 |',
    );
    expect(part).toContain('| `two` | 0 of 3 |  |  | 0 |  | 0 |  |');
    expect(part).toContain('| `three` | 2 of 3 | 30 to 42 | 45.6 % | 17 | none | 1 | 30 |');
    expect(part.join()).not.toContain('stopped by the clock');
  });

  it('says where the time ran out, and nothing where there was no search', () => {
    const unique = [{ ...one, stopped: true }];
    expect(uniquePart([{ ...model('other', []), unique }])).toContain(
      'Some search of `one` was stopped by the clock.',
    );
    expect(uniquePart([model('other', [])])).toEqual([]);
  });
});

describe('what the documents say', () => {
  const text = (path: string) => readFileSync(path, 'utf8');
  const shipped = {
    sparse: readModel('docs/results/data/python-sparse.json'),
    dense: readModel('docs/results/data/python-dense.json'),
  };

  it('is made from the data, number by number', () => {
    const bridged = readBridged('docs/results/data/python-bridge.json');
    const ofBridges = bridged ? bridgeFigures(bridged) : new Map<string, string>();
    const drawn = new Map([...figures(shipped), ...ofBridges]);
    expect(text('docs/results/README.md')).toBe(
      reportText(shipped, bridged, new Set(drawn.keys())),
    );
    expect(text('README.md')).toBe(withHeadline(text('README.md'), shipped));
    expect(text('docs/models.md')).toBe(withCircuits(text('docs/models.md'), shipped));
    for (const [name, svg] of drawn) expect(text(`docs/results/${name}`), name).toBe(svg);
    // Benchmarks are drawn when they are run.
    const svgs = readdirSync('docs/results').filter((name) => /^(?!bench).*\.svg$/.test(name));
    expect(svgs.sort()).toEqual([...drawn.keys()].sort());
  });

  it.each(['sparse', 'dense'] as const)('of circuits is of the files that ship (%s)', (which) => {
    const { bundle, circuits, old } = shipped[which];
    const folder = `models/bundles/${bundle.name}/circuits`;
    const there = existsSync(folder) ? readdirSync(folder) : [];
    const files = there.map((name) => name.replace('.json', ''));
    expect([...circuits.map(({ task }) => task), ...old].sort()).toEqual(files.sort());
    for (const { task, sha256 } of circuits) {
      const bytes = readFileSync(`${folder}/${task}.json`);
      expect(createHash('sha256').update(bytes).digest('hex'), task).toBe(sha256);
    }
    for (const task of old) {
      expect(JSON.parse(text(`${folder}/${task}.json`)), task).toMatchObject({ format: 1 });
    }
  });

  it('in pages written by hand changes with the data, between its marks', () => {
    const readme = ['before', MARKS[0], 'stale', MARKS[1], 'after', ''].join('\n');
    const made = withCircuits(readme, twins([circuit('one', 2)], []));
    expect(made).toContain('| `one` | 5 | 3 | 2 | 40 % | 0.100 |');
    expect(made).toContain('| holds |');
    expect(made).toContain('Of 1 circuits 1 holds every criterion');
    expect(made).toContain(
      'carry 40 % of the model’s gap, with every weight between their nodes 62 %',
    );
    expect(made).toContain('activation times gradient needs 44 nodes, learned masks 5.');
    expect(made).toContain('in the median of the circuits, in python-sparse 81 %, 1 % and 40 %.');
    const swapped = (id: string, share: number) => {
      const { proof } = circuit('one', 2);
      const measurements = proof.measurements.map((one) =>
        one.id === id ? { ...one, share } : one,
      );
      return circuit('one', 2, { proof: { ...proof, measurements } });
    };
    const models = twins(
      [circuit('one', 2), swapped('swap.circuit', 0.61), swapped('swap.circuit', 0.97)],
      [circuit('one', 2), swapped('swap.rest', 0.6)],
    );
    expect(withCircuits(readme, models)).toContain(
      'in python-sparse 81 %, 1 % and 40 %; in python-dense 81 %, 1 % and 50 %.',
    );
    expect(made).toContain(
      'the core’s constants too, as many random nodes carry 2 % to 2 %. Held to that, every circuit that holds would hold as well.',
    );
    const anywhere = [swapped('swap.anywhere', 0.251), swapped('swap.anywhere', 0.25)];
    const failing = { ...swapped('swap.anywhere', 0.4), passes: false };
    expect(withCircuits(readme, twins([...anywhere, failing], []))).toContain(
      'carry 25 % to 40 %. Held to at most 25 %, as random nodes of the rest are, 1 of the 2 would hold: not `one` (25.1 %).',
    );
    const random = judge([sampleProof()]).criteria.find(({ what }) =>
      /^how far answers follow as many random nodes$/.test(what),
    );
    expect(RANDOM_CARRIES).toBe(random!.bound);
    expect(withHeadline(readme, twins([circuit('one', 2)], []))).toMatch(
      /^before\n[^]*\n\nOf 1 circuits 1 holds every criterion\. By group: [^|]*\.\n\n[^]*\nafter\n$/,
    );
    expect(withHeadline(readme, twins([circuit('one', 2)], [circuit('one', 20)]))).toMatch(
      /Against a dense twin at the same loss: over the one task .* \*\*\d+\.\d times\*\* as many/,
    );
    const groups = { sufficient: true, robust: false, causal: false };
    const fails = circuit('two', 4, { passes: false, groups });
    const both = withCircuits(readme, twins([circuit('one', 2), fails], []));
    expect(both).toContain('| not robust, not causal |');
    expect(both).toContain('learned masks 5 to 7.');
    expect(made).not.toContain('stale');
    expect(made).toMatch(/Solved by the model, but no circuit with a proof ships for `<three>`: /);
    expect(made).toMatch(/^before\n[^]*\nafter\n$/);
    expect(() => withCircuits('none', twins([], []))).toThrow(/models\.md lacks the lines/);
    expect(() => withHeadline('none', twins([], []))).toThrow(/README\.md lacks the lines/);
  });
});
