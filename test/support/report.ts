/** What was measured of models and circuits, as the report reads it. */
import { expect } from 'vitest';
import type { Circuit, Model } from '../../tools/report/data.mjs';

/** A circuit that holds every criterion. */
export function circuit(task: string, edges: number, change: Partial<Circuit> = {}): Circuit {
  const one = (id: string, loss: number, more = {}) => ({
    ...{ id, what: id, nodes: 3, loss, accuracy: 1, order: 1, share: 0.4 },
    ...more,
  });
  return {
    ...{ task, sha256: 'a'.repeat(64), command: 'circuitscope prune' },
    settings: { seed: 1, targetLoss: 0.15, margin: 0.8, steps: 160 },
    effort: { seconds: 100 * edges, complete: false },
    ...{ core: edges + 3, joined: edges + 1, backups: 2, cut: 1, edges, allEdges: 2 * edges },
    ...{
      groups: { sufficient: true, robust: true },
      passes: true,
      words: 'It holds.',
      repeats: [],
    },
    proof: {
      ...{ seed: 1, pairs: 48, target: 0.15, stopped: false, seconds: 60 },
      measurements: [
        ...[one('whole', 0.00001), one('core', 0.1), one('core.free', 0.05)],
        ...[one('subsets.worst', 0.14), one('adversary', 0.12), one('adversary.free', 21.5)],
        ...[one('subsets.edges', 0.9), one('adversary.edges', 0.5)],
        ...[one('random', 0.69), one('core.nodes', 0.03, { share: 0.62 })],
        ...[one('control.labels', 0.69, { nodes: 40 })],
        ...[one('removed.circuit', 0.7, { order: 0.5 }), one('removed.random', 0.02)],
        ...[one('levels', 0.004), one('levels.random', 0.68)],
        ...[one('swap.circuit', 0.1, { share: 0.81 }), one('swap.random', 9, { share: 0.01 })],
        ...[one('swap.rest', 2, { share: 0.4 }), one('swap.anywhere', 8, { share: 0.02 })],
      ],
      counts: [
        { id: 'minimal', count: 4, of: 5 },
        { id: 'size.50', count: 7, of: 90 },
        { id: 'faithfulness', count: 0.625, of: 1 },
        { id: 'attribution', count: 5, of: 44 },
      ],
      selective: [
        { task: 'one', whole: 1, without: 0.5 },
        { task: '<three>', whole: 1, without: 0.97 },
      ],
    },
    ...change,
  };
}

export function model(name: string, circuits: Circuit[]): Model {
  const natsPerToken = { heldOutOrdinary: 3.5, heldOutIdioms: 1.9 };
  const sizes = { layers: 4, dModel: 128, nonzero: 1000, total: 20_000, tokensSeen: 15e6 };
  return {
    bundle: { name, hash: 'b'.repeat(64) },
    info: { ...sizes, natsPerToken },
    tasks: ['one', 'two', '<three>'].map((task) => ({
      ...{ name: task, pairs: 100, loss: 0.1, accuracy: task === 'two' ? 0.6 : 1 },
    })),
    kurtosis: ['embed', '0.attn'].map((place, i) => ({ place, kurtosis: 3 + 20 * i })),
    ...{ circuits, unique: [], old: [] },
  };
}

/** Throws unless every element of an SVG is closed in its place. */
export function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, , end] of svg.matchAll(
    /<(\/?)([a-z]+)((?:"[^"]*"|[^"<>])*?)(\/?)>/g,
  )) {
    if (close) expect(open.pop()).toBe(name);
    else if (!end) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}
