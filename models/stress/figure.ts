/** A stress result as a chart: how often the model is right as the number rises, and when it should fail. */
import { lineChart } from '../charts.mjs';
import type { StressResult } from './run';

type Chart = Parameters<typeof lineChart>[0];

const COLOURS = ['blue', 'orange', 'green', 'pink', 'sky', 'grey'] as const;

/** A chart of results that count the same: the share of right answers, and rings at what was predicted. */
export function stressFigure(results: readonly StressResult[]): string {
  const series = results.flatMap(({ family, points, right }, i): Chart['series'] => {
    const colour = COLOURS[i % COLOURS.length];
    return [
      {
        ...{ name: family.replaceAll('_', ' '), colour },
        points: points.map(({ parameter, right: share }) => [parameter, 100 * share]),
      },
      {
        ...{ name: '', colour, mark: 'ring', joined: false },
        points: points.map(({ parameter, predicted }) => [
          parameter,
          predicted === right ? 100 : 0,
        ]),
      },
    ];
  });
  const [{ counts }] = results;
  return lineChart({
    ...{ title: 'Right answers', x: counts, y: '% of prompts (rings: predicted)', series },
    line: { value: 50, name: 'half' },
  });
}
