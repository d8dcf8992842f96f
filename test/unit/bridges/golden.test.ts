/** Bridged models of another project against what that project's own code computes on them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bridgedPasses,
  decode,
  encode,
  graphInputs,
  pass,
  TO_DENSE,
  TO_SPARSE,
} from '../../../models/bridges/graph';
import {
  bridgeParameter,
  denseParameters,
  givenWeights,
  type BridgedPair,
} from '../../../models/bridges/parameters';
import { decodeSafetensors } from '../../../models/bundles/safetensors';
import type { Value } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';
import { openCheckpoint } from '../../../models/import/checkpoint';
import { everySite, type TransformerConfig } from '../../../models/transformer/config';
import { placesOf } from '../../../models/transformer/model';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { logSoftmax } from '../../support/inference';
import { runOnnx } from '../../support/onnxGraph';

/** Float32 by two programs: a right one is off by 3e-6. */
const TOLERANCE = 1e-4;
const FOLDER = 'test/fixtures/sparse-pretrain-bridge';
const [WINDOWS, CONTEXT, KEPT] = [2, 20, 8];

const common = {
  layers: 2,
  dHead: 8,
  vocab: 64,
  context: CONTEXT,
  norm: 'rms',
  normEpsilon: 2 ** -23,
  activation: 'gelu',
  biases: true,
  sinks: true,
  recency: false,
  bigram: 'none',
  tiedEmbeddings: false,
  positions: 0,
} as const;
const pair: BridgedPair = {
  sparse: { ...common, dModel: 32, heads: 4, dMlp: 64, activationFraction: everySite(0.25) },
  dense: { ...common, dModel: 16, heads: 2, dMlp: 32, activationFraction: everySite(1) },
  encoderKept: KEPT,
};
const places = [...Array(placesOf(pair.sparse)).keys()];
/** Theirs has one more, after the last layer. */
const sites = [...places, places.length];

/** A matrix [output, input] of theirs as one of ours, [input, output]. */
function turned(data: Float32Array, outputs: number): Float32Array {
  const inputs = data.length / outputs;
  return data.map((_, i) => data[(i % outputs) * inputs + Math.floor(i / outputs)]);
}

/** A model of theirs by the names of ours. */
function modelOf(file: string, config: TransformerConfig): Map<string, Float32Array> {
  const checkpoint = openCheckpoint(join(FOLDER, file));
  const weights = new Map<string, Float32Array>();
  const linear = (theirs: string, ours: readonly string[]) => {
    const [outputs] = checkpoint.shapes.get(`${theirs}.weight`)!;
    const [matrix, bias] = ['weight', 'bias'].map((part) => checkpoint.floats(`${theirs}.${part}`));
    const [size, part] = [matrix.length, outputs].map((whole) => whole / ours.length);
    for (const [i, name] of ours.entries()) {
      weights.set(`${name}.weight`, turned(matrix.subarray(i * size, (i + 1) * size), part));
      weights.set(`${name}.bias`, bias.slice(i * part, (i + 1) * part));
    }
  };
  weights.set('embed.weight', checkpoint.floats('wte.weight'));
  for (let layer = 0; layer < config.layers; layer++) {
    const [theirs, ours] = [`blocks.${layer}`, `layers.${layer}`];
    weights.set(`${ours}.attn.norm.gain`, checkpoint.floats(`${theirs}.ln_1.weight`));
    weights.set(`${ours}.mlp.norm.gain`, checkpoint.floats(`${theirs}.ln_2.weight`));
    weights.set(`${ours}.attn.sink`, checkpoint.floats(`${theirs}.attn.attn_fn.sink_logit`));
    linear(
      `${theirs}.attn.c_attn`,
      ['q', 'k', 'v'].map((which) => `${ours}.attn.${which}`),
    );
    linear(`${theirs}.attn.c_proj`, [`${ours}.attn.out`]);
    linear(`${theirs}.mlp.c_fc`, [`${ours}.mlp.in`]);
    linear(`${theirs}.mlp.c_proj`, [`${ours}.mlp.out`]);
  }
  weights.set('final.norm.gain', checkpoint.floats('ln_f.weight'));
  weights.set('unembed.weight', turned(checkpoint.floats('lm_head.weight'), config.vocab));
  checkpoint.close();
  return weights;
}

function bridgesOf(): [string, Float32Array, number[]][] {
  const checkpoint = openCheckpoint(join(FOLDER, 'bridges.bin'));
  const all = sites.flatMap((site) =>
    (['encoder', 'decoder'] as const).flatMap((part): [string, Float32Array, number[]][] => {
      const theirs = `bridges.${site}.${part}.linear`;
      const [outputs, inputs] = checkpoint.shapes.get(`${theirs}.weight`)!;
      const weight = turned(checkpoint.floats(`${theirs}.weight`), outputs);
      return [
        [bridgeParameter(site, part, 'weight'), weight, [inputs, outputs]],
        [bridgeParameter(site, part, 'bias'), checkpoint.floats(`${theirs}.bias`), [outputs]],
      ];
    }),
  );
  checkpoint.close();
  return all;
}

const golden = (file: string) => {
  const { tensors } = decodeSafetensors(readFileSync(join(FOLDER, file)), file);
  return (name: string): NdArray => array(tensors.get(name)!.shape, tensors.get(name)!.data);
};
const bridged = golden('bridges.safetensors');
const plain = golden('activations.safetensors');

/** Predictions at the last position [window, vocab]. */
function last({ shape: [windows, pos, width], data }: NdArray): NdArray {
  const rows = Array.from({ length: windows }, (_, i) => {
    const end = (i + 1) * pos * width;
    return [...data.subarray(end - width, end)];
  });
  return array([windows, width], rows.flat());
}

describe('bridged models of another project', () => {
  const { inputs, choices, specs } = graphInputs(pair, WINDOWS);
  const denseInputs = { ...inputs, parameters: denseParameters(inputs.parameters) };
  /** AbsTopK of the residual stream, which their sparse models may have. */
  const cut = (x: Value) => ops.where(ops.topKMask(x, KEPT), x, 0);
  const feeds: Record<string, NdArray> = { tokens: bridged('tokens') };
  beforeAll(() => {
    const weights = new Map([
      ...modelOf('sparse_model.bin', pair.sparse),
      ...givenWeights(modelOf('dense_model.bin', pair.dense)),
    ]);
    for (const { name, shape } of specs) {
      if (weights.has(name)) feeds[name] = array(shape, weights.get(name)!);
    }
    for (const [name, data, shape] of bridgesOf()) feeds[name] = array(shape, data);
  });

  it('have the residual streams and the predictions of both models', async () => {
    const own: Value[] = [];
    const sparse = pass(pair.sparse, inputs, (place, x) => {
      own[place] = x;
      return cut(x);
    });
    const dense = pass(pair.dense, denseInputs);
    const found = await runOnnx(
      {
        ...Object.fromEntries(
          places.flatMap((place) => [
            [`dense.site.${place}`, dense.streams[place]],
            [`sparse.site.${place}`, own[place]],
            [`sparse.site.${place}.after_topk`, sparse.streams[place]],
          ]),
        ),
        dense: dense.logprobs,
        sparse: sparse.logprobs,
        uncut: pass(pair.sparse, inputs).logprobs,
      },
      feeds,
    );
    for (const place of places) {
      for (const name of [`dense.site.${place}`, `sparse.site.${place}`]) {
        expectClose(found[name], bridged(name), TOLERANCE, name);
      }
      const after = `sparse.site.${place}.after_topk`;
      expectClose(found[after], bridged(after), TOLERANCE, after);
    }
    expectClose(found.dense, logSoftmax(bridged('dense.logits')), TOLERANCE, 'dense');
    expectClose(found.sparse, logSoftmax(plain('logits')), TOLERANCE, 'sparse');
    const eight = logSoftmax(bridged('sparse.logits.eight_places'));
    expectClose(found.uncut, eight, TOLERANCE, 'eight places');
  });

  it('have what every encoder and every decoder makes of a stream', async () => {
    const stream = (model: 'sparse' | 'dense', site: number) =>
      ops.input(`${model}.site.${site}`, [WINDOWS, CONTEXT, pair[model].dModel]);
    const parameters = new Map(
      bridgesOf().map(([name, , shape]) => [name, ops.input(name, shape)]),
    );
    const outputs = sites.flatMap((site) => [
      [`encoded.${site}`, encode(pair, { parameters }, site, stream('dense', site))] as const,
      [`decoded.${site}`, decode({ parameters }, site, stream('sparse', site))] as const,
    ]);
    const streams = sites.flatMap((site) =>
      (['sparse', 'dense'] as const).map((model) => `${model}.site.${site}`),
    );
    const given = Object.fromEntries(streams.map((name) => [name, bridged(name)]));
    const found = await runOnnx(Object.fromEntries(outputs), { ...feeds, ...given });
    for (const [name] of outputs) {
      expectClose(found[name], bridged(name), TOLERANCE, name);
      if (!name.startsWith('encoded')) continue;
      const kept = found[name].data.filter((x) => x !== 0).length;
      expect(kept, name).toBe(WINDOWS * CONTEXT * KEPT);
    }
  });

  it('have the passes that go from the dense model to the sparse one, and back', async () => {
    const { denseToSparse } = bridgedPasses(pair, inputs, choices);
    // Their sparse model has its stream cut before it is read and left, and whole where it is decoded.
    const own: Value[] = [];
    pass(pair.sparse, inputs, (place, x) => {
      own[place] = x;
      return cut(x);
    });
    const back = places.map((at) => {
      const { logprobs } = pass(pair.dense, denseInputs, (place, x) =>
        place === at ? decode(inputs, at, own[at]) : x,
      );
      return [`back.${at}`, logprobs] as const;
    });
    for (const place of places) {
      const choice = array(
        [WINDOWS, places.length],
        Array.from({ length: WINDOWS }, () => places.map((at) => (at === place ? 1 : 0))).flat(),
      );
      const found = await runOnnx(
        { denseToSparse, ...Object.fromEntries(back) },
        { ...feeds, [TO_SPARSE]: choice, [TO_DENSE]: choice },
      );
      const check = (actual: NdArray, name: string) => {
        const expected = logSoftmax(bridged(`logits.${name}.${place}.last`));
        expectClose(last(actual), expected, TOLERANCE, `${name} at ${place}`);
      };
      check(found.denseToSparse, 'dense_then_sparse');
      check(found[`back.${place}`], 'sparse_then_dense');
    }
  });
});
