import { describe, expect, it } from 'vitest';
import { circuitView } from '../../../extension/panel/circuitView';
import { factsView } from '../../../extension/panel/factsView';
import { pageHtml } from '../../../extension/panel/html';
import { lastColumn, placeOf } from '../../../extension/panel/nodeText';
import { predictionView } from '../../../extension/panel/predictionView';
import type { Snapshot } from '../../../extension/trace/documents';
import { SourceText } from '../../../extension/text/sourceText';
import type { TokenCircuit } from '../../../models/circuits/token/circuit';
import { allSites } from '../../../models/transformer/nodes';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const texts = ['a', ' b', '<script>', '\u202eabc', '](command:x)', '`', '\n'];
const snapshot = {
  ...{ uri: 'file:///a.py', version: 1, source: new SourceText('') },
  encoding: {
    ids: Uint16Array.from(texts.keys()),
    starts: new Uint32Array(7),
    ends: new Uint32Array(7),
  },
  info: { name: 'tiny', hash: 'h', config, tokenTexts: texts, texts, endOfText: 0 },
} as unknown as Snapshot;

const circuit: TokenCircuit = {
  ...{ bundle: 'h', position: 3, window: { start: -1, end: 4 } },
  ...{ target: { id: 4, contrast: null }, value: -1 },
  nodes: [
    { node: '0.attn.v.5', token: 2, activation: 1, effect: -2, estimate: 0 },
    { node: '1.mlp.post_act.7', token: 3, activation: -3, effect: 0.5, estimate: 0 },
  ],
  edges: [
    {
      kind: 'residual',
      from: 'embed',
      fromToken: 2,
      to: '0.attn.v.5',
      toToken: 2,
      weight: 1,
      contribution: 1,
    },
    {
      kind: 'logit',
      from: '1.mlp.post_act.7',
      fromToken: 3,
      to: 'logit.4',
      toToken: 3,
      weight: 2,
      contribution: -6,
    },
    {
      kind: 'weight',
      from: '1.attn.q.1',
      fromToken: 3,
      to: '1.mlp.post_act.7',
      toToken: 3,
      weight: 1,
      contribution: 1,
    },
  ],
  inputs: [{ token: 2, id: 2 }],
  outputs: [{ id: 4, node: 'logit.4', logprob: -1 }],
  hidden: { nodes: 40, measured: 10 },
};

describe('circuitView', () => {
  const view = circuitView(circuit, snapshot, { kind: 'mean' });

  it('has tokens read on the left, the token predicted on the right', () => {
    const columns = new Map(view.nodes.map(({ id, column }) => [id, column]));
    expect(columns.get('embed@2')).toBe(0);
    expect(columns.get('logit.4')).toBe(lastColumn(config));
    expect(columns.get('0.attn.v.5@2')!).toBeLessThan(columns.get('1.mlp.post_act.7@3')!);
  });

  it('names the token of a node at an earlier one, fit to be shown', () => {
    const [earlier, here] = ['0.attn.v.5@2', '1.mlp.post_act.7@3'].map((id) =>
      view.nodes.find((node) => node.id === id),
    );
    expect([earlier!.at, here!.at]).toEqual(['<script>', null]);
    expect(view.nodes.find(({ id }) => id === 'logit.4')!.label).toBe('](command:x)');
  });

  it('draws no edge whose end is not there, but counts it', () => {
    expect(view.edges).toHaveLength(2);
    expect(view.total).toEqual({ nodes: 42, edges: 3 });
  });

  it('takes a circuit without nodes', () => {
    const empty = { ...circuit, nodes: [], edges: [], inputs: [], outputs: [] };
    expect(circuitView(empty, snapshot, { kind: 'mean' }).nodes).toEqual([]);
  });
});

describe('placeOf', () => {
  it('follows the order of computation, whatever a head reads in one column', () => {
    const columns = allSites(config).map(
      ({ name }) => [name, placeOf(`${name}.0`, config).column] as const,
    );
    const sorted = [...columns].sort((a, b) => a[1] - b[1]).map(([name]) => name);
    const order = (name: string) => sorted.indexOf(name);
    const column = (site: string) => placeOf(`${site}.0`, config).column;
    expect(new Set(['0.attn.q', '0.attn.k', '0.attn.v'].map(column)).size).toBe(1);
    expect(order('0.attn.q')).toBeLessThan(order('0.attn.resid_delta'));
    expect(order('0.mlp.resid_delta')).toBeLessThan(order('1.attn.act_in'));
    expect(order('0.attn.resid_delta')).toBeLessThan(order('0.mlp.act_in'));
  });

  it('tells channels of a column apart', () => {
    expect(placeOf('0.attn.k.6', config).short).toBe('K1·2');
    expect(placeOf('0.mlp.post_act.6', config).short).toBe('6');
  });
});

describe('predictionView', () => {
  const trace = (best: number) => ({
    logprobs: Float32Array.from({ length: 7 }, (_, id) => (id === best ? -0.1 : -3 - id)),
    sites: [],
  });

  it('lists what was likeliest, what the ablations brought up, and the token asked about', () => {
    const compared = {
      before: trace(0),
      now: trace(6),
      target: { id: 5, contrast: 1 },
      observed: 5,
      compared: false,
      inForce: { ablations: 1, nodes: 1 },
    };
    const { candidates, logprob } = predictionView({ snapshot, reader: 6 }, compared);
    expect(candidates[0].text).toBe('a');
    expect(candidates.map(({ text }) => text)).toContain('\\n');
    expect(candidates.filter(({ target }) => target).map(({ text }) => text)).toEqual(['`']);
    expect(logprob.before).toBeCloseTo(-8 - -4);
    expect(candidates.filter(({ contrast }) => contrast).map(({ id }) => id)).toEqual([1]);
    expect(candidates[0].before).toBeCloseTo(Math.exp(-0.1));
  });
});

describe('pageHtml', () => {
  const html = pageHtml({ script: 's.js', sheet: 's.css', source: 'https://w', nonce: 'n0' });
  it('allows its own script and sheet, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-n0'");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect([...html.matchAll(/<script /g)]).toHaveLength(1);
  });
});

it('a card calls what its weights join by the label for what they carry there', () => {
  const facts = {
    ...{ mean: 0, examples: null, labels: null, readCount: 1, writeCount: 3 },
    ...{ promotes: [], suppresses: [], excitedBy: [], inhibitedBy: [] },
    reads: [{ node: '0.mlp.act_in.1', weight: 0.5 }],
    writes: [
      { node: '1.attn.act_in.2', weight: 1 },
      { node: '1.mlp.act_in.2', weight: 1 },
      { node: 'logit.3', weight: -1 },
    ],
  };
  const bundled = sampleLabels(['comma', 'a name', 'colon'], {
    '0.mlp.act_in.1': { positive: sampleLabel([1]), negative: sampleLabel([2]) },
    '1.attn.act_in.2': { positive: sampleLabel([1]), negative: sampleLabel([3]) },
    '1.mlp.act_in.2': { positive: sampleLabel([1]) },
  });
  const about = (given: ReadonlyMap<string, string>) => {
    const around = { activation: -2, activationOf: () => 3, names: { given, bundled } };
    const { reads, writes } = factsView(facts, snapshot, around);
    return [...reads, ...writes].map((one) => one.about);
  };
  // It reads a node that is on, and pushes those that it writes to below nought.
  expect(about(new Map())).toEqual(['comma', 'colon', null, null]);
  expect(about(new Map([['1.mlp.act_in.2', 'mine']]))).toEqual(['comma', 'colon', '“mine”', null]);
});
