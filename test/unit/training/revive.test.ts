import { describe, expect, it } from 'vitest';
import { trainedSlots, view } from '../../../models/training/layout';
import { Revival } from '../../../models/training/revive';
import { randomWeights, tinyConfig } from '../../support/models';
import { parameterSpecs } from '../../../models/transformer/parameters';

const config = tinyConfig();
const { slots, total } = trainedSlots(parameterSpecs(config));
const slot = (name: string) => slots.find(({ spec }) => spec.name === name)!;
const [reads, bias, writes] = ['in.weight', 'in.bias', 'out.weight'].map((part) =>
  slot(`layers.1.mlp.${part}`),
);
const { dMlp, dModel } = config;
const DEAD = 5;

/** Weights and moments in which nothing is zero. */
function state() {
  const weights = new Float32Array(total);
  const given = randomWeights(config, 4);
  for (const one of slots) view(weights, one).set(given.get(one.spec.name)!);
  const ones = () => new Float32Array(total).fill(1);
  return { weights, first: ones(), second: ones() };
}

/** A gradient under which every neuron of the model was active, but for one of layer 1. */
function gradient(): Float32Array {
  const all = new Float32Array(total).fill(0.1);
  view(all, writes).fill(0, DEAD * dModel, (DEAD + 1) * dModel);
  return all;
}

function revived(seed = 1, step = 10) {
  const after = state();
  const revival = new Revival(slots, seed);
  revival.watch(gradient());
  const count = revival.revive(after, step);
  return { after, count, revival };
}

const column = (flat: Float32Array, neuron: number) =>
  view(flat, reads).filter((_, i) => i % dMlp === neuron);
const row = (flat: Float32Array, neuron: number) =>
  view(flat, writes).subarray(neuron * dModel, (neuron + 1) * dModel);

/** The neuron of layer 1 that writes most, but for the dead one. */
function busiest(weights: Float32Array): number {
  const size = (neuron: number) => row(weights, neuron).reduce((sum, x) => sum + x * x, 0);
  const others = Array.from({ length: dMlp }, (_, neuron) => neuron).filter((n) => n !== DEAD);
  return others.reduce((best, neuron) => (size(neuron) > size(best) ? neuron : best));
}

describe('a neuron that was active at no token', () => {
  it('reads what the busiest of its layer reads, each weight between half and one and a half', () => {
    const { after, count } = revived();
    expect(count).toBe(1);
    const model = busiest(after.weights);
    const ratios = [...column(after.weights, DEAD)].map(
      (x, i) => x / column(after.weights, model)[i],
    );
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(0.49);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.51);
    expect(new Set(ratios.map((x) => x.toFixed(3))).size).toBeGreaterThan(10);
    expect(view(after.weights, bias)[DEAD]).toBe(view(after.weights, bias)[model]);
  });

  it('writes nothing and has no moments', () => {
    const { after } = revived();
    expect([...row(after.weights, DEAD)].every((x) => x === 0)).toBe(true);
    for (const moments of [after.first, after.second]) {
      expect([...row(moments, DEAD)].every((x) => x === 0)).toBe(true);
      expect([...column(moments, DEAD)].every((x) => x === 0)).toBe(true);
      expect(view(moments, bias)[DEAD]).toBe(0);
    }
  });

  it('is all that changes', () => {
    const { after } = revived();
    const before = state();
    for (const part of ['weights', 'first', 'second'] as const) {
      const changed = after[part].reduce((sum, x, i) => sum + (x === before[part][i] ? 0 : 1), 0);
      expect(changed).toBe(dModel + (config.dModel + config.positions) + 1);
    }
  });

  it('is begun the same for one seed and step, and otherwise for another', () => {
    expect(revived().after).toEqual(revived().after);
    expect(revived(2).after.weights).not.toEqual(revived().after.weights);
    expect(revived(1, 20).after.weights).not.toEqual(revived().after.weights);
  });
});

describe('a look at the neurons', () => {
  it('counts whoever was active in any step since the last one', () => {
    const { after, revival } = revived();
    const all = new Float32Array(total).fill(0.1);
    revival.watch(gradient());
    revival.watch(all);
    expect(revival.revive(after, 20)).toBe(0);
  });

  it('begins nobody anew in a layer where all are dead', () => {
    const before = state();
    const after = state();
    expect(new Revival(slots, 1).revive(after, 10)).toBe(0);
    expect(after).toEqual(before);
  });
});
