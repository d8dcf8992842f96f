import { describe, expect, it } from 'vitest';
import { costChart } from '../../bench/costChart.mjs';

describe('the figure of what a window costs', () => {
  const figures = [
    { median: 0.2 },
    { median: 2.5, scaling: { of: 'nonzeros', times: 10 } },
    { median: 1.25, scaling: { of: 'width', times: 2 } },
  ];

  it('draws a line for everything that grows, from the smallest model on', () => {
    const svg = costChart(figures)!;
    for (const tip of ['by nonzeros, 1: 1', 'by nonzeros, 10: 2.5', 'by width, 2: 1.25']) {
      expect(svg).toContain(`<title>${tip}</title>`);
    }
    expect(svg).not.toContain('0.2<');
  });

  it('is not drawn where nothing of it was measured', () => {
    expect(costChart(figures.slice(0, 1))).toBeNull();
  });
});
