/** What a circuit's story is made of, against plain computations on tiny models. */
import { describe, expect, it } from 'vitest';
import { ModelEdges } from '../../../models/weights/edges';
import { nodeTokens } from '../../../models/circuits/token/facts';
import { pushes } from '../../../models/labels/explain/answers';
import { storyJson, tellCircuit } from '../../../models/labels/explain/circuit';
import { headsOf, readHead } from '../../../models/labels/explain/heads';
import { circuitMarkdown } from '../../../models/labels/explain/markdown';
import { contrastOf, type PairReading } from '../../../models/labels/explain/readings';
import { wiringOf } from '../../../models/labels/explain/wiring';
import type { Prompt } from '../../../models/tasks/prompts';
import { siteWidth } from '../../../models/transformer/config';
import { allSites, nodeName, parseNode, siteName } from '../../../models/transformer/nodes';
import { sampleCircuit } from '../../support/circuits';
import { randomTokens, randomWeights, tinyConfig } from '../../support/models';
import { referenceForward, type Rows } from '../../support/reference';

const config = tinyConfig();
const weights = randomWeights(config, 3, 0.5);
const model = new ModelEdges({ config, weights });
const flat = (rows: Rows) => Float32Array.from(rows.flatMap((row) => [...row]));

/** Pairs of random prompts whose third token differs. */
const pairs = Array.from({ length: 4 }, (_, i): PairReading => {
  const tokens = randomTokens(config, i, 6);
  const side = (sign: 1 | -1) => {
    const own = Int32Array.from(tokens);
    own[2] = sign === 1 ? 1 : 2;
    const prompt: Prompt = { tokens: own, first: 7, second: 9, sign };
    const { sites } = referenceForward(config, weights, [...own]);
    return { prompt, sites: new Map([...sites].map(([site, rows]) => [site, flat(rows)])) };
  };
  return [side(1), side(-1)];
});

const everyNode = allSites(config).flatMap(({ layer, site }) =>
  Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
);

describe('what the writes say to the answers', () => {
  it('is, with what the token itself and the table say, what the model says', () => {
    const sum = pushes(model, everyNode, pairs).reduce((total, { nats }) => total + nats, 0);
    let expected = 0;
    for (const { prompt } of pairs.flat()) {
      const { tokens, first, second, sign } = prompt;
      const { logits } = referenceForward(config, weights, [...tokens]);
      const last = tokens.at(-1)!;
      const table = weights.get('bigram.table')!.subarray(last * config.vocab);
      const row = logits.at(-1)!;
      const said = row[first] - row[second] - (table[first] - table[second]);
      expected += (sign * (said - embedded(prompt))) / (2 * pairs.length);
    }
    expect(sum).toBeCloseTo(expected, 4);
    expect(Math.abs(expected)).toBeGreaterThan(1e-3);
  });

  /** The part of the difference that the last token's own embedding makes. */
  function embedded({ tokens, first, second }: Prompt): number {
    const { sites } = referenceForward(config, weights, [...tokens]);
    const last = tokens.at(-1)!;
    const stream = Array.from({ length: config.dModel }, (_, c) => {
      let sum = model.embedding(last, c);
      for (const { site, name } of allSites(config)) {
        if (site.endsWith('resid_delta')) sum += sites.get(name)!.at(-1)![c];
      }
      return sum;
    });
    const rms = Math.sqrt(stream.reduce((a, x) => a + x * x, 0) / config.dModel + 1e-5);
    return stream.reduce((total, _, c) => {
      const lean = model.unembedding(c, first) - model.unembedding(c, second);
      return total + (model.embedding(last, c) / rms) * model.gain('final', c) * lean;
    }, 0);
  }
});

describe('a node on pairs', () => {
  it('is read where its sides differ most', () => {
    const sites = (values: number[][]) => new Map([['s', Float32Array.from(values.flat())]]);
    const prompt = (sign: 1 | -1, tokens: number[]) => ({
      ...{ tokens: Int32Array.from(tokens), first: 1, second: 2, sign },
    });
    const pair: PairReading = [
      { prompt: prompt(1, [0, 5, 8]), sites: sites([[9, 1], [9, 4], [9, 2]]) }, // prettier-ignore
      { prompt: prompt(-1, [0, 6, 8]), sites: sites([[9, 1], [9, -1], [9, 1]]) }, // prettier-ignore
    ];
    expect(contrastOf([pair, pair], 's', 1, 2)).toEqual({
      ...{ a: 4, b: -1, last: 0 },
      tokens: { a: 5, b: 6, pairs: 2 },
    });
    // Where nothing differs, at the last token.
    expect(contrastOf([pair], 's', 0, 2)).toMatchObject({ a: 9, b: 9, last: 1 });
  });
});

describe('a head on pairs', () => {
  it('has a score that its channels and the distance make up', () => {
    const every = everyNode.filter(({ layer }) => layer === 1);
    const heads = headsOf(every, config.dHead);
    expect(heads.map(({ head }) => head)).toEqual([0, 1, 2, 3]);
    for (const head of heads) {
      const all = Array.from({ length: config.dModel }, (_, c) => c);
      const found = readHead(model, head, pairs, all);
      expect(found.byNodes + found.recency).toBeCloseTo(found.score, 5);
      expect(found.share).toBeGreaterThan(0);
      expect(found.share + found.sink).toBeLessThanOrEqual(1 + 1e-9);
      expect(found.sinkLogit).toBe(weights.get('layers.1.attn.sink')![head.head]);
      // In the weights it is for every 16 tokens.
      expect(found.slope).toBe(weights.get('layers.1.attn.recency')![head.head] / 16);
      expect(found.to[0].count).toBeGreaterThan(0);
      expect(found.prompts).toBe(8);
    }
  });

  it('with few nodes has the part that these make', () => {
    const [head] = headsOf([parseNode('1.attn.q.5', config)], config.dHead);
    expect(head).toEqual({ layer: 1, head: 1, q: [1], k: [], v: [] });
    const found = readHead(model, head, pairs, [0]);
    expect(found.channels.map(({ channel }) => channel)).toEqual([1]);
    expect(found.byNodes).toBe(found.channels[0].product);
  });
});

const core = everyNode.filter(({ index }) => index % 3 === 0).map(nodeName);
const circuit = sampleCircuit({
  core,
  backups: ['1.mlp.post_act.7'],
  edges: model.edgesBetween(core).slice(0, 9),
  allEdges: model.edgesBetween(core).length,
});

describe('the wiring of a circuit', () => {
  it('counts what the edges of the model say', () => {
    const { touching, joining, degrees, feeds } = wiringOf(model, circuit);
    expect(joining).toBe(circuit.allEdges);
    const set = new Set(core);
    const all = model.edgesBetween(everyNode.map(nodeName));
    expect(touching).toBe(all.filter(({ from, to }) => set.has(from) || set.has(to)).length);
    const node = circuit.edges[0].to;
    expect(degrees.get(node)!.model).toBe(
      all.filter(({ from, to }) => from === node || to === node).length,
    );
    expect([...degrees.values()].reduce((sum, { kept }) => sum + kept, 0)).toBe(18);
    const read = '1.attn.act_in.3';
    expect(feeds.get(read)).toEqual(
      ['0.attn.resid_delta.3', '0.mlp.resid_delta.3'].map((from) => ({ node: from, weight: null })),
    );
    expect(feeds.get('1.mlp.act_in.3')!.map(({ node: from }) => from)).toContain(
      '1.attn.resid_delta.3',
    );
    expect(feeds.get('0.attn.act_in.3')).toEqual([]);
  });
});

describe('a story', () => {
  const told = { name: 'a_task', description: 'What *decides* is `a_b`.', circuit, model, pairs };
  const textOf = (id: number) => `t${id}`;

  it('tells every node once, in the order of computation, and every link leads to one', () => {
    const story = tellCircuit({ ...told, labels: null, textOf });
    expect(story.parts.flatMap(({ nodes }) => nodes.map(({ node }) => node))).toHaveLength(core.length); // prettier-ignore
    expect(storyJson(story).parts.map(({ title }) => title)).toEqual([
      ...['Layer 0, attention', 'Layer 0, MLP', 'Layer 1, attention', 'Layer 1, MLP'],
    ]);
    const text = circuitMarkdown(story);
    const ids = new Set(Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id]) => id));
    const links = Array.from(text.matchAll(/\]\(#([^)]+)\)/g), ([, id]) => id);
    expect(ids.size).toBe(core.length);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(text).toContain('What \\*decides\\* is `a_b`.');
    expect(text).toContain(
      `${circuit.allEdges} of them connect two of the nodes, and the circuit uses 9.`,
    );
    expect(text).toContain('has no labels');
    expect(text).toContain('not proven');
    expect(text).toContain('1 backup:');
  });

  it('tells all nodes, those that say nothing in one line, and none is left out', () => {
    const flat = pairs.map(([one]) => [one, one] as const);
    const bare = { ...circuit, edges: [] };
    const story = tellCircuit({ ...told, circuit: bare, pairs: flat, labels: null, textOf });
    const quiet = story.parts.flatMap(({ nodes }) => nodes).filter(({ quiet }) => quiet !== null);
    expect(quiet).toHaveLength(core.filter((node) => !/sink|recency/.test(node)).length);
    const text = circuitMarkdown(story);
    const ids = Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(core.length);
    expect(ids).toHaveLength(core.length);
    expect(text).toMatch(/\n- \d+ more are nearly the same on both sides of the pairs, and the circuit uses none of their weights: <a id/); // prettier-ignore
    // A node with a weight that the circuit uses is told by itself.
    const used = tellCircuit({ ...told, pairs: flat, labels: null, textOf });
    const ends = new Set(circuit.edges.flatMap(({ from, to }) => [from, to]));
    for (const { node, quiet } of used.parts.flatMap(({ nodes }) => nodes)) {
      if (ends.has(node)) expect(quiet).toBeNull();
    }
  });

  it('calls a node without a label by its weights, for the sign that it has on the pairs', () => {
    const story = tellCircuit({ ...told, labels: null, textOf });
    const text = circuitMarkdown(story);
    const { drawing } = story;
    for (const name of ['1.mlp.act_in.3', '1.mlp.post_act.6', '1.mlp.resid_delta.0']) {
      const { layer, site, index } = parseNode(name, config);
      const { a, b } = contrastOf(pairs, siteName(layer, site), index, siteWidth(config, site));
      const up = (Math.abs(a) > Math.abs(b) ? a : b) >= 0;
      const tokens = nodeTokens(model, name, 1);
      const [read] = up ? tokens.excitedBy : tokens.inhibitedBy;
      const [raised] = up ? tokens.promotes : tokens.suppresses;
      const [reads, raises] = [read, raised].map((one) => one && `t${one.id}`);
      const of = (quote: (token: string) => string) =>
        raises ? `${reads ? `${quote(reads)} ` : ''}→ ${quote(raises)}` : `reads ${quote(reads)}`;
      expect(text).toContain(`**${name.replace('_', '\\_')}** No label was accepted. By its weights alone: ${of((token) => `\`${token}\``)}.`); // prettier-ignore
      const drawn = drawing.nodes.find(({ node }) => node === name);
      if (drawn) expect(drawn.known).toBe(of((token) => `‘${token}’`));
    }
    expect(drawing.nodes.some(({ known }) => known?.includes('→'))).toBe(true);
  });

  it('says of labelled nodes what they detect with its scores, of others that none was accepted', () => {
    const [name] = core;
    const label = {
      ...{ terms: [-1], threshold: 0.5, correlation: 0.6, auroc: 0.91, f1: 0.7 },
      ...{ precision: 0.8, recall: 0.6, strongest: 0.9, tokenOnly: 0.4 },
      causal: {
        loss: { where: 0.12, elsewhere: 0.01, standardError: 0.02 },
        prediction: { where: 0.2, elsewhere: 0.003, standardError: 0.01 },
      },
    };
    const labels = {
      ...{ format: 2 as const, text: { windows: 2, context: 12, seed: 1, files: 1 } },
      ablations: 1,
      accepted: { correlation: 0.3, tried: 1, chance: { tried: 1, accepted: 0 } },
      concepts: ['inside [ ]'],
      nodes: { [name]: { positive: label, negative: label } },
    };
    const story = tellCircuit({ ...told, labels, textOf });
    const text = circuitMarkdown(story);
    expect(text).toContain(`1 of its ${core.length} nodes have an accepted label.`);
    expect(text).toContain(
      'Detects not inside \\[ \\] (AUROC 0.91, F1 0.70; ablation changes predictions by 0.20 nats where it holds and 0.003 elsewhere, the loss by +0.12 and +0.010).',
    );
    expect(text).not.toContain('Its strongest activations are elsewhere.');
    const elsewhere = { ...label, strongest: 0.3 };
    const weak = { ...labels, nodes: { [name]: { positive: elsewhere, negative: elsewhere } } };
    expect(circuitMarkdown(tellCircuit({ ...told, labels: weak, textOf }))).toContain(
      'the loss by +0.12 and +0.010). Its strongest activations are elsewhere.',
    );
    const detecting = core.filter((node) => !/sink|recency/.test(node));
    // Told one by one or in a line with others, a node without a label says so.
    const said = JSON.stringify(storyJson(story));
    expect(said.split('No label was accepted.')).toHaveLength(detecting.length);
    const lines = text.split('\n').filter((line) => /nearly the same on both sides of the pairs, and/.test(line)); // prettier-ignore
    const quiet = lines.flatMap((line) => [...line.matchAll(/<\/a>[^,]*/g)].map(([one]) => one));
    expect(quiet.length).toBeGreaterThan(0);
    // As the panel calls it: by the tokens that its weights read and raise most.
    for (const one of quiet)
      expect(one).toMatch(/\((no label|not inside|reads `t\d+`|(`t\d+` )?→ `t\d+`)/);
  });
});
