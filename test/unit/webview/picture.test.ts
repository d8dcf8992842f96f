import { describe, expect, it } from 'vitest';
import { controlPoints, curveOf, pathOf } from '../../../webview/graph/curve';
import { inside } from '../../../webview/graph/inside';
import { edgeLook, nodeLook, scalesOf } from '../../../webview/graph/style';
import { mixed, signedColor, type Theme } from '../../../webview/theme';
import { channel, edge } from './graphs';

const theme: Theme = {
  ...{ background: '#000000', foreground: '#ffffff', muted: '#999999', border: '#333333' },
  ...{ focus: '#0088ff', positive: '#ff8000', negative: '#0080ff', off: '#ff4444' },
  ...{ font: 'sans-serif', mono: 'monospace', highContrast: false },
};

describe('curves', () => {
  const [from, to] = [
    { x: 10, y: 20, half: 10 },
    { x: 210, y: 120, half: 30 },
  ];

  it('leave and arrive level, outside of their nodes', () => {
    const [first, last] = controlPoints(from, { ...to, x: 60 }, []);
    expect([first.y, last.y]).toEqual([20, 120]);
    expect(first.x).toBeGreaterThan(20);
    expect(last.x).toBeLessThan(30);
  });

  it('are told to cytoscape along the straight line and across it', () => {
    const via = [{ x: 90, y: 150 }];
    const { weights, distances } = curveOf(from, to, via);
    const length = Math.hypot(200, 100);
    // As cytoscape places them.
    const points = weights.map((weight, i) => ({
      x: from.x + 200 * weight - (100 / length) * distances[i],
      y: from.y + 100 * weight + (200 / length) * distances[i],
    }));
    controlPoints(from, to, via).forEach(({ x, y }, i) => {
      expect(points[i].x).toBeCloseTo(x);
      expect(points[i].y).toBeCloseTo(y);
    });
  });

  it('are paths that end where the edge does', () => {
    const path = pathOf(from, to, [{ x: 90, y: 150 }]);
    expect(path).toMatch(/^M10 20Q.*210 120$/);
    expect(path.match(/Q/g)).toHaveLength(3);
  });

  it('bow within a column and take a loop', () => {
    const at = (y: number) => ({ x: 5, y, half: 10 });
    expect(controlPoints(at(0), at(80), [])[0].x).toBeGreaterThan(5);
    expect(curveOf(at(5), at(5), []).weights.every(Number.isFinite)).toBe(true);
  });
});

describe('inside', () => {
  const corners = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 10 },
    { x: 5, y: 4 },
    { x: 0, y: 10 },
  ];
  it('tells points within a dented outline from those without', () => {
    expect(inside({ x: 2, y: 2 }, corners)).toBe(true);
    expect(inside({ x: 5, y: 8 }, corners)).toBe(false);
    expect(inside({ x: 15, y: 5 }, corners)).toBe(false);
  });
});

describe('looks', () => {
  const nodes = [channel('a', 1, -2), channel('b', 1, 1)];
  const scales = scalesOf(nodes);

  it('say the sign by color, the effect by border, and an ablation by more than color', () => {
    const [helps, opposes] = nodes.map((node) => nodeLook(theme, scales, node, false));
    expect(helps.color).toBe(theme.negative);
    expect(helps.borderWidth).toBeGreaterThan(opposes.borderWidth);
    expect([helps.borderStyle, opposes.borderStyle]).toEqual(['solid', 'dotted']);
    const off = nodeLook(theme, scales, nodes[0], true);
    expect([off.borderStyle, off.label]).toEqual(['dashed', '✕ a']);
  });

  it('draw edges by contribution, blunt where they push down', () => {
    const look = edgeLook(theme, 1, edge('a', 'b', -3), false);
    expect([look.color, look.arrow, look.style]).toEqual([theme.negative, 'tee', 'solid']);
    expect(edgeLook(theme, 0, edge('a', 'b', 0), false).width).toBeLessThan(look.width);
    const off = edgeLook(theme, 1, edge('a', 'b', -3), true);
    expect([off.color, off.arrow, off.style]).toEqual([theme.off, 'tee', 'dotted']);
  });
});

describe('colors', () => {
  it('mix what VS Code gives: short and long hex with or without opacity, and rgb()', () => {
    expect(mixed('#000', '#ffffff80', 0.5)).toBe('#808080');
    expect(mixed('rgb(0, 0, 0)', 'rgba(255, 255, 255, 0.3)', 1)).toBe('#ffffff');
  });

  it('leave nothing to see of zero', () => {
    expect(signedColor(theme, 0, 3)).toBe(theme.background);
    expect(signedColor(theme, -3, 3)).toBe(theme.negative);
  });
});
