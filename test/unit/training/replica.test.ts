import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import type { TrainingConfig } from '../../../models/training/config';
import { trainedSlots, view, type Slot } from '../../../models/training/layout';
import { Replica, type ReplicaData } from '../../../models/training/replica';
import { allocate } from '../../../models/training/shared';
import { StepRunner } from '../../../models/training/step';
import { freshWeights, parameterSpecs } from '../../../models/transformer/parameters';
import { trainingConfig } from '../../support/training';

const tokenizerJson: unknown = JSON.parse(
  readFileSync('models/bundles/python-sparse/tokenizer.json', 'utf8'),
);
const tokenizer = Tokenizer.fromJson(tokenizerJson);
const dir = mkdtempSync(join(tmpdir(), 'circuitscope-replica-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

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
    ...{ startStep: 0, active: new Uint8Array(), checkpointFile: join(dir, 'last'), settings: '' },
  };
  return { slots, weights, data };
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

describe('a run that begins dead neurons anew up to its last step', () => {
  const DEAD = [3, 4, 5];
  const settings = { steps: 8, revive: { every: 2, until: 1 }, batch: 1, idiomShare: 1 };

  /** Gradients by step alone, under which some neurons of layer 1 are never active. */
  function mockGradients(slots: readonly Slot[]): void {
    const writes = slots.find(({ spec }) => spec.name === 'layers.1.mlp.out.weight')!;
    const width = writes.spec.shape[1];
    let step = 0;
    vi.spyOn(StepRunner.prototype, 'gradient').mockImplementation((_, gradient) => {
      const rng = new Rng('gradient', step++);
      for (let i = 0; i < gradient.length; i++) gradient[i] = rng.next() - 0.5;
      for (const neuron of DEAD) {
        view(gradient, writes).fill(0, neuron * width, (neuron + 1) * width);
      }
      return Promise.resolve(1);
    });
    vi.spyOn(StepRunner.prototype, 'losses').mockResolvedValue([1]);
  }

  /** Weights after every step, and how many neurons each began anew. */
  async function trained() {
    const { slots, weights, data } = replicaOf(settings);
    mockGradients(slots);
    const steps: { revived: number; l0: number; after: Float32Array }[] = [];
    await new Replica(data, (message) => {
      if (message.kind !== 'step') return;
      const { revived = 0, l0 } = message.metrics;
      steps.push({ revived, l0, after: weights.slice() });
    }).run();
    return { slots, steps };
  }

  it('has no more weights than it may after any step', async () => {
    const { slots, steps } = await trained();
    expect(steps.map(({ revived }) => revived)).toEqual([0, 3, 0, 3, 0, 3, 0, 3]);
    expect(steps.at(-1)!.l0).toBe(0.25);
    for (const { l0, after } of steps) {
      for (const slot of slots.filter(({ spec }) => spec.sparse)) {
        const nonzero = view(after, slot).filter(Boolean).length;
        expect(nonzero, slot.spec.name).toBeLessThanOrEqual(Math.floor(l0 * slot.size + 1e-6));
      }
    }
  });

  it('ends with the same weights every time', async () => {
    const last = async () => Buffer.from((await trained()).steps.at(-1)!.after.buffer);
    expect((await last()).equals(await last())).toBe(true);
  });
});
