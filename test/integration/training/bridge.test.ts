import { fromHalves, toHalves } from '../../../models/halves';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { givenWeights, pairSpecs } from '../../../models/bridges/parameters';
import { readBundle } from '../../../models/bundles/bundle';
import { leastSquaresBridges } from '../../../models/training/bridgeStart';
import { bridgeTable } from '../../../models/training/bridgeTable';
import { exportBundle } from '../../../models/training/export';
import { trainingSource, type GivenModel, type TrainingData } from '../../../models/training/start';
import { checkpointFile, type TrainResult } from '../../../models/training/train';
import { meanWindows, measuringWindows } from '../../../models/training/windows';
import { everySite } from '../../../models/transformer/config';
import { freshWeights, parameterSpecs } from '../../../models/transformer/parameters';
import { randomWeights } from '../../support/models';
import { curve, expectSameWeights, PATIENCE, run, runFolder, tinyData, tinyRun } from './tiny';

const STEPS = 10;
const weights = {
  crossEntropy: 1,
  encoderError: 1,
  decoderError: 1,
  denseToSparse: 1,
  sparseToDense: 1,
};
const config = tinyRun({
  ...{ steps: STEPS, evalEvery: 5, evalWindows: 4, checkpointEvery: 3 },
  bridge: { dense: 'other', encoderKept: 12, weights },
});
const denseConfig = { ...config.model, dModel: 12, activationFraction: everySite(1) };
const dense: GivenModel = {
  ...{ name: 'other', hash: 'a'.repeat(64), config: denseConfig },
  weights: randomWeights(denseConfig, 9),
};
const data: TrainingData = { ...tinyData(), dense };
const { at, remove } = runFolder();

/** The run that nothing disturbs. */
let whole: TrainResult;
beforeAll(async () => {
  whole = await run(at('whole'), data, { config });
}, PATIENCE);
afterAll(remove);

describe('a bridged run', { timeout: PATIENCE }, () => {
  it('lowers what it is held to, and says each term of held-out text', () => {
    const steps = curve(at('whole'));
    expect(steps[STEPS - 1].loss).toBeLessThan(steps[0].loss - 0.1);
    const { heldOut } = steps[STEPS - 1];
    for (const text of ['ordinary', 'idioms'] as const) {
      expect(Object.keys(heldOut!.terms![text]).sort()).toEqual(
        ['decoderError', 'denseToSparse', 'encoderError', 'sparseToDense'].sort(),
      );
      for (const value of Object.values(heldOut!.terms![text])) expect(value).toBeGreaterThan(0);
    }
  });

  it('starts bridges as they are fitted, and only what it is not given', async () => {
    const name = 'bridge.1.decoder.bias';
    const seen: string[] = [];
    const fit = (all: ReadonlyMap<string, Float32Array>, windows: Int32Array) => {
      seen.push(...all.keys());
      expect(windows.length % config.model.context).toBe(0);
      const sevens = all.get(name)!.map(() => 7);
      return Promise.resolve(new Map([name, 'final.norm.gain'].map((one) => [one, sevens])));
    };
    const from = new Map([['final.norm.gain', new Float32Array(config.model.dModel).fill(2)]]);
    const signal = AbortSignal.abort();
    const { weights: start } = await run(at('fitted'), data, { config, fit, from, signal });
    expect(new Set(start.get(name))).toEqual(new Set([7]));
    expect(new Set(start.get('final.norm.gain'))).toEqual(new Set([2]));
    expect(seen).toContain('dense.layers.0.mlp.in.weight');
  });

  it('trains the sparse model and the bridges, keeps the model sparse and the bridges whole', () => {
    for (const { name, sparse, trained } of parameterSpecs(config.model)) {
      if (!sparse || !trained) continue;
      const numbers = whole.weights.get(name)!;
      expect(numbers.filter(Boolean).length, name).toBe(numbers.length / 4);
    }
    const bridge = whole.weights.get('bridge.2.encoder.weight')!;
    expect(bridge.every((x) => x !== 0)).toBe(true);
    expect([...whole.weights.keys()].filter((name) => name.startsWith('dense.'))).toEqual([]);
  });

  it('goes on after a stop as if nothing had happened', async () => {
    const controller = new AbortController();
    const stopped = await run(at('stopped'), data, {
      config,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 4) controller.abort();
      },
    });
    expect(stopped.finished).toBe(false);
    const resumed = await run(at('stopped'), data, { config, resume: true });
    expect(curve(at('stopped'))).toEqual(curve(at('whole')));
    expectSameWeights(resumed.weights, whole.weights);
  });

  it('is not continued beside another dense model', async () => {
    const other = { ...data, dense: { ...dense, hash: 'b'.repeat(64) } };
    await expect(run(at('whole'), other, { config, resume: true })).rejects.toThrow(
      `${checkpointFile(at('whole'))} was trained with another dense model, aaaaaaaaaaaa; choose another --out`,
    );
  });

  it('ends in a bundle of the sparse model with its bridges and what they are worth', async () => {
    const windows = measuringWindows(trainingSource(config, data), data.heldOutStream);
    const few = (ids: Int32Array) => ids.slice(0, 12 * config.model.context);
    const batch = {
      tokens: few(windows.ordinary.tokens),
      targets: few(windows.ordinary.targets),
    };
    await exportBundle({
      ...{ config, dense, weights: whole.weights, tokenizerJson: data.tokenizerJson, from: null },
      ...{ corpus: {}, bundleDir: at('bundle') },
      windows: {
        ...{ ordinary: batch, idioms: batch, newer: null },
        ...{ means: few(windows.means), examples: few(windows.examples) },
      },
      run: { command: 'x', engine: 'y', steps: STEPS, tokens: 1, minutes: 1 },
    });
    const { bridges, card, weights: model } = readBundle(at('bundle'));
    expect(bridges).toMatchObject({ name: 'other', hash: dense.hash, dModel: 12, encoderKept: 12 });
    const trained = (name: string) => [...whole.weights.get(name)!];
    // Stored with 16 bits a number.
    const decoder = toHalves(Float32Array.from(trained('bridge.3.decoder.weight')));
    expect([...bridges!.weights.get('bridge.3.decoder.weight')!]).toEqual([...fromHalves(decoder)]);
    expect([...model.get('layers.0.mlp.in.weight')!]).toEqual(trained('layers.0.mlp.in.weight'));
    const pair = { sparse: config.model, dense: denseConfig, encoderKept: 12 };
    const all = new Map([...whole.weights, ...bridges!.weights, ...givenWeights(dense.weights)]);
    const table = await bridgeTable(pair, all, batch);
    expect(card.summary).toMatch(/^A .* It is bridged to other\.$/);
    expect(card.bridges).toMatchObject({
      ...{ dense: 'other', denseHash: dense.hash },
      ordinary: JSON.parse(JSON.stringify(table)) as object,
    });
    expect(table.places.map(({ place }) => place)).toEqual(['0.attn', '0.mlp', '1.attn', '1.mlp']);
    expect(new Set(table.places.map(({ denseToSparse }) => denseToSparse)).size).toBe(4);
  });
});

describe('bridges before the first step', { timeout: PATIENCE }, () => {
  it('explain more than any others on the windows that they are fitted on', async () => {
    const pair = { sparse: config.model, dense: denseConfig, encoderKept: config.model.dModel };
    const start = new Map([
      ...freshWeights(pairSpecs(pair), 3),
      ...randomWeights(config.model, 2),
      ...givenWeights(dense.weights),
    ]);
    const tokens = meanWindows(trainingSource(config, data), 8);
    const fitted = await leastSquaresBridges(pair, start, tokens);
    const explained = async (changes: ReadonlyMap<string, Float32Array>) => {
      const both = new Map([...start, ...changes]);
      const { places } = await bridgeTable(pair, both, { tokens, targets: tokens });
      return places.flatMap((row) => [row.encoderExplains, row.decoderExplains]);
    };
    const best = await explained(fitted);
    for (const part of best) expect(part).toBeGreaterThan(0);
    for (const factor of [0.97, 1.03]) {
      const scaled = [...fitted].map(([name, x]) => [name, x.map((y) => y * factor)] as const);
      const worse = await explained(new Map(scaled));
      for (const [i, part] of worse.entries()) expect(part).toBeLessThan(best[i]);
    }
  });
});
