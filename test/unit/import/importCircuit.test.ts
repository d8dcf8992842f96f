/** Published circuits as circuit files: a fixture in their format, and files that say what cannot be. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Bundle } from '../../../models/bundles/bundle';
import {
  checkEdges,
  checkModel,
  circuitText,
  parseCircuit,
} from '../../../models/circuits/file/circuitFile';
import { indexEntry } from '../../../models/circuits/file/circuitIndex';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { isProvable } from '../../../models/circuits/file/oldCircuit';
import { ImportError } from '../../../models/import/error';
import { importCircuit } from '../../../models/import/importCircuit';
import { ModelFolder } from '../../../models/import/modelFolder';
import { readViz } from '../../../models/import/vizFile';
import { FIXTURES, silent } from './fixtures';
import { vizFile } from './viz';
import { searchedSites } from '../../../models/transformer/nodes';

const FOLDER = join(FIXTURES, 'openai-catpos');
const VIZ = join(FOLDER, 'viz_data.pt');
const expected = JSON.parse(readFileSync(join(FOLDER, 'viz_data.expected.json'), 'utf8')) as {
  nodes: Record<string, number[]>;
  edges: unknown[];
  loss_as_stored: { full: number; circuit: number };
  total_nodes: number;
};
const names = Object.entries(expected.nodes).flatMap(([place, list]) =>
  list.map((channel) => `${place}.${channel}`),
);

let bundle: Bundle;
beforeAll(async () => {
  const { config, weights } = await ModelFolder.open(FOLDER).read(silent);
  bundle = { name: 'openai-catpos', hash: 'a'.repeat(64), config, weights } as unknown as Bundle;
});

/** The fixture in the folders of a release. */
function released(folders: string): string {
  const root = mkdtempSync(join(tmpdir(), 'viz-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  const file = join(root, folders, 'viz_data.pt');
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(VIZ, file);
  return file;
}

describe('a published circuit', () => {
  it('is read with its nodes, its edges and its losses, halved where they are doubled', () => {
    const viz = readViz(VIZ);
    expect(viz.nodes).toEqual(names);
    expect(viz.edges).toBe(expected.edges.length);
    expect(viz.allNodes).toBe(expected.total_nodes);
    const { full, circuit } = expected.loss_as_stored;
    expect(viz.loss).toEqual({ model: full / 2, circuit: circuit / 2 });
    expect(viz.lossWithout.get('0.attn.act_in.27')).toBeCloseTo(1.301595805149151 / 2, 12);
  });

  it('becomes a circuit file with the model’s own weights, that a proof can be made of', () => {
    const file = released('viz/csp_yolo2/single_double_quote_beeg3/prune_v4/k_optim');
    const circuit = importCircuit(file, bundle, null);
    expect(parseCircuit(JSON.parse(circuitText(circuit)), 'it')).toMatchObject({
      ...{ core: circuit.core, pairs: { task: 'single_double_quote' }, search: null },
      published: {
        project: 'openai/circuit_sparsity',
        file: 'viz/csp_yolo2/single_double_quote_beeg3/prune_v4/k_optim/viz_data.pt',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        loss: { model: 0.04, circuit: 0.15 },
      },
    });
    // The project closes no sink, so all of them are of the circuit.
    const sinks = searchedSites(bundle.config)
      .filter(({ site }) => site === 'attn.sink')
      .flatMap(({ name }) => Array.from({ length: bundle.config.heads }, (_, i) => `${name}.${i}`));
    expect(sinks.length).toBeGreaterThan(0);
    expect([...circuit.core].sort()).toEqual([...names, ...sinks].sort());
    expect(circuit.published!.lossWithout).toHaveLength(circuit.core.length);
    const place = circuit.core.indexOf('0.attn.q.4');
    expect(circuit.published!.lossWithout[place]).toBe(readViz(VIZ).lossWithout.get('0.attn.q.4'));
    expect(circuit.edges.length).toBeGreaterThan(0);
    checkModel(circuit, bundle, 'it');
    checkEdges(circuit, bundle, 'it');
    expect(isProvable(circuit)).toBe(true);
    // Its nodes of the last residual stream are gates of a proof, and those beside them.
    const core = NodeSet.named(bundle.config, circuit.core);
    const all = expected.total_nodes + sinks.length;
    expect(NodeSet.all(bundle.config, core.nodes).count).toBe(all);
    expect(NodeSet.all(bundle.config).count).toBe(all - bundle.config.dModel);
    expect(indexEntry(circuit, 0).loss).toBe(0.15);
  });

  it('asks for a task where its folder names none', () => {
    expect(() => importCircuit(released('somewhere/else'), bundle, null)).toThrow(
      /give --task NAME or --file PAIRS$/,
    );
    const { pairs } = importCircuit(VIZ, bundle, { task: 'else_elif' });
    expect(pairs).toEqual({ task: 'else_elif' });
  });

  it('of another model is refused', () => {
    const other = { ...bundle, config: { ...bundle.config, layers: 1 } };
    expect(() => importCircuit(VIZ, other, { task: 'else_elif' })).toThrow(
      /is of a model with 528 nodes, but openai-catpos has 276; choose its model/,
    );
  });
});

describe('a file that is no published circuit', () => {
  const right = { nodes: { '0.attn.q': [1, 3] }, allNodes: 528, loss: 0.1, circuitLoss: 0.2 };

  it('is read where it is one', () => {
    expect(readViz(vizFile(right))).toMatchObject({
      nodes: ['0.attn.q.1', '0.attn.q.3'],
      edges: 0,
    });
  });

  it.each([
    [
      'a place that no model has',
      { nodes: { '0.attn.y': [1] } },
      /'0\.attn\.y', which is not a place/,
    ],
    ['a channel below zero', { nodes: { '0.attn.q': [-1] } }, /something that is not a channel/],
    ['a node twice', { nodes: { '0.attn.q': [1, 1] } }, /names a node twice/],
    ['a loss below zero', { loss: -1 }, /loss is -1, which cannot be a loss/],
    ['a loss that is no number', { circuitLoss: NaN }, /interv_loss is not a number/],
    ['no losses', { loss: undefined }, /loss is not a number/],
    ['losses of other nodes', { lossWithout: { '0.attn.q': [1] } }, /1 losses for 2 nodes/],
  ])('with %s is refused in one line', (_, changed, message) => {
    const file = vizFile({ ...right, ...changed });
    expect(() => readViz(file)).toThrow(message);
    expect(() => readViz(file)).toThrow(ImportError);
  });

  it('of weights is refused', () => {
    expect(() => readViz(join(FOLDER, 'final_model.pt'))).toThrow(
      /circuit_data is not a dictionary/,
    );
  });

  it('with a channel that the model does not have is refused', () => {
    const file = vizFile({ ...right, nodes: { '0.attn.q': [99] } });
    expect(() => importCircuit(file, bundle, { task: 'else_elif' })).toThrow(
      /attn\.q has channels 0 to 15; choose its model/,
    );
  });
});
