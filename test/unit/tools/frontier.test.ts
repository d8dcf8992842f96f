/** The frontier: which models there are, and what is said of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTrainingConfig } from '../../../models/training/config';
import { parameterSpecs } from '../../../models/transformer/parameters';
import { PLAN, pointsOf, prunedEntries, settingsOf, TRIAL } from '../../../tools/frontier/plan.mjs';
import {
  figures,
  meanEdges,
  meanKurtosis,
  report,
  sharedTasks,
  trend,
  type Model,
} from '../../../tools/frontier/results.mjs';

const base: unknown = JSON.parse(
  readFileSync('models/training/configs/python-sparse.json', 'utf8'),
);

describe.each([
  ['the plan', PLAN],
  ['its trial', TRIAL],
])('%s', (_name, plan) => {
  const settings = pointsOf(plan).map((point) =>
    parseTrainingConfig(settingsOf(base, plan, point), point.name),
  );

  it('has every model once, of equal tokens', () => {
    const names = settings.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const tokens = settings.map(({ steps, batch, model }) => steps * batch * model.context);
    expect(new Set(tokens).size).toBe(1);
  });

  it('asks for the numbers of weights that training then keeps', () => {
    for (const [i, { model, sparsity }] of settings.entries()) {
      const sparse = parameterSpecs(model).filter((spec) => spec.sparse);
      const sizes = sparse.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
      const entries = sizes.reduce((a, b) => a + b, 0);
      expect(prunedEntries(model)).toBe(entries);
      const kept = sizes.reduce((sum, size) => sum + Math.floor(sparsity.l0 * size + 1e-6), 0);
      expect(kept / pointsOf(plan)[i].nonzero).toBeGreaterThan(0.99);
      expect(kept).toBeLessThanOrEqual(pointsOf(plan)[i].nonzero);
    }
  });
});

it('the plan has three widths of one number of weights, half and twice of it at one, and tasks to spare', () => {
  const points = pointsOf(PLAN);
  expect(points.map(({ width }) => width)).toEqual([128, 256, 512, 256, 256]);
  expect(points.map(({ nonzero }) => nonzero / PLAN.nonzero)).toEqual([1, 1, 1, 0.5, 2]);
  expect(PLAN.tasks.length).toBeGreaterThanOrEqual(8);
});

/** A model of the plan whose numbers follow from its width and weights. */
function model(index: number, edges: Record<string, number | null>): Model {
  const { name, width, nonzero } = pointsOf(PLAN)[index];
  return {
    ...{ name, width, nonzero, total: 100 * width ** 2, tokens: 4_000_000, edges },
    heldOut: { ordinary: 4 - width / 512, idioms: 2 - nonzero / 1e6 },
    kurtosis: [
      { place: 'embed', kurtosis: 3 },
      { place: '0.attn', kurtosis: 5 },
    ],
    active: [
      { site: '0.attn.q', active: 8, nodes: 16 },
      { site: '1.attn.q', active: 16, nodes: 16 },
    ],
  };
}

describe('what is said of the models', () => {
  const models = [
    model(0, { a: 100, b: 400, c: 9 }),
    model(1, { a: 50, b: 200, c: null }),
    model(2, { a: 10, b: 40, c: 9 }),
    model(3, { a: 20, b: 80, c: 9 }),
    model(4, { a: 80, b: 320, c: 9 }),
  ];

  it('compares tasks that have a circuit in all of them', () => {
    expect(sharedTasks(models)).toEqual(['a', 'b']);
    expect(meanEdges(models[0], ['a', 'b'])).toBeCloseTo(200);
    expect(meanEdges(model(0, { a: 0, b: 4 }), ['a', 'b'])).toBeCloseTo(2);
    expect(meanKurtosis(models[0])).toBe(4);
  });

  it('names the trend as it is, and too few tasks', () => {
    const text = trend(models, PLAN).join(' ');
    expect(text).toContain('2 tasks have a circuit in every model: a, b.');
    expect(text).toContain('fewer than 8');
    expect(text).toContain(
      'From d128-150k to d512-150k, wider at one number of weights, the loss falls by 0.375 nats, ' +
        'circuits have 0.10 times the edges',
    );
    expect(text).toContain(
      'From d256-75k to d256-300k, more weights at one width, the loss falls by 0.112 nats, ' +
        'circuits have 4.00 times the edges',
    );
    const worse = [
      model(0, { a: 1 }),
      { ...model(2, { a: 9 }), heldOut: { ordinary: 5, idioms: 3 } },
    ];
    expect(trend(worse, PLAN).join(' ')).toContain('the loss rises by');
  });

  it('draws both sweeps, and the kurtosis over the density', () => {
    const drawn = figures(models, PLAN);
    expect([...drawn.keys()]).toEqual(['frontier.svg', 'frontier-kurtosis.svg']);
    const svg = drawn.get('frontier.svg')!;
    expect(svg.match(/<circle/g)).toHaveLength(3 + 3 + 2);
    expect(svg).toContain('geometric mean over 2 tasks');
  });

  it('draws and says what there is when no task has a circuit in all', () => {
    const none = models.map((one) => ({ ...one, edges: { a: null } }));
    expect([...figures(none, PLAN).keys()]).toEqual(['frontier-kurtosis.svg']);
    const text = report(none, PLAN);
    expect(text).toContain('0 tasks have a circuit in every model.');
    expect(text).toContain('| d128-150k | 150000 | 9.2 % | 3.750 | 1.850 | none | 4.00 |');
    expect(text).toContain('| d128-150k | 75 % |');
  });
});
