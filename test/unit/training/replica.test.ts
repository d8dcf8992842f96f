import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import type { TrainingConfig } from '../../../models/training/config';
import { trainedSlots, view } from '../../../models/training/layout';
import { Replica, type ReplicaData } from '../../../models/training/replica';
import { allocate } from '../../../models/training/shared';
import { StepRunner } from '../../../models/training/step';
import { freshWeights, parameterSpecs } from '../../../models/transformer/parameters';
import { trainingConfig } from '../../support/training';

const tokenizerJson: unknown = JSON.parse(
  readFileSync('models/bundles/python-sparse/tokenizer.json', 'utf8'),
);
const tokenizer = Tokenizer.fromJson(tokenizerJson);

/** A run of one replica, whose gradients are not computed. */
function replicaOf(overrides: Partial<TrainingConfig>, identifiers?: readonly string[]) {
  const config = trainingConfig(
    { replicas: 1, evalEvery: 1000, checkpointEvery: 1000, ...overrides },
    { vocab: tokenizer.vocabSize, context: 64, bigram: 'none' },
  );
  const specs = parameterSpecs(config.model);
  const { slots, total } = trainedSlots(specs);
  const buffers = allocate(total, 1, 2);
  const weights = new Float32Array(buffers.weights);
  const fresh = freshWeights(specs, 1);
  for (const slot of slots) view(weights, slot).set(fresh.get(slot.spec.name)!);
  const stream = new SharedArrayBuffer(2 * 100);
  const data: ReplicaData = {
    ...{ config, buffers, rank: 0, trainStream: stream, heldOutStream: stream },
    ...{ tokenizerJson, identifiers, fixed: new Map(), dense: undefined, denseHash: '' },
    ...{ startStep: 0, active: new Uint8Array(), checkpointFile: '', settings: '' },
  };
  return { config, slots, weights, data };
}

afterEach(() => {
  vi.restoreAllMocks();
});

it('a replica trains on programs that have names of the corpus, and is measured on those that have none', async () => {
  const names = ['socket_address', 'payload_size'];
  const seen = { trained: '', held: '' };
  vi.spyOn(StepRunner.prototype, 'gradient').mockImplementation(({ tokens }) => {
    seen.trained += tokenizer.decode(tokens);
    return Promise.resolve(1);
  });
  vi.spyOn(StepRunner.prototype, 'losses').mockImplementation(({ tokens }) => {
    seen.held += tokenizer.decode(tokens);
    return Promise.resolve([1]);
  });
  const stop = new Error('enough');
  const run = async (identifiers?: readonly string[]) => {
    Object.assign(seen, { trained: '', held: '' });
    const settings = { batch: 64, idiomShare: 1, evalEvery: 1, evalWindows: 64 };
    const send = () => {
      throw stop;
    };
    await expect(new Replica(replicaOf(settings, identifiers).data, send).run()).rejects.toBe(stop);
  };
  await run(names);
  expect(seen.trained).toMatch(/\b(socket_address|payload_size)\b/);
  expect(seen.held).toMatch(/\bdef \w+\(/);
  expect(seen.held).not.toMatch(/socket_address|payload_size/);
  await run();
  expect(seen.trained).not.toMatch(/socket_address|payload_size/);
});
