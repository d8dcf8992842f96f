// @ts-check
import { lineChart } from '../../models/charts.mjs';

/**
 * What a window costs as a model grows, drawn; null where nothing was measured of it.
 * @param {{ median: number, scaling?: { of: string, times: number } }[]} figures
 */
export function costChart(figures) {
  const grown = figures.filter(({ scaling }) => scaling);
  const names = [...new Set(grown.map(({ scaling }) => scaling.of))];
  if (names.length === 0) return null;
  const looks = [
    { colour: 'blue', mark: 'dot' },
    { colour: 'orange', mark: 'diamond' },
  ];
  return lineChart({
    title: 'A window on the sparse engine',
    x: 'times the nonzeros, or the width, of the smallest model',
    y: 'times the milliseconds of the smallest',
    ...{ logX: true, logY: true },
    series: names.map((name, i) => ({
      ...{ name: `by ${name}`, ...looks[i % looks.length] },
      points: [
        [1, 1],
        ...grown
          .filter(({ scaling }) => scaling.of === name)
          .map(({ median, scaling }) => [scaling.times, median]),
      ],
    })),
  });
}
