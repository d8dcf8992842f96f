import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkEdges,
  checkModel,
  circuitText,
  edgeCount,
  edgesForFile,
  joinedNodes,
  parseCircuit,
  readCircuit,
  writeCircuit,
  type Circuit,
} from '../../../models/circuits/file/circuitFile';
import { sampleCircuit, sampleProof } from '../../support/circuits';
import { randomWeights, tinyConfig } from '../../support/models';
import { ModelEdges } from '../../../models/weights/edges';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-circuit-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const hash = 'a'.repeat(64);
const circuit: Circuit = sampleCircuit();
const model = { name: 'tiny', hash, config: tinyConfig() };

const stored = (change: object) => {
  const file = join(dir, 'changed.json');
  writeFileSync(file, JSON.stringify({ ...circuit, ...change }));
  return file;
};

describe('a circuit file', () => {
  it('knows which nodes of its core its edges join', () => {
    const edge = (from: string, to: string) => ({ from, to, weight: 1 });
    const core = ['0.attn.act_in.3', '0.attn.v.1', '0.attn.resid_delta.2', '0.attn.sink.0'];
    const edges = [edge(core[0], core[1]), edge(core[1], core[2])];
    const config = tinyConfig();
    const weights = randomWeights(config, 1);
    const joined = (change: object) =>
      joinedNodes({ ...circuit, core, edges, ...change }, { config, weights });
    expect(joined({})).toEqual(core.slice(0, 3));
    expect(joined({ edges: [] })).toEqual([]);
    // Of a list that the file leaves out, those with a weight: no sink has one.
    expect(joined({ edges: [], unlisted: 9 })).toEqual(core.slice(0, 3));
  });

  it('comes back as it was written', () => {
    const file = join(dir, 'circuit.json');
    writeCircuit(file, circuit);
    expect(readCircuit(file)).toEqual(circuit);
    expect(readFileSync(file, 'utf8')).toBe(circuitText(circuit));
    expect(() => {
      checkModel(circuit, model, file);
    }).not.toThrow();
  });

  it('from before weights had a margin has that of the nodes for them', () => {
    const { edgeMargin, ...settings } = circuit.search!.settings;
    const file = stored({ search: { ...circuit.search, settings: { ...settings, margin: 0.7 } } });
    expect(edgeMargin).not.toBe(0.7);
    expect(readCircuit(file).search!.settings).toMatchObject({ margin: 0.7, edgeMargin: 0.7 });
  });

  it('has one node and one edge a line, and comes back without any', () => {
    const lines = circuitText(circuit).split('\n');
    expect(lines.filter((line) => line.includes('"0.attn.v.1"'))).toHaveLength(3);
    expect(lines).toContain('    {"from":"0.attn.act_in.3","to":"0.attn.v.1","weight":0.5}');
    const empty = { ...circuit, core: [], cut: [], edges: [] };
    expect(JSON.parse(circuitText(empty))).toEqual(empty);
    const proved = { ...circuit, proof: sampleProof(), repeats: [sampleProof({}, { seed: 2 })] };
    expect(JSON.parse(circuitText(proved))).toEqual(proved);
    expect(
      circuitText(proved)
        .split('\n')
        .filter((line) => line.includes('"core",')),
    ).toHaveLength(2);
  });

  it('lists edges, and of very many says how many all are', () => {
    const { edges } = circuit;
    expect(edgesForFile(edges, 1)).toEqual({ edges, allEdges: 1 });
    const many = Array.from({ length: 60_000 }, () => edges[0]);
    expect(edgesForFile(many, 60_001)).toEqual({ edges: many, allEdges: 60_001 });
    const unlisted = edgesForFile(many, 60_000);
    expect(unlisted).toEqual({ unlisted: 60_000, edges: [], allEdges: 60_000 });
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
    [
      'another layout',
      { format: 4 },
      /has format 4, but this version reads 3; use a newer version/,
    ],
    ['a wrong field', { ablation: 'mode' }, /ablation: /],
    ['a field too many', { extra: 1 }, /extra/],
    ['no nodes', { core: undefined }, /core/],
    ['an older layout without nodes', { format: 1 }, /nodes: .*; prune again/],
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
    ['a node that is none', { ...circuit, core: ['9.attn.v.1'] }, model, /layers 0 to 1/],
    ['a backup that is none', { ...circuit, backups: ['9.attn.v.1'] }, model, /layers 0 to 1/],
    [
      'a stray edge',
      { ...circuit, core: ['0.attn.v.1'] },
      model,
      /does not join two nodes of its core/,
    ],
  ])('of %s does not fit', (_what, own, other, message) => {
    expect(() => {
      checkModel(own, other, 'c.json');
    }).toThrow(message);
  });
});

describe('the edges of a circuit file', () => {
  const weights = randomWeights(model.config, 3);
  const core = [
    '0.attn.act_in.3',
    '0.attn.v.1',
    '0.attn.q.2',
    '0.mlp.act_in.0',
    '0.mlp.post_act.1',
  ];
  const edges = new ModelEdges({ config: model.config, weights }).edgesBetween(core);
  const own = sampleCircuit({ core, edges, allEdges: edges.length });
  const check = (change: Partial<Circuit>) => () => {
    checkEdges({ ...own, ...change }, { config: model.config, weights }, 'c.json');
  };

  it('are those of the model, or some of them', () => {
    expect(edges).toHaveLength(3);
    expect(check({})).not.toThrow();
    expect(check({ edges: edges.slice(1) })).not.toThrow();
    const rounded = parseCircuit(JSON.parse(circuitText(own)), 'c.json');
    expect(check(rounded)).not.toThrow();
  });

  it.each([
    [
      'none where the model has some',
      { edges: [], allEdges: 0 },
      /gives 0 weights between the nodes of its core, but the model has 3/,
    ],
    [
      'a weight that is another',
      { edges: [{ ...edges[0], weight: 99 }] },
      /as 99, but in the model it is/,
    ],
    [
      'an invented one',
      { edges: [{ from: core[1], to: core[2], weight: 1 }] },
      /the model has no weight from 0\.attn\.v\.1 to 0\.attn\.q\.2/,
    ],
    ['one twice', { edges: [edges[0], edges[0]] }, /lists the edge .* twice/],
    ['a wrong number of those not listed', { edges: [], unlisted: 2 }, /leaves 2 edges unlisted/],
  ])('are refused: %s', (_what, change, message) => {
    expect(check(change)).toThrow(message);
    expect(check(change)).toThrow(/^[^\n]*; prune again$/);
  });
});

describe('a circuit of an older format', () => {
  const edges = [{ from: '0.attn.act_in.3', to: '0.attn.v.1', weight: 0.5 }];
  const old = {
    ...{ format: 1, bundle: { name: 'tiny', hash }, pairs: { task: 'indent_for' } },
    ...{ ablation: 'mean', nodes: ['0.attn.act_in.3', '0.attn.v.1'], edges },
    ...{ options: { margin: 0.7 }, calibration: { scale: 3, shift: 1 }, loss: { circuit: 0.1 } },
  };

  it('is taken over as nodes that claim nothing', () => {
    const found = parseCircuit(old, 'old.json');
    expect(found).toEqual(
      sampleCircuit({ core: old.nodes, backups: [], cut: [], edges, search: null, proof: null }),
    );
    expect(JSON.stringify(found)).not.toContain('calibration');
  });

  it('with sinks and slopes as the model has them is no longer proven', () => {
    const { options, calibration, loss, nodes, ...rest } = old;
    const [core, backups, cut] = [nodes, ['0.attn.v.2'], [nodes[0]]];
    const found = parseCircuit(
      { ...rest, format: 2, core, backups, cut, allEdges: 1, search: { options, loss }, proof: { calibration } }, // prettier-ignore
      'old.json',
    );
    expect(found).toEqual(sampleCircuit({ core, backups, cut, edges, search: null, proof: null }));
  });
});
