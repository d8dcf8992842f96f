/** The report says what was measured, no more and no less. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readModel, type Circuit, type Model } from '../../../tools/report/data.mjs';
import { figures } from '../../../tools/report/figures.mjs';
import { reportText } from '../../../tools/report/text.mjs';

/** A circuit whose shrunk forms lose half of the edges at each larger loss. */
function circuit(task: string, edges: number, change: Partial<Circuit> = {}): Circuit {
  return {
    ...{ task, sha256: 'a'.repeat(64), nodes: edges + 3, edges, target: 0.15, interchange: 0.9 },
    options: {
      ...{ targetLoss: 0.15, margin: 0.7, trainPairs: 64, runs: 2, steps: 240, seconds: 150 },
      ...{ seed: 1, tied: false, pruneEdges: false },
    },
    shrunk: [0.15, 0.5].map((target, i) => ({
      ...{ target, nodes: 3, edges: edges / 2 ** i, loss: target / 2 },
    })),
    loss: {
      ...{ full: 0, circuit: 0.1, removed: 1 },
      ...{ random: 0.69, shuffled_labels: 0.69, random_model: 0.7 },
    },
    ...{ pairs: 64, sufficient: true, necessary: true, controls: true, passes: true },
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
    circuits,
  };
}

const twins = (sparse: Circuit[], dense: Circuit[]) => ({
  sparse: model('python-sparse', sparse),
  dense: model('python-dense', dense),
});
type Twins = ReturnType<typeof twins>;
const textOf = (models: Twins) => reportText(models, new Set(figures(models).keys()));

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
    expect(text).toContain('Over the 2 tasks whose circuits are proven in both models');
    expect(text).not.toContain('for which a circuit was found');
    expect(text).toContain('4.000 edges in python-sparse and 64.0 in python-dense, **16.0 times**');
    expect(text).toContain('Both models were pruned with the same settings, on the same prompts.');
  });

  it('says where another seed was needed', () => {
    const own = circuit('one', 32);
    const other = { ...own, options: { ...own.options, seed: 3 } };
    const text = textOf(twins([circuit('one', 2)], [other]));
    expect(text).toContain('the seed of prompts and masks differs for `one`.');
    expect(text).not.toContain('same prompts.');
  });

  it('compares at every loss that both were taken to', () => {
    expect(textOf(both)).toContain('| 0.5 | 2 | 2.000 | 32.0 | 16.0 |');
    const further = circuit('one', 32, {
      shrunk: [{ target: 0.3, nodes: 3, edges: 1, loss: 0.1 }],
    });
    expect(textOf(twins([circuit('one', 2)], [further]))).not.toContain('| 0.3 |');
  });

  it('says which were not pruned with the same settings', () => {
    const slow = circuit('one', 32);
    const longer = { ...slow, options: { ...slow.options, seconds: 600 } };
    const text = textOf(
      twins([circuit('one', 2), circuit('<three>', 4)], [longer, circuit('<three>', 16)]),
    );
    expect(text).toContain('**Not with the same settings** in both models: `one`');
    expect(text).toContain('For the one task pruned with the same settings');
    expect(text).toContain('**4.0 times** as many');
  });

  it('says which fail, and tells them from those that pass', () => {
    const failed = circuit('one', 32, { passes: false, necessary: false });
    const text = textOf(twins([circuit('one', 2), circuit('<three>', 4)], [failed]));
    expect(text).toContain('| one | 2 | 32 | 16.0 | 5 | 35 | **no** |');
    expect(text).not.toContain('whose circuits are proven in both');
    expect(text).toContain('For the one task for which a circuit was found in both models');
    expect(text).toContain('one circuit was measured, 0 of which pass');
  });

  it('draws all figures, in order and closed, whatever tasks are called', () => {
    const drawn = figures(both);
    expect([...drawn.keys()].sort()).toEqual(
      ['edges', 'kurtosis', 'loss-edges', 'proof-dense', 'proof', 'tasks'].map((f) => `${f}.svg`),
    );
    for (const svg of drawn.values()) expectWellFormed(svg);
  });
});

describe('without', () => {
  it('circuits of the dense model, it says so and compares nothing', () => {
    const models = twins([circuit('one', 2)], []);
    const text = textOf(models);
    expect(text).toContain('No circuits of python-dense were measured, so nothing here says how');
    expect(text).not.toContain('times** as many');
    expect(text).toContain('Solved, but without a circuit here: `<three>`');
    expect([...figures(models).keys()].sort()).toEqual(['kurtosis.svg', 'proof.svg', 'tasks.svg']);
  });

  it('any circuits, it still has tasks and kurtosis', () => {
    const text = textOf(twins([], []));
    expect(text).toContain('No circuits of python-sparse and python-dense were measured');
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
