import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../models/bundles/bundle';
import { earlierWeights } from '../../../models/cli/trainStart';
import type { GivenModel } from '../../../models/training/start';
import { randomWeights, tinyConfig } from '../../support/models';
import { trainingConfig } from '../../support/training';

const model = tinyConfig();
const weights = randomWeights(model, 1);
const BRIDGE = 'bridge.0.encoder.weight';
const bridges = { hash: 'a', weights: new Map([[BRIDGE, Float32Array.of(7)]]) };
const from = { config: model, weights, bridges } as unknown as Bundle;
const beside = (hash: string) => ({ hash }) as GivenModel;

describe('what a run goes on from', () => {
  it('has the bundle’s bridges beside the same dense model alone', () => {
    const config = trainingConfig({}, model);
    const same = earlierWeights(from, config, beside('a'));
    expect(same.get(BRIDGE)).toEqual(Float32Array.of(7));
    expect(same.get('embed.weight')).toEqual(weights.get('embed.weight'));
    for (const without of [
      earlierWeights(from, config, beside('b')),
      earlierWeights(from, config),
      earlierWeights({ ...from, bridges: null }, config, beside('a')),
      earlierWeights({ ...from, bridges: null }, config),
    ]) {
      expect([...without.keys()].sort()).toEqual([...weights.keys()].sort());
    }
  });

  it('has no bridges for a model of another width', () => {
    const wider = trainingConfig({}, { ...model, dModel: 24 });
    const widened = earlierWeights(from, wider, beside('a'));
    expect(widened.has(BRIDGE)).toBe(false);
    expect(widened.get('final.norm.gain')).toHaveLength(24);
  });
});
