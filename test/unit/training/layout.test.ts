import { describe, expect, it } from 'vitest';
import { shards, toWeights, trainedSlots, view } from '../../../models/training/layout';
import { parameterSpecs, sizeOf } from '../../../models/transformer/parameters';
import { randomWeights, tinyConfig } from '../../support/models';

const config = tinyConfig();
const { slots, total } = trainedSlots(parameterSpecs(config));

describe('the flat array', () => {
  it('holds every trained parameter once, one after the other without gaps', () => {
    const trained = parameterSpecs(config).filter((spec) => spec.trained);
    expect(slots.map((slot) => slot.spec.name)).toEqual(trained.map((spec) => spec.name));
    let end = 0;
    for (const { offset, size, spec } of slots) {
      expect(offset).toBe(end);
      expect(size).toBe(sizeOf(spec.shape));
      end += size;
    }
    expect(total).toBe(end);
  });

  it('leaves out the bigram table unless it is trained', () => {
    const names = (bigram: 'frozen' | 'trained') =>
      trainedSlots(parameterSpecs(tinyConfig({ bigram }))).slots.map((slot) => slot.spec.name);
    expect(names('frozen')).not.toContain('bigram.table');
    expect(names('trained')).toContain('bigram.table');
  });

  it('becomes weights again, copied, with what is not trained', () => {
    const weights = randomWeights(config, 1);
    const flat = new Float32Array(total);
    for (const slot of slots) view(flat, slot).set(weights.get(slot.spec.name)!);
    const fixed = new Map([['bigram.table', weights.get('bigram.table')!]]);
    const back = toWeights(slots, flat, fixed);
    flat.fill(0);
    expect(new Set(back.keys())).toEqual(new Set(weights.keys()));
    for (const [name, data] of weights) expect(back.get(name)).toEqual(data);
  });
});

describe.each([1, 2, 3, 7, 100])('shards for %i replicas', (replicas) => {
  const split = shards(slots, replicas);

  it('cover every slot once', () => {
    expect(split).toHaveLength(replicas);
    const names = split.flat().map((slot) => slot.spec.name);
    expect(names.sort()).toEqual(slots.map((slot) => slot.spec.name).sort());
  });

  it('are the same every time', () => {
    expect(shards(slots, replicas)).toEqual(split);
  });

  it('differ by no more than one slot', () => {
    const loads = split.map((part) => part.reduce((sum, slot) => sum + slot.size, 0));
    const largest = Math.max(...slots.map((slot) => slot.size));
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(largest);
  });
});
