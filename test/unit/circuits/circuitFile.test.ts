import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkModel,
  circuitText,
  edgeCount,
  edgesForFile,
  readCircuit,
  writeCircuit,
  type Circuit,
} from '../../../models/circuits/circuitFile';
import { tinyConfig } from '../../support/models';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-circuit-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const hash = 'a'.repeat(64);
const circuit: Circuit = {
  format: 1,
  bundle: { name: 'tiny', hash },
  pairs: { task: 'indent_for' },
  ablation: 'mean',
  options: {
    ...{ targetLoss: 0.15, margin: 0.8, seed: 1, trainPairs: 64, runs: 2, steps: 240 },
    ...{ seconds: 150, tied: false, pruneEdges: false },
  },
  effort: { runs: 2, steps: 480, tokens: 123456, seconds: 40, complete: true },
  command: 'circuitscope prune indent_for --out FILE',
  calibration: { scale: 1.5, shift: -0.25 },
  loss: { full: 0.01, circuit: 0.119 },
  nodes: ['0.attn.act_in.3', '0.attn.v.1', '1.mlp.post_act.7'],
  edges: [{ from: '0.attn.act_in.3', to: '0.attn.v.1', weight: 0.5 }],
};
const model = { name: 'tiny', hash, config: tinyConfig() };

const stored = (change: object) => {
  const file = join(dir, 'changed.json');
  writeFileSync(file, JSON.stringify({ ...circuit, ...change }));
  return file;
};

describe('a circuit file', () => {
  it('comes back as it was written', () => {
    const file = join(dir, 'circuit.json');
    writeCircuit(file, circuit);
    expect(readCircuit(file)).toEqual(circuit);
    expect(readFileSync(file, 'utf8')).toBe(circuitText(circuit));
    expect(() => {
      checkModel(circuit, model, file);
    }).not.toThrow();
  });

  it('has one node and one edge a line, and comes back without any', () => {
    const lines = circuitText(circuit).split('\n');
    expect(lines.filter((line) => line.includes('"0.attn.v.1"'))).toHaveLength(2);
    expect(lines).toContain('    {"from":"0.attn.act_in.3","to":"0.attn.v.1","weight":0.5}');
    const empty = { ...circuit, nodes: [], edges: [] };
    expect(JSON.parse(circuitText(empty))).toEqual(empty);
  });

  it('lists edges, and of very many says how many all are', () => {
    const { edges } = circuit;
    expect(edgesForFile(edges, false)).toEqual({ edges });
    const many = Array.from({ length: 60_000 }, () => edges[0]);
    expect(edgesForFile(many, true)).toEqual({ edges: many });
    const unlisted = edgesForFile(many, false);
    expect(unlisted).toEqual({ unlisted: 60_000, edges: [] });
    const large = { ...circuit, ...unlisted };
    expect([edgeCount(circuit), edgeCount(large)]).toEqual([1, 60_000]);
    const file = join(dir, 'large.json');
    writeCircuit(file, large);
    expect(readCircuit(file)).toEqual(large);
    expect(() => {
      checkModel(large, model, file);
    }).not.toThrow();
  });

  it.each([
    ['another layout', { format: 2 }, /has format 2, this version reads 1; prune again/],
    ['a wrong field', { ablation: 'mode' }, /ablation: /],
    ['a field too many', { extra: 1 }, /extra/],
    ['no nodes', { nodes: undefined }, /nodes/],
    [
      'a trace scaled up',
      { calibration: { scale: 2949, shift: 0 } },
      /scale: is above 3, which makes much of next to nothing/,
    ],
    ['a weight that is no number', { edges: [{ from: 'a', to: 'b', weight: null }] }, /weight/],
  ])('with %s is refused in one line', (_what, change, message) => {
    const read = () => readCircuit(stored(change));
    expect(read).toThrow(message);
    expect(read).toThrow(/^[^\n]*$/);
  });

  it('that is missing or no JSON is refused', () => {
    expect(() => readCircuit(join(dir, 'none.json'))).toThrow(/does not exist; check the path/);
    const file = join(dir, 'text.json');
    writeFileSync(file, 'circuit');
    expect(() => readCircuit(file)).toThrow(/is not JSON; give a file that/);
  });

  it.each([
    [
      'another model',
      { ...circuit },
      { ...model, hash: 'b'.repeat(64) },
      /not of tiny bbbbbbbbbbbb/,
    ],
    ['a node that is none', { ...circuit, nodes: ['9.attn.v.1'] }, model, /layers 0 to 1/],
    ['a stray edge', { ...circuit, nodes: ['0.attn.v.1'] }, model, /joins no two of its nodes/],
  ])('of %s does not fit', (_what, own, other, message) => {
    expect(() => {
      checkModel(own, other, 'c.json');
    }).toThrow(message);
  });
});
