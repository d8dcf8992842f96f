/** The command line’s part of bridged training: what runs and folders for PyTorch begin with. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { decodeSafetensors } from '../../../models/bundles/safetensors';
import { prepareTorchRun } from '../../../models/cli/trainTorch';
import { START_FILE, trainedArray } from '../../../models/training/torch/startFile';
import { generateProgram } from '../../../models/training/idioms';
import { Rng } from '../../../models/random';
import { everySite } from '../../../models/transformer/config';
import { randomParts, bundleIn, identityBridges, temporaryFolder } from '../runtime/bundles';
import { built } from '../runtime/built';
import { curve, PATIENCE, tinyRun } from './tiny';

const TOKENIZER = 'models/bundles/python-sparse/tokenizer.json';
const weights = {
  ...{ crossEntropy: 1, encoderError: 1, decoderError: 1 },
  ...{ denseToSparse: 1, sparseToDense: 1 },
};
const base = tinyRun({ steps: 2, evalEvery: 1, evalWindows: 4 });
const model = { ...base.model, bigram: 'none' as const, activationFraction: everySite(1) };
/** Nothing is trained, so that a run ends with what it began with. */
const still = { ...base.optimizer, learningRate: 1e-12 };
const { dir, remove } = temporaryFolder();
const corpus = join(dir, 'corpus');
const ENCODER = 'bridge.1.encoder.weight';
/** A bridge that leaves a stream as it is. */
const identity = Array.from({ length: model.dModel ** 2 }, (_, i) =>
  i % (model.dModel + 1) === 0 ? 1 : 0,
);
beforeAll(() => {
  for (const part of ['train', 'heldout']) {
    mkdirSync(join(corpus, part), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const text = generateProgram(new Rng(part, i));
      writeFileSync(join(corpus, part, `${i}.py`), text.repeat(3));
    }
  }
});
afterAll(remove);

/**
 * Settings of a run beside a dense model of a seed, and the bundle of seed 1 that it goes on from.
 * @param bridged whether that bundle has bridges to the dense model already, which leave streams as they are
 */
function settings(name: string, seed: number, bridged: boolean) {
  const own = join(dir, name);
  const dense = bundleIn(own, { ...randomParts(model, seed), name: 'dense' });
  const from = bundleIn(own, {
    ...{ ...randomParts(model, 1), name: 'from' },
    ...(bridged && { bridges: identityBridges(readBundle(dense), model) }),
  });
  const configFile = join(own, 'run.json');
  const bridge = { dense, encoderKept: model.dModel, weights };
  const sparsity = { ...base.sparsity, l0: 1 };
  writeFileSync(configFile, JSON.stringify({ ...base, model, optimizer: still, sparsity, bridge }));
  return { configFile, from, out: join(own, 'run') };
}

/** The run of such settings. */
function trained(name: string, seed: number, bridged: boolean): string {
  const { configFile, from, out } = settings(name, seed, bridged);
  const args = ['train', configFile, '--corpus', corpus, '--from', from, '--out', out];
  execFileSync(process.execPath, [built('cli.js'), ...args], { encoding: 'utf8', stdio: 'pipe' });
  return out;
}

/** What a folder for PyTorch of such settings begins with, of streams much shorter than others. */
async function torchStart(name: string, seed: number, bridged: boolean): Promise<number[]> {
  await prepareTorchRun({
    ...{ ...settings(name, seed, bridged), corpusDirs: [corpus], tokenizerFile: TOKENIZER },
    ...{ bundlesDir: 'models/bundles', programs: 'models/training/torch' },
    tokens: { ordinary: 4000, generated: 4000 },
  });
  return startOf(join(dir, name, 'run'));
}
const startOf = (run: string) => {
  const file = join(run, START_FILE);
  const { tensors } = decodeSafetensors(readFileSync(file), file);
  return [...trainedArray(tensors, ENCODER, identity.length)!];
};
const worst = (found: readonly number[]) =>
  Math.max(...found.map((x, i) => Math.abs(x - identity[i])));

describe('bridged training on the command line', { timeout: PATIENCE }, () => {
  it('keeps the bridges that the bundle has to the same dense model', () => {
    const { bridges } = readBundle(join(trained('kept', 2, true), 'bundle'));
    expect(worst([...bridges!.weights.get(ENCODER)!])).toBeLessThan(1e-6);
  });

  it('begins with fitted bridges where there are none', () => {
    // The dense model is the sparse one, so that linear maps explain all.
    const [first] = curve(trained('fitted', 1, false));
    for (const text of ['ordinary', 'idioms'] as const) {
      expect(first.heldOut!.terms![text].encoderError).toBeLessThan(0.05);
    }
  });

  it('does the same in a folder for PyTorch', async () => {
    expect(worst(await torchStart('torch kept', 2, true))).toBe(0);
    expect(worst(await torchStart('torch fitted', 1, false))).toBeLessThan(0.3);
  });
});
