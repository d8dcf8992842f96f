/** A proof in its thread tells what it has measured, before it ends or is cancelled. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { proveInWorker } from '../../../models/circuits/inWorker';
import type { Proof } from '../../../models/circuits/file/schema';
import { pairsText } from '../../../models/tasks/source';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { built } from '../runtime/built';
import { bundleIn, temporaryFolder } from '../runtime/bundles';
import { knownParts, knownTaskPairs } from './known';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const { dir, remove } = temporaryFolder();
afterAll(remove);
let bundleDir: string;
let workerFile: string;
beforeAll(() => {
  workerFile = built('circuit-worker.js');
  bundleDir = bundleIn(dir, knownParts);
});
const text = pairsText(knownTaskPairs(1, 24, 'masks'));
const request = () => {
  const { name, hash } = readBundle(bundleDir);
  const circuit = knownCircuit({ name, hash }, 'pairs.jsonl', text);
  const options = { seed: 1, pairs: 8, seconds: 500, circuit };
  return { bundleDir, options, pairs: { name: 'pairs.jsonl', text, where: 'pairs.jsonl' } };
};

describe('a proof in its thread', () => {
  it('sends every step', async () => {
    const parts: Proof[] = [];
    const proof = await proveInWorker(request(), { workerFile, threads: 1 }, (part) => {
      parts.push(part);
    });
    expect(parts).toHaveLength(12);
    expect(parts[0].measurements.length).toBeLessThan(proof.measurements.length);
    expect({ ...parts.at(-1)!, seconds: 0 }).toEqual({ ...proof, seconds: 0 });
  });

  it('has sent what was measured when it is cancelled', async () => {
    const parts: Proof[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const proof = proveInWorker(request(), { workerFile, threads: 1, signal }, (part) => {
      parts.push(part);
      controller.abort();
    });
    await expect(proof).rejects.toThrow('cancelled');
    expect(parts[0].measurements.map(({ id }) => id)).toContain('core');
  });
});
