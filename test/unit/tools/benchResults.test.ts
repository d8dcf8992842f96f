import { describe, expect, it } from 'vitest';
import { merged, table, type Figure } from '../../bench/results.mjs';

describe('the figures of benchmarks', () => {
  const about = { bundle: { name: 'model', hash: 'a' }, cores: 2, node: 'v20' };
  const figure = (bench: string, median: number, more: Partial<Figure> = {}): Figure => ({
    ...{ bench, name: `what ${bench} does`, unit: 'ratio', median, low: 1, high: 3 },
    ...{ count: 5, target: '', ...more },
  });
  const kept = { ...about, figures: [figure('hover', 1), figure('trace', 2), figure('trace', 3)] };
  const results = [{ bench: 'trace', figures: [figure('trace', 9)] }];
  const order = ['bridge', 'hover', 'trace'];
  const medians = (figures: Figure[]) => figures.map(({ bench, median }) => [bench, median]);

  it('replace all that was kept of the same benchmark, and stand in one order', () => {
    expect(medians(merged(kept, about, results, order))).toEqual([
      ['hover', 1],
      ['trace', 9],
    ]);
    const first = [...results, { bench: 'bridge', figures: [figure('bridge', 4)] }];
    expect(medians(merged(kept, about, first, order))[0]).toEqual(['bridge', 4]);
  });

  it.each([{ bundle: { name: 'model', hash: 'b' } }, { cores: 4 }, { node: 'v22' }])(
    'do not stand beside those of %j',
    (other) => {
      expect(medians(merged({ ...kept, ...other }, about, results, order))).toEqual([['trace', 9]]);
      expect(medians(merged(null, about, results, order))).toEqual([['trace', 9]]);
    },
  );

  it('are rows with their unit and spread', () => {
    const { bench, name, median, count } = figure('hover', 2);
    const slow = { bench, name, median, count, unit: 'ms', p95: 7, target: 'p95 < 20' };
    const rows = table([figure('trace', 9), slow]);
    expect(rows).toContain('| what trace does | 9 | 1 to 3 | 5 |  |\n');
    expect(rows).toContain('| what hover does | 2 ms | 95 % below 7 | 5 | p95 < 20 |\n');
  });
});
