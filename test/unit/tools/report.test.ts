/** The report says what was measured, no more and no less. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judge } from '../../../models/circuits/file/criteria';
import { bridgeFigures, readBridged } from '../../../tools/report/bridges.mjs';
import { readModel, type Circuit } from '../../../tools/report/data.mjs';
import { figures } from '../../../tools/report/figures.mjs';
import {
  MARKS,
  RANDOM_CARRIES,
  reportText,
  withCircuits,
  withHeadline,
} from '../../../tools/report/text.mjs';
import { sampleProof } from '../../support/circuits';
import { circuit, expectWellFormed, model } from '../../support/report';

const twins = (sparse: Circuit[], dense: Circuit[]) => ({
  sparse: model('python-sparse', sparse),
  dense: model('python-dense', dense),
});
type Twins = ReturnType<typeof twins>;
const textOf = (models: Twins) => reportText(models, null, new Set(figures(models).keys()));

describe('with circuits in both models', () => {
  const both = twins(
    [circuit('one', 2), circuit('<three>', 8), circuit('only', 5)],
    [circuit('one', 32), circuit('<three>', 128)],
  );

  it('has the ratio of geometric means over the tasks that both have', () => {
    const text = textOf(both);
    expect(text).toContain('Over the 2 tasks whose cores are enough in both');
    expect(text).toContain(
      'in edges that are kept 4.000 in python-sparse and 64.0 in python-dense, **16.0 times** as many. Both',
    );
    expect(text).not.toContain('draws of tasks');
    expect(text).toContain('Both models were searched with the same settings and prompts.');
    // All hold, all are pruned, all had the same settings: one set.
    expect(text).toContain(
      'The goal of at most 100 kept edges in the geometric mean of the circuits of python-sparse: 4.3 over the 3 that hold (met). The goal of at least 16 times as many in python-dense, by tasks: 16.0 over the 2 whose cores are enough in both models (met).',
    );
  });

  it('says on which circuits and tasks the goals for edges are met, and on which they are not', () => {
    const names = ['one', 'two', 'three', 'four'];
    const sparse = names.map((name) => circuit(name, 50));
    const dense = names.map((name) => circuit(name, 1000));
    // Of the third no weight was dropped, the fourth fails and had other settings.
    sparse[2] = circuit('three', 6400, { allEdges: 6400 });
    sparse[3] = circuit('four', 800, { passes: false });
    const { settings } = dense[3];
    dense[3] = circuit('four', 1000, { settings: { ...settings, steps: 600 } });
    const text = textOf(twins(sparse, dense));
    const hold = (50 * 50 * 6400) ** (1 / 3);
    const all = (50 * 50 * 6400 * 800) ** (1 / 4);
    expect(text).toContain(
      `python-sparse: ${hold.toFixed(1)} over the 3 that hold (**not met**), ${all.toFixed(1)} over all 4 (**not met**), 50.0 over the 2 that hold without \`three\`, of which no weight was dropped (met).`,
    );
    const ratio = (...ratios: number[]) =>
      ratios.reduce((product, one) => product * one, 1) ** (1 / ratios.length);
    const [three, four] = [1000 / 6400, 1000 / 800];
    expect(text).toContain(
      `by tasks: ${ratio(20, 20, three, four).toFixed(1)} over the 4 whose cores are enough in both models (**not met**), ${ratio(20, 20, four).toFixed(1)} over the 3 whose weights were pruned in both models (**not met**), ${ratio(20, 20, three).toFixed(1)} over the 3 that had the same settings in both models (**not met**).`,
    );
    expect(text).toContain(
      'and over the 3 tasks of these whose weights were pruned in both models ',
    );
    expect(text).toContain(
      'and over the 3 tasks of these that had the same settings in both models ',
    );
  });

  it('counts no core whose weights were too many to be pruned as one with so many edges', () => {
    const whole = circuit('<three>', 9999, { allEdges: 9999 });
    const text = textOf(twins([circuit('one', 2), circuit('<three>', 8)], [circuit('one', 32), whole])); // prettier-ignore
    expect(text).toContain('Over the 2 tasks whose cores are enough in both');
    expect(text).toContain(
      'over the one task of these whose weights were pruned in both models 2.000 in python-sparse and 32.0 in python-dense, **16.0 times**',
    );
    expect(textOf(twins([circuit('<three>', 8)], [whole]))).not.toContain('were pruned in both');
  });

  it('has an interval of the ratio, and the ratio without its best task, where there are tasks enough', () => {
    const names = ['one', '<three>', 'four', 'five'];
    const sparse = names.map((name) => circuit(name, 4));
    const dense = names.map((name, i) => circuit(name, 8 * 4 ** i));
    // Between the least ratio and the most, 2 and 128, with 16 within.
    const text = textOf(twins(sparse, dense));
    const [, low, high] = /16\.0 times\*\* as many \(95 % of draws of tasks: ([\d.]+) to ([\d.]+);/
      .exec(text)!
      .map(Number);
    expect(low).toBeGreaterThan(2);
    expect(low).toBeLessThan(8);
    expect(high).toBeGreaterThan(32);
    expect(high).toBeLessThan(128);
    // Of 2, 8 and 32 alone.
    expect(text).toContain('; without `five`, which raises it most, 8.0)');
  });

  it('says which were not searched with the same settings', () => {
    const slow = circuit('one', 32);
    const longer = { ...slow, settings: { ...slow.settings, steps: 600 } };
    const text = textOf(twins([circuit('one', 2)], [longer]));
    expect(text).toContain('**Not with the same settings** in both models: `one`');
    // Edges pruned again between the same nodes; files of earlier versions say how often in the command.
    const of = (settings: object, more = '') => ({
      ...{ ...slow, settings: { ...slow.settings, ...settings } },
      command: `${slow.command}${more}`,
    });
    const old = of(
      {},
      ' && circuitscope prune --nodes-of WHOLE --edge-margin 0.8 --runs 3 --out F',
    );
    const unfair = (own: Circuit, other: Circuit) =>
      textOf(twins([own], [other])).includes('**Not with the same settings**');
    expect(unfair(of({ edgeRuns: 3 }), of({ edgeRuns: 1 }))).toBe(true);
    expect(unfair(of({ edgeRuns: 3 }), slow)).toBe(true);
    expect(unfair(old, slow)).toBe(true);
    expect(unfair(old, of({ edgeRuns: 3 }))).toBe(false);
    expect(unfair(of({ edgeRuns: 1 }), slow)).toBe(false);
    const patient = { ...slow, settings: { ...slow.settings, seconds: 1800 } };
    expect(textOf(twins([circuit('one', 2)], [patient]))).toContain('searched with the same');
  });

  it('has the numbers of each proof, and what follows from them', () => {
    const groups = { sufficient: true, robust: false };
    const words = 'It FAILS: loss 21.500.';
    const failed = circuit('one', 32, { passes: false, groups, words, repeats: [{ seed: 2 }] });
    const text = textOf(twins([failed, circuit('<three>', 4)], []));
    const row =
      '| `one` | 35 | 33 | 32 | 64 | 2 | 1 | 0.100 | 0.050 | 40 % | 0.140 | 0.120 | 0.900 | 0.500 | 21.5 | 0.700 | 50 % | 81 % | 1 % | 2 % | 40 % | 4 of 5 |';
    expect(text).toContain(row);
    const missing = 'not measured';
    expect(text).toContain(
      `| one | 35 | 7 | ${missing} | 0.63 | 62 % | ${missing} | ${missing} | 44 | 0.004 | 0.680 | 0.690 (40) | ${missing} (${missing}) | ${missing} | ${missing} | 3200 | 60 |`,
    );
    const { proof } = failed;
    const measurements = proof.measurements.map((one) =>
      one.id === 'control.labels' ? { ...one, edges: 77 } : one,
    );
    const withEdges = { ...failed, proof: { ...proof, measurements } };
    expect(textOf(twins([withEdges], []))).toContain('| 0.690 (40, 77 edges) |');
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
    expect(made).toContain(
      '| `one` | 5 | 3 | 2 | 40 % | 0.100 | 0.140 | 0.120 | 21.5 | 0.900 | 0.700 | holds |',
    );
    expect(made).toContain('| holds |');
    expect(made).toContain('Of 1 circuits 1 holds every criterion');
    expect(made).toContain(
      'carry 40 % of the model’s gap, with every weight between their nodes 62 %',
    );
    expect(made).toContain(
      'The fewest nodes, of the numbers tried, that reach the target loss on pairs of the search are 44 by activation times gradient, and 5 by learned masks.',
    );
    expect(made).toContain(
      'With every node at one of two levels, which are fitted, 1 of 1 cores keep the target loss; of as many random nodes in their place 0 do.',
    );
    expect(made).toContain(
      'The searches took 200 to 200 seconds a circuit, 1 of them more than three minutes;',
    );
    expect(made).toContain('In none of the 1 the clean-up went on until no node more');
    const complete = circuit('two', 1, { effort: { seconds: 90, complete: true } });
    expect(withCircuits(readme, twins([circuit('one', 2), complete], []))).toMatch(
      /took 90 to 200 seconds a circuit, 1 of them more .* In 1 of the 2 the clean-up/,
    );
    expect(made).toContain(
      '4 of 5 are needed: without any one of them the core misses its target. In 0 of 1',
    );
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
    expect(withHeadline(readme, twins([circuit('one', 2)], [circuit('one', 20)]))).toMatch(
      /_Robust_ is of all weights[^]*searched with the same settings[^]* Of the 1 circuits of the dense twin 1 hold/,
    );
    const groups = { sufficient: true, robust: false, causal: false };
    const fails = circuit('two', 4, { passes: false, groups });
    const both = withCircuits(readme, twins([circuit('one', 2), fails], []));
    expect(both).toContain('| not robust, not causal |');
    expect(both).toContain('and 5 to 7 by learned masks.');
    expect(made).not.toContain('stale');
    expect(made).toMatch(/Solved by the model, but no circuit with a proof ships for `<three>`: /);
    expect(made).toMatch(/^before\n[^]*\nafter\n$/);
    expect(() => withCircuits('none', twins([], []))).toThrow(/models\.md lacks the lines/);
    expect(() => withHeadline('none', twins([], []))).toThrow(/README\.md lacks the lines/);
  });
});
