import { describe, expect, it } from 'vitest';
import { levelCurve } from '../../../webview/graph/curve';
import { inside } from '../../../webview/graph/inside';
import { edgeLook, nodeLook, scalesOf } from '../../../webview/graph/style';
import { mixed, signedColor, type Theme } from '../../../webview/theme';
import { channel, edge } from './graphs';

const theme: Theme = {
  ...{ background: '#000000', foreground: '#ffffff', muted: '#999999', border: '#333333' },
  ...{ focus: '#0088ff', positive: '#ff8000', negative: '#0080ff', off: '#ff4444' },
  ...{ font: 'sans-serif', mono: 'monospace', highContrast: false },
};

describe('levelCurve', () => {
  it('puts the control points level with the ends', () => {
    const [from, to] = [
      { x: 10, y: 20 },
      { x: 210, y: 120 },
    ];
    const { weights, distances } = levelCurve(from, to);
    const length = Math.hypot(200, 100);
    // As cytoscape places them: along the line, and from there across it.
    const heights = weights.map(
      (weight, i) => from.y + 100 * weight + (200 / length) * distances[i],
    );
    expect(heights[0]).toBeCloseTo(from.y);
    expect(heights[1]).toBeCloseTo(to.y);
  });

  it('bows within a column and takes a loop', () => {
    expect(levelCurve({ x: 5, y: 0 }, { x: 5, y: 80 }).distances[0]).not.toBe(0);
    expect(levelCurve({ x: 5, y: 5 }, { x: 5, y: 5 }).weights.every(Number.isFinite)).toBe(true);
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
  const scales = scalesOf(nodes, [edge('a', 'b', -3)]);

  it('say the sign by color, the effect by border, and an ablation by more than color', () => {
    const [helps, opposes] = nodes.map((node) => nodeLook(theme, scales, node, null, true));
    expect(helps.color).toBe(theme.negative);
    expect(helps.borderWidth).toBeGreaterThan(opposes.borderWidth);
    expect([helps.borderStyle, opposes.borderStyle]).toEqual(['solid', 'dotted']);
    const off = nodeLook(theme, scales, nodes[0], { kind: 'zero' }, true);
    expect([off.borderStyle, off.label]).toEqual(['dashed', '✕ a']);
  });

  it('draw edges by contribution, blunt where they push down', () => {
    const look = edgeLook(theme, scales, edge('a', 'b', -3));
    expect([look.color, look.arrow, look.style]).toEqual([theme.negative, 'tee', 'solid']);
    expect(edgeLook(theme, scales, edge('a', 'b', 0)).width).toBeLessThan(look.width);
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
