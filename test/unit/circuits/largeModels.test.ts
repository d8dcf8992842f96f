/** What a search costs in a model of many nodes: memory and work grow with what there is, not with its square. */
import { describe, expect, it } from 'vitest';
import { ModelEdges } from '../../../models/weights/edges';
import type { GatedModel } from '../../../models/circuits/search/gates';
import { Goal } from '../../../models/circuits/search/goal';
import type { Prompt } from '../../../models/tasks/prompts';
import { isSparse, sparsest, type SparseArray } from '../../../models/graph/sparse';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { StoredWeights } from '../../../models/transformer/storedWeights';
import { randomWeights, tinyConfig } from '../../support/models';

describe('settings of gates, each of which has a number a gate', () => {
  const GATES = 3;
  const prompts = [1, -1].map((sign) => ({ tokens: [0], sign }) as unknown as Prompt);

  it('are made a few at a time, however many are asked about', async () => {
    let [made, asked, most] = [0, 0, 0];
    const model = {
      differences: (some: readonly Prompt[], settings: readonly Float32Array[]) => {
        asked += settings.length;
        most = Math.max(most, settings.length);
        // None is made before those that came before it are answered.
        expect(made).toBe(asked);
        return Promise.resolve(settings.map(() => new Float64Array(some.length)));
      },
    } as unknown as GatedModel;
    const losses = await new Goal(prompts, 1).losses(model, 20_000, () => {
      made++;
      return new Float32Array(GATES);
    });
    expect(losses).toHaveLength(20_000);
    expect(most).toBeLessThanOrEqual(64);
  });
});

describe('edges between nodes', () => {
  /** An array that counts how often one of its numbers is looked at. */
  function counted(data: Float32Array, look: () => void): Float32Array {
    return new Proxy(data, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) look();
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  it('are found by the weights that are not zero, not by pairs of nodes', () => {
    const config = tinyConfig({ dModel: 60, dMlp: 120 });
    let looks = 0;
    const stored = [...randomWeights(config, 3, 0.02)].map(([name, data]) => {
      const array = sparsest(data);
      if (!isSparse(array)) return [name, array] as const;
      return [name, { ...array, values: counted(array.values, () => looks++) }] as const;
    });
    const edges = new ModelEdges({
      config,
      weights: new StoredWeights(new Map<string, Float32Array | SparseArray>(stored)),
    });
    const names = NodeSet.all(config).names();
    const { length } = edges.edgesBetween(names);
    expect(length).toBeGreaterThan(100);
    for (const ask of [() => edges.edgesBetween(names), () => edges.degrees(names)]) {
      looks = 0;
      ask();
      expect(looks).toBe(length);
    }
    looks = 0;
    expect(edges.edgesBetween(names.slice(0, 30)).length).toBeLessThan(length);
    expect(looks).toBeLessThan(length);
  });
});
