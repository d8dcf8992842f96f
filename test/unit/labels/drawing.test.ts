/** What a circuit's picture shows, and how. */
import { expect, it } from 'vitest';
import { drawCircuit, drawingSvg, type DrawnNode } from '../../../models/labels/explain/drawing';
import type { Wire } from '../../../models/labels/explain/wiring';

/** Activations of the sides. */
const SIDES: Readonly<Record<string, readonly [number, number]>> = {
  ...{ token: [1, 0], far: [5, 0], same: [3, 3], write: [2, -2], read: [4, -4], neuron: [0, 3] },
  ...{ out: [-1, 1], other: [0.1, 0] },
};
const COLUMNS = ['token', 'far', 'same', 'write', 'read', 'neuron', 'out', 'other'];
const describeNode = (node: string): Omit<DrawnNode, 'node'> => ({
  ...{ text: `L0 ${node}`, known: node === 'out' ? null : `<${node}>` },
  ...{ column: COLUMNS.indexOf(node), columnName: node, a: SIDES[node][0], b: SIDES[node][1] },
});
const wire = (node: string, weight: number | null): Wire => ({ node, weight });
const feeds = new Map<string, Wire[]>([
  ['out', [wire('neuron', 0.5)]],
  ['neuron', [wire('read', -0.2)]],
  // A read takes a write of the circuit as it is.
  ['read', [wire('write', null)]],
  ['write', [wire('same', 9), wire('token', 1), wire('far', 0.1), wire('other', 0.01)]],
  ['other', []],
  ...['token', 'far', 'same'].map((node): [string, Wire[]] => [node, []]),
]);
const drawing = drawCircuit([{ node: 'out', nats: 2 }, { node: 'other', nats: -1 }], { feeds }, describeNode); // prettier-ignore

it('goes back from what pushes the answers by what tells the sides apart, past reads', () => {
  expect(drawing.edges).toEqual([
    { from: 'neuron', to: 'out', weight: 0.5, share: 1 },
    // Not by the read: its line is the write's, with the weight after the read.
    { from: 'write', to: 'neuron', weight: -0.2, share: 1 },
    { from: 'token', to: 'write', weight: 1, share: 1 },
    { from: 'far', to: 'write', weight: 0.1, share: 0.5 },
    // The third: a large weight from a node that is the same on both sides says nothing.
    { from: 'other', to: 'write', weight: 0.01, share: 0.001 },
  ]);
  expect(drawing.nodes.map(({ node }) => node).sort()).toEqual(
    ['far', 'neuron', 'other', 'out', 'token', 'write'].sort(),
  );
  expect(drawing.of).toBe(8);
});

it('draws nodes as links, sides as colours and negative weights dashed', () => {
  const svg = drawingSvg(drawing, {
    ...{ title: 'a & b', answers: ']] or ]', link: (node) => `told.md#${node}` },
  });
  for (const { node } of drawing.nodes) expect(svg).toContain(`<a href="told.md#${node}">`);
  expect(svg).toContain('6 of 8 nodes');
  expect(svg).toContain('larger for ]], orange: for ].');
  expect(svg).toContain('a &amp; b');
  expect(svg).toContain('&lt;neuron&gt;');
  expect(svg).toContain('no label');
  const line = (edge: string) => svg.split('<path ').find((one) => one.includes(`data-edge="${edge}"`))!; // prettier-ignore
  expect(line('write neuron')).toContain('stroke-dasharray');
  expect(line('neuron out')).not.toContain('stroke-dasharray');
  expect(line('other')).toContain('stroke-dasharray');
  const box = (node: string) => svg.split('<a href').find((one) => one.includes(`#${node}"`))!;
  expect(box('write')).toContain('class="blue"');
  expect(box('neuron')).toContain('class="orange"');
});

it('places every node right of what feeds it, none upon another', () => {
  const svg = drawingSvg(drawing, { title: 't', answers: 'x or y', link: () => '#' });
  const places = [...svg.matchAll(/<rect class="page" x="(\d+)" y="(\d+)"/g)].map(
    ([, x, y]) => `${x} ${y}`,
  );
  expect(places).toHaveLength(6);
  expect(new Set(places).size).toBe(6);
});
