// @ts-check
import { lineChart } from '../../models/charts.mjs';

/** @type {{ colour: 'blue' | 'orange', mark: 'dot' | 'diamond' }[]} */
const LOOKS = [
  { colour: 'blue', mark: 'dot' },
  { colour: 'orange', mark: 'diamond' },
];

/**
 * What a window costs as a model grows, drawn; null where nothing was measured of it.
 * @param {{ median: number, scaling?: { of: string, times: number } }[]} figures
 */
export function costChart(figures) {
  const grown = figures.flatMap(({ median, scaling }) => (scaling ? [{ median, ...scaling }] : []));
  const names = [...new Set(grown.map(({ of }) => of))];
  if (names.length === 0) return null;
  return lineChart({
    title: 'A window on the sparse engine',
    x: 'times the nonzeros, or the width, of the smallest model',
    y: 'times the milliseconds of the smallest',
    ...{ logX: true, logY: true },
    series: names.map((name, i) => {
      const own = grown.filter(({ of }) => of === name);
      /** @type {[number, number][]} */
      const points = [
        [1, 1],
        ...own.map(({ times, median }) => /** @type {[number, number]} */ ([times, median])),
      ];
      return { name: `by ${name}`, ...LOOKS[i % LOOKS.length], points };
    }),
  });
}
