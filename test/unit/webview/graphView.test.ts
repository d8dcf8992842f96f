/** What the picture tells: where the pointer is, which edge was clicked, and where arrow keys walk. */
import cytoscape from 'cytoscape';
import { describe, expect, it, vi } from 'vitest';
import type { GraphEvents } from '../../../webview/graph/graphView';
import { channel, edge } from './graphs';

const theme = {
  ...{ background: '#000000', foreground: '#ffffff', muted: '#999999', border: '#333333' },
  ...{ focus: '#0088ff', positive: '#ff8000', negative: '#0080ff', off: '#ff4444' },
  ...{ font: 'sans-serif', mono: 'monospace', highContrast: false },
};
vi.mock('../../../webview/theme', async (original) => ({
  ...(await original<object>()),
  readTheme: () => theme,
}));
const { GraphView } = await import('../../../webview/graph/graphView');

/** Two edges between three nodes from left to right, drawn nowhere; and what was told of them. */
function picture() {
  const shown = {
    nodes: ['a', 'b', 'c'].map((id, column) => channel(id, column, -1)),
    edges: [edge('a', 'b', 2), edge('b', 'c', -1)],
    joining: new Set<string>(),
  };
  const cy = cytoscape({
    headless: true,
    ...{ styleEnabled: true, layout: { name: 'preset' } },
    elements: [
      ...shown.nodes.map(({ id, role }, i) => ({
        ...{ data: { id, role }, position: { x: 100 * i, y: 0 } },
      })),
      ...shown.edges.map(({ from, to }, i) => ({
        data: { id: `edge ${i}`, source: from, target: to },
      })),
    ],
  });
  const told: [string, unknown][] = [];
  const events: GraphEvents = {
    select: (ids) => told.push(['select', ids]),
    selectEdge: (one) => told.push(['edge', one]),
    point: (what) => told.push(['point', what]),
    frame: () => undefined,
    move: () => undefined,
  };
  // The picture itself needs a page.
  const view = Object.create(GraphView.prototype) as InstanceType<typeof GraphView>;
  const sight = { keep: () => undefined };
  Object.assign(view, { cy, events, shown, sight, silent: false, isAblated: () => false });
  (view as unknown as { listen(): void }).listen();
  const marked = () => cy.edges('.chosen').map((one) => one.id());
  return { view, cy, shown, told, marked };
}

describe('edges', () => {
  it('are chosen by a click and told of while the pointer is on them', () => {
    const { cy, shown, told } = picture();
    const second = cy.getElementById('edge 1');
    second.emit('mouseover');
    expect(second.hasClass('pointed')).toBe(true);
    second.emit('mouseout');
    expect(second.hasClass('pointed')).toBe(false);
    second.emit('tap');
    expect(told).toEqual([
      ['point', shown.edges[1]],
      ['point', null],
      ['edge', shown.edges[1]],
    ]);
  });

  it('are marked in the picture when they are chosen, also in the table', () => {
    const { view, shown, marked } = picture();
    const show = (chosen: (typeof shown.edges)[number] | null) => {
      view.show(shown, () => false, [], null, chosen);
    };
    show(shown.edges[1]);
    expect(marked()).toEqual(['edge 1']);
    // As it is after the circuit was told anew.
    show({ ...shown.edges[0] });
    expect(marked()).toEqual(['edge 0']);
    show(null);
    expect(marked()).toEqual([]);
  });
});

describe('groups of a large circuit', () => {
  it('are passed by arrow keys, and opened by Enter', () => {
    const { view, cy, told, shown } = picture();
    cy.getElementById('b').remove();
    const position = { x: 100, y: 0 };
    cy.add({ data: { id: 'group core 1', role: 'group' }, position });
    const group = channel('group core 1', 1, -1, { role: 'group', node: null });
    Object.assign(view, { shown: { ...shown, nodes: [shown.nodes[0], group, shown.nodes[2]] } });
    const press = (key: string) => {
      view.key({ key, preventDefault: () => undefined } as unknown as KeyboardEvent);
      return told.splice(0).flatMap(([what, of]) => (what === 'select' ? [of] : []));
    };
    expect(press('ArrowRight')).toEqual([['a']]);
    expect(press('ArrowRight')).toEqual([]);
    expect(press('Enter')).toEqual([['group core 1']]);
    expect(press('ArrowRight')).toEqual([['c']]);
  });
});

describe('nodes', () => {
  it('dim what does not lead through them while the pointer is on them', () => {
    const { cy, told, shown } = picture();
    cy.getElementById('a').emit('mouseover');
    expect(told).toEqual([['point', shown.nodes[0]]]);
    expect(cy.elements('.dim')).toHaveLength(0);
    cy.getElementById('a').emit('mouseout');
    cy.getElementById('edge 1').remove();
    cy.getElementById('a').emit('mouseover');
    expect(cy.elements('.dim').map((one) => one.id())).toEqual(['c']);
  });

  it('are walked by the arrow keys, and each is told of', () => {
    const { view, told, shown } = picture();
    const press = (key: string) => {
      let kept = false;
      view.key({ key, preventDefault: () => (kept = true) } as unknown as KeyboardEvent);
      return kept;
    };
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft']) expect(press(key)).toBe(true);
    expect(told).toEqual(
      [0, 1, 0].flatMap((i) => [
        ['select', [shown.nodes[i].id]],
        ['point', shown.nodes[i]],
      ]),
    );
    expect(press('ArrowUp')).toBe(true);
    expect(told).toHaveLength(6);
    expect(press('x')).toBe(false);
  });
});
