/** The edges of a prediction's circuit against the reference: what flows in is what is there. */
import { describe, expect, it } from 'vitest';
import { Neighbours } from '../../../models/weights/neighbours';
import { ModelEdges } from '../../../models/weights/edges';
import { circuitEdges, type Predicted } from '../../../models/circuits/token/assemble';
import { pattern, patternRow } from '../../../models/circuits/token/attention';
import type { Placed, TracedWindow } from '../../../models/circuits/token/traced';
import { everySite, siteWidth } from '../../../models/transformer/config';
import {
  activationSites,
  allSites,
  nodeName,
  parseNode,
  siteName,
} from '../../../models/transformer/nodes';
import { logProbabilities } from '../../support/inference';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';
import { gelu, referenceForward, type Rows } from '../../support/reference';

/** Traced activations are float32. */
const TOLERANCE = 1e-4;
const LENGTH = 5;
const ROW = LENGTH - 1;

const named = Object.entries(variants).map(([name, overrides], i) => {
  const config = tinyConfig(overrides);
  const weights = randomWeights(config, i + 1, 0.5);
  const ids = randomTokens(config, i, LENGTH);
  const { sites, logits } = referenceForward(config, weights, ids);
  const flat = (rows: Rows) => Float32Array.from(rows.flatMap((row) => [...row]));
  const window: TracedWindow = {
    ids: Int32Array.from(ids),
    sites: new Map([...sites].map(([site, rows]) => [site, flat(rows)])),
    start: 7,
  };
  return {
    name,
    config,
    weights,
    ids,
    sites,
    logits,
    window,
    model: new ModelEdges({ config, weights }),
  };
});
type Case = (typeof named)[number];

/** Every active node at every token. */
function everything({ config, sites }: Case): Placed[] {
  return activationSites(config).flatMap(({ layer, site, name }) =>
    sites.get(name)!.flatMap((values, row) =>
      Array.from(values.keys())
        .filter((index) => values[index] !== 0)
        .map((index) => ({ node: { layer, site, index }, row })),
    ),
  );
}

/** The prediction after the last token. */
function predicted({ logits }: Case, outputs: number[]): Predicted {
  return { row: ROW, outputs, logprobs: Float32Array.from(logProbabilities(logits)[ROW]) };
}

/** Sum of the contributions that each end gets, by `node@token`. */
function sums(one: Case, outputs: number[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { kind, to, toToken, contribution } of circuitEdges(
    one.model,
    one.window,
    everything(one),
    predicted(one, outputs),
  )) {
    if (kind === 'key' || kind === 'query') continue;
    const key = `${to}@${toToken}`;
    found.set(key, (found.get(key) ?? 0) + contribution);
  }
  return found;
}

/** Bias of a node, and its activation function. */
function making({ config, weights }: Case, { node }: Placed) {
  const part = {
    'attn.q': 'attn.q',
    'attn.k': 'attn.k',
    'attn.v': 'attn.v',
    'attn.resid_delta': 'attn.out',
    'mlp.post_act': 'mlp.in',
    'mlp.resid_delta': 'mlp.out',
  }[node.site as string];
  const bias = weights.get(`layers.${node.layer}.${part}.bias`)?.[node.index] ?? 0;
  if (node.site !== 'mlp.post_act') return { bias, act: (x: number) => x };
  return { bias, act: config.activation === 'gelu' ? gelu : (x: number) => Math.max(0, x) };
}

describe.each(named)('circuit edges: $name', (one) => {
  const { config, model, window, sites, logits } = one;

  it('add up, with the bias, to what each node holds, and to the logits less their mean', () => {
    const found = sums(one, [3, 9]);
    for (const placed of everything(one)) {
      const { node, row } = placed;
      if (node.site.endsWith('act_in') && node.index >= config.dModel) continue; // A position.
      const { bias, act } = making(one, placed);
      const value = sites.get(siteName(node.layer, node.site))![row][node.index];
      const sum = found.get(`${nodeName(node)}@${window.start + row}`) ?? 0;
      expect(Math.abs(act(sum + bias) - value), `${nodeName(node)} at ${row}`).toBeLessThan(
        TOLERANCE,
      );
    }
    const logprobs = logProbabilities(logits)[ROW];
    const mean = logits[ROW].reduce((sum, logit, id) => sum + Math.exp(logprobs[id]) * logit, 0);
    for (const id of [3, 9]) {
      const sum = found.get(`logit.${id}@${window.start + ROW}`) ?? 0;
      expect(Math.abs(sum - (logits[ROW][id] - mean))).toBeLessThan(TOLERANCE);
    }
  });

  it('have patterns that sum to 1, with the sink, and nothing from later tokens', () => {
    for (let layer = 0; layer < config.layers; layer++) {
      for (let head = 0; head < config.heads; head++) {
        const whole = pattern(model, window.sites, { layer, head }, LENGTH);
        for (let query = 0; query < LENGTH; query++) {
          const row = patternRow(model, window.sites, { layer, head }, query);
          expect(row).toHaveLength(query + 2);
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
          if (!config.sinks) expect(row[0]).toBe(0);
          const padded = [...row, ...Array<number>(LENGTH - query - 1).fill(0)];
          const own = whole.subarray(query * (LENGTH + 1), (query + 1) * (LENGTH + 1));
          own.forEach((share, i) => expect(share).toBeCloseTo(padded[i], 6));
        }
      }
    }
  });
});

it('edges of keys and queries are the derivative of what the head writes', () => {
  const config = tinyConfig({ activationFraction: everySite(1) });
  const one = named.find(({ name }) => name === 'dense activations')!;
  const edges = circuitEdges(one.model, one.window, everything(one), predicted(one, []));
  const moved = edges.filter(
    ({ kind, toToken }) => (kind === 'key' || kind === 'query') && toToken === 7 + ROW,
  );
  expect(moved.length).toBeGreaterThan(20);
  const step = 1e-4;
  for (const edge of moved.slice(0, 12)) {
    const node = parseNode(edge.from, config);
    const target = parseNode(edge.to, config);
    const write = (scale: number) => {
      const rows = (value: number) =>
        one.ids.map(() => Array<number>(siteWidth(config, node.site)).fill(value));
      const keep = rows(1);
      keep[edge.fromToken - 7][node.index] = scale;
      const edit = { [`${node.layer}.${node.site}`]: { keep, add: rows(0) } };
      const { sites } = referenceForward(config, one.weights, one.ids, edit);
      return sites.get(`${target.layer}.${target.site}`)![ROW][target.index];
    };
    const slope = (write(1 + step) - write(1 - step)) / (2 * step);
    expect(Math.abs(edge.contribution - slope), edge.from).toBeLessThan(TOLERANCE);
  }
});

describe('weights as a graph', () => {
  const { config, weights, model } = named[0];

  /** Input and output site of the matrices, written out from the model's equations. */
  const matrices = [
    ['attn.q', 'attn.act_in', 'attn.q'],
    ['attn.k', 'attn.act_in', 'attn.k'],
    ['attn.v', 'attn.act_in', 'attn.v'],
    ['attn.out', 'attn.v', 'attn.resid_delta'],
    ['mlp.in', 'mlp.act_in', 'mlp.post_act'],
    ['mlp.out', 'mlp.post_act', 'mlp.resid_delta'],
  ] as const;

  it('between nodes are the nonzero entries of both, counted one by one', () => {
    const all = allSites(config).flatMap(({ name, site }) =>
      Array.from({ length: siteWidth(config, site) }, (_, i) => `${name}.${i}`),
    );
    const nodes = all.filter((_, i) => i % 3 !== 0);
    const kept = new Set(nodes);
    const expected = new Map<string, number>();
    for (let layer = 0; layer < config.layers; layer++) {
      for (const [part, from, to] of matrices) {
        const data = weights.get(`layers.${layer}.${part}.weight`)!;
        const width = siteWidth(config, to);
        data.forEach((weight, at) => {
          const ends = [
            `${layer}.${from}.${Math.floor(at / width)}`,
            `${layer}.${to}.${at % width}`,
          ];
          if (weight !== 0 && ends.every((end) => kept.has(end))) expected.set(ends.join(), weight);
        });
      }
    }
    const found = model.edgesBetween([...nodes, ...nodes]);
    expect(new Map(found.map(({ from, to, weight }) => [`${from},${to}`, weight]))).toEqual(
      expected,
    );
    expect(found).toHaveLength(expected.size);
    expect(model.countEdges(nodes).edges).toBe(expected.size);
  });

  it('lead back from each end to the other', () => {
    const neighbours = new Neighbours(model);
    for (const name of [
      'embed.3',
      '0.attn.act_in.5',
      '0.attn.v.2',
      '0.attn.resid_delta.4',
      '1.mlp.act_in.7',
      '1.mlp.post_act.9',
      '1.mlp.resid_delta.1',
      'final.8',
    ]) {
      const out = neighbours.outgoing(name);
      expect(out.length, name).toBeGreaterThan(0);
      for (const { node, weight } of [...out, ...neighbours.incoming(name)]) {
        const back = [...neighbours.incoming(node), ...neighbours.outgoing(node)];
        expect(back.find((one) => one.node === name)?.weight, `${name} and ${node}`).toBe(weight);
      }
    }
  });
});
