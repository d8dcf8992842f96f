import { describe, expect, it } from 'vitest';
import {
  bridgeEvaluationGraph,
  bridgeLossGraph,
  bridgeTrainingGraph,
  bridgedPasses,
  divergence,
  FURTHER_TERMS,
  graphInputs,
  TERMS,
  type TermWeights,
} from '../../../models/bridges/graph';
import {
  bridgeGramGraph,
  bridgeMeasureGraph,
  gramOutput,
  placeOutput,
} from '../../../models/bridges/measure';
import {
  bridgeParameter,
  denseParameters,
  misfitOf,
  pairSpecs,
  type BridgedPair,
} from '../../../models/bridges/parameters';
import * as ops from '../../../models/graph/ops';
import { Rng } from '../../../models/random';
import { everySite } from '../../../models/transformer/config';
import { gradientOutput, LOSS_OUTPUT } from '../../../models/transformer/graphs';
import { placesOf } from '../../../models/transformer/model';
import type { Weights } from '../../../models/transformer/parameters';
import { array, expectClose } from '../../support/arrays';
import { pairFeeds, pairWeights, tinyPair } from '../../support/bridges';
import { differences, GRADIENT_TOLERANCE } from '../../support/checkGradient';
import { evaluate } from '../../support/evaluate';
import { logProbabilities } from '../../support/inference';
import { randomWeights, tinyConfig } from '../../support/models';
import { runOnnx } from '../../support/onnxGraph';
import { referenceForward, type Rows } from '../../support/reference';

const BATCH = 2;
const weightsOfTerms: TermWeights = {
  ...{ crossEntropy: 0.7, encoderError: 1.3, decoderError: 0.9 },
  ...{ denseToSparse: 1.1, sparseToDense: 0.6 },
};
const pair = tinyPair();
const weights = pairWeights(pair, 1);
const feeds = pairFeeds(pair, weights, BATCH);

/** The residual streams [place][pos][channel] of the reference, with the embedding before all. */
function streamsOf(config: BridgedPair['sparse'], own: Weights, tokens: readonly number[]): Rows[] {
  const { residual } = referenceForward(config, own, tokens);
  const embed = own.get('embed.weight')!;
  const { dModel } = config;
  const first = tokens.map((id) =>
    Float64Array.from(embed.subarray(id * dModel, (id + 1) * dModel)),
  );
  return residual.flatMap(({ afterAttention }, layer) => [
    layer === 0 ? first : residual[layer - 1].afterMlp,
    afterAttention,
  ]);
}

describe('the terms of a bridged pair', () => {
  const { terms } = bridgeLossGraph(pair, weightsOfTerms, BATCH);
  const found = evaluate(terms, feeds);
  const tokenRows = [0, 1].map((row) =>
    [...feeds.tokens.data].slice(row * pair.sparse.context, (row + 1) * pair.sparse.context),
  );
  const sparse = new Map([...weights]);
  const dense = denseParameters(weights);

  it('have the reference’s loss of the sparse model', () => {
    const targets = [...feeds.targets.data];
    const nats = tokenRows.flatMap((tokens, row) =>
      logProbabilities(referenceForward(pair.sparse, sparse, tokens).logits).map(
        (logprobs, pos) => -logprobs[targets[row * pair.sparse.context + pos]],
      ),
    );
    const mean = nats.reduce((a, b) => a + b) / nats.length;
    expectClose(found.crossEntropy, array([], [mean]), GRADIENT_TOLERANCE, 'loss');
  });

  it('have the error of decoders over the variance of the dense streams', () => {
    const perPlace = Array.from({ length: placesOf(pair.sparse) }, (_, place) => {
      const from = tokenRows.flatMap((t) => streamsOf(pair.sparse, sparse, t)[place]);
      const to = tokenRows.flatMap((t) => streamsOf(pair.dense, dense, t)[place]);
      const weight = weights.get(bridgeParameter(place, 'decoder', 'weight'))!;
      const bias = weights.get(bridgeParameter(place, 'decoder', 'bias'))!;
      const width = pair.dense.dModel;
      const mean = Array.from(
        { length: width },
        (_, c) => to.reduce((sum, row) => sum + row[c], 0) / to.length,
      );
      let [error, variance] = [0, 0];
      for (const [t, row] of from.entries()) {
        for (let c = 0; c < width; c++) {
          let y = bias[c];
          for (const [i, x] of row.entries()) y += x * weight[i * width + c];
          error += (y - to[t][c]) ** 2;
          variance += (to[t][c] - mean[c]) ** 2;
        }
      }
      return error / variance;
    });
    const expected = perPlace.reduce((a, b) => a + b) / perPlace.length;
    expectClose(found.decoderError, array([], [expected]), 1e-6, 'decoders');
  });

  it('have the divergence of the dense model’s prediction from those of hybrid passes, in this order', () => {
    const { inputs, choices } = graphInputs(pair, BATCH);
    const passes = bridgedPasses(pair, inputs, choices);
    const { denseToSparse, sparseToDense } = passes;
    const rows = evaluate({ dense: passes.dense.logprobs, denseToSparse, sparseToDense }, feeds);
    const { vocab } = pair.sparse;
    for (const term of ['denseToSparse', 'sparseToDense'] as const) {
      const [p, q] = [rows.dense.data, rows[term].data];
      let nats = 0;
      for (const [i, x] of p.entries()) nats += Math.exp(x) * (x - q[i]);
      const mean = (nats * vocab) / p.length;
      expect(mean).toBeGreaterThan(0.01);
      expectClose(found[term], array([], [mean]), GRADIENT_TOLERANCE, term);
    }
  });

  it('weighs a divergence by the first prediction, which the other is measured against', () => {
    const logs = (...shares: number[]) =>
      array(
        [1, 1, 2],
        shares.map((share) => Math.log(share)),
      );
    const given = { p: logs(0.5, 0.5), q: logs(0.9, 0.1) };
    const [p, q] = [ops.input('p', [1, 1, 2]), ops.input('q', [1, 1, 2])];
    const { nats } = evaluate({ nats: divergence(p, q) }, given);
    // 0.5 ln(0.5 / 0.9) + 0.5 ln(0.5 / 0.1); the other way round it is 0.368.
    expectClose(nats, array([], [0.5108256]), 1e-6, 'nats');
  });

  it('add up to the loss with their weights', () => {
    const { loss } = evaluate({ loss: bridgeLossGraph(pair, weightsOfTerms, BATCH).loss }, feeds);
    const sum = TERMS.reduce((all, term) => all + weightsOfTerms[term] * found[term].data[0], 0);
    expectClose(loss, array([], [sum]), GRADIENT_TOLERANCE, 'loss');
  });

  it('are those that held-out text is measured by', async () => {
    const outputs = await runOnnx(bridgeEvaluationGraph(pair, weightsOfTerms, BATCH), feeds);
    expect(Object.keys(outputs).sort()).toEqual([LOSS_OUTPUT, ...FURTHER_TERMS].sort());
    expectClose(outputs[LOSS_OUTPUT], found.crossEntropy, 1e-5, 'loss');
    for (const term of FURTHER_TERMS) expectClose(outputs[term], found[term], 1e-5, term);
  });

  it('depend on the places where the hybrid passes change model', () => {
    const moved = pairFeeds(pair, weights, BATCH, () => 3);
    const other = evaluate(terms, moved);
    for (const term of ['denseToSparse', 'sparseToDense'] as const) {
      expect(other[term].data[0]).not.toBe(found[term].data[0]);
    }
    expect(other.crossEntropy.data[0]).toBe(found.crossEntropy.data[0]);
  });
});

describe('gradients of a bridged pair', () => {
  const small = {
    ...{ layers: 1, dModel: 6, heads: 2, dHead: 3, dMlp: 8, vocab: 7, context: 4 },
    activationFraction: everySite(1),
  };
  const tiny: BridgedPair = {
    sparse: tinyConfig({ ...small, positions: 2 }),
    dense: tinyConfig({ ...small, dModel: 5, positions: 0 }),
    encoderKept: 4,
  };
  const own = pairWeights(tiny, 2);
  const given = pairFeeds(tiny, own, BATCH);

  it('are central differences of the loss', () => {
    const outputs = bridgeTrainingGraph(tiny, weightsOfTerms, BATCH);
    const results = evaluate(outputs, given);
    for (const { name } of pairSpecs(tiny).filter(({ trained }) => trained)) {
      const { data } = results[gradientOutput(name)];
      const entries = new Rng('entries', name).shuffle([...data.keys()]).slice(0, 1);
      const numeric = differences(outputs[LOSS_OUTPUT], given, name, entries);
      const analytic = Float64Array.from(entries, (entry) => data[entry]);
      const scale = Math.max(1, ...numeric.map(Math.abs));
      const size = [entries.length];
      const [a, n] = [analytic, numeric].map((x) =>
        array(
          size,
          x.map((y) => y / scale),
        ),
      );
      expectClose(a, n, 3 * GRADIENT_TOLERANCE, `gradient by ${name}`);
    }
  });

  it('are of the sparse model and the bridges, and never of the dense model', () => {
    const names = Object.keys(bridgeTrainingGraph(tiny, weightsOfTerms, BATCH));
    expect(names.filter((name) => name.startsWith('gradient.dense.'))).toEqual([]);
    expect(names).toContain(gradientOutput('layers.0.mlp.out.weight'));
    expect(names).toContain(gradientOutput(bridgeParameter(1, 'encoder', 'bias')));
    expect(names).not.toContain(gradientOutput('bigram.table'));
  });

  it('are nowhere zero for a whole parameter over windows that change model at every place', () => {
    const places = placesOf(tiny.sparse);
    const every = pairFeeds(tiny, own, places, (row) => row);
    const only = (term: keyof TermWeights) =>
      evaluate(bridgeTrainingGraph(tiny, { ...zero, [term]: 1 }, places), every);
    const bridges = (way: string) => Array.from({ length: places }, (_, i) => `bridge.${i}.${way}`);
    const zero = Object.fromEntries(TERMS.map((term) => [term, 0])) as Record<
      keyof TermWeights,
      number
    >;
    for (const [term, way] of [
      ['denseToSparse', 'encoder'],
      ['sparseToDense', 'decoder'],
      ['encoderError', 'encoder'],
      ['decoderError', 'decoder'],
    ] as const) {
      const results = only(term);
      for (const bridge of bridges(way)) {
        const { data } = results[gradientOutput(`${bridge}.weight`)];
        expect(
          data.some((x) => x !== 0),
          `${term} by ${bridge}`,
        ).toBe(true);
      }
    }
  });
});

describe('identity bridges between two equal models', () => {
  const config = tinyConfig();
  const same: BridgedPair = { sparse: config, dense: config, encoderKept: config.dModel };
  const model = randomWeights(config, 4);
  const identity = Float32Array.from({ length: config.dModel ** 2 }, (_, i) =>
    i % (config.dModel + 1) === 0 ? 1 : 0,
  );
  const own = new Map<string, Float32Array>();
  for (const { name, shape } of pairSpecs(same)) {
    const bridge = /^bridge\..*\.(weight|bias)$/.exec(name);
    const plain = model.get(name.replace(/^dense\./, ''))!;
    const part = bridge?.[1] === 'weight' ? identity : new Float32Array(shape[0]);
    own.set(name, bridge ? part : plain);
  }

  it('leave every hybrid pass the model’s own, and explain all', async () => {
    // Each window changes model at another place.
    const places = placesOf(config);
    const inputs = pairFeeds(same, own, places, (row) => row);
    const terms = await runOnnx(bridgeLossGraph(same, weightsOfTerms, places).terms, inputs);
    for (const term of FURTHER_TERMS) {
      expect(Math.abs(terms[term].data[0]), term).toBeLessThan(1e-5);
    }
    const measured = await runOnnx(bridgeMeasureGraph(same, places), inputs);
    for (const name of ['dense', 'denseToSparse', 'sparseToDense']) {
      expectClose(measured[name], measured.sparse, 1e-6, name);
    }
    for (let place = 0; place < places; place++) {
      expect(measured[placeOutput(place, 'encoder')].data[0]).toBeLessThan(1e-9);
      expect(measured[placeOutput(place, 'decoder')].data[0]).toBeLessThan(1e-9);
    }
  });
});

describe('products of channels', () => {
  it('are sums over all tokens, with a last channel that is 1', () => {
    const results = evaluate(bridgeGramGraph(pair, BATCH), feeds);
    const place = 3;
    const dense = denseParameters(weights);
    const rows = [0, 1].flatMap((row) => {
      const { context } = pair.sparse;
      const tokens = [...feeds.tokens.data].slice(row * context, (row + 1) * context);
      const [own, other] = [
        streamsOf(pair.sparse, weights, tokens)[place],
        streamsOf(pair.dense, dense, tokens)[place],
      ];
      return own.map((x, pos) => ({ sparse: [...x, 1], dense: [...other[pos], 1] }));
    });
    const sum = (from: 'sparse' | 'dense', to: 'sparse' | 'dense', columns: number) =>
      Array.from({ length: rows[0][from].length }, (_, i) =>
        Array.from({ length: columns }, (__, j) =>
          rows.reduce((all, row) => all + row[from][i] * row[to][j], 0),
        ),
      ).flat();
    const { sparse: s, dense: d } = { sparse: pair.sparse.dModel, dense: pair.dense.dModel };
    const check = (what: Parameters<typeof gramOutput>[1], expected: number[], shape: number[]) => {
      expectClose(results[gramOutput(place, what)], array(shape, expected), 1e-6, what);
    };
    check('sparse', sum('sparse', 'sparse', s + 1), [s + 1, s + 1]);
    check('dense', sum('dense', 'dense', d + 1), [d + 1, d + 1]);
    check('encoder', sum('dense', 'sparse', s), [d + 1, s]);
    check('decoder', sum('sparse', 'dense', d), [s + 1, d]);
  });
});

describe('two models', () => {
  it('are bridged only where their sizes allow it', () => {
    expect(misfitOf(pair)).toBeNull();
    const misfit = (sizes: Partial<typeof pair.dense>) =>
      misfitOf({ ...pair, dense: { ...pair.dense, ...sizes } });
    const { vocab, context } = pair.sparse;
    expect(misfit({ layers: 3 })).toBe('the dense model has 3 layers, the sparse model 2 layers');
    expect(misfit({ vocab: 7 })).toBe(
      `the dense model has a vocabulary of 7 tokens, the sparse model a vocabulary of ${vocab} tokens`,
    );
    expect(misfit({ context: 5 })).toBe(
      `the dense model has a context of 5 tokens, the sparse model a context of ${context} tokens`,
    );
    expect(misfitOf({ ...pair, encoderKept: 17 })).toContain('more than');
  });
});
