import { describe, expect, it } from 'vitest';
import { asStored, decodeBridges, encodeBridges } from '../../../models/bundles/bridges';
import { decodeSafetensors, encodeSafetensors } from '../../../models/bundles/safetensors';
import { bridgeSpecs } from '../../../models/bridges/parameters';
import { Rng } from '../../../models/random';
import { sizeOf } from '../../../models/transformer/parameters';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const specs = bridgeSpecs({ layers: config.layers, sparse: config.dModel, dense: 6 });
const rng = new Rng(1);
const weights = new Map(
  specs.map(({ name, shape }) => [
    name,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  ]),
);
const bridges = { name: 'partner', hash: 'a'.repeat(64), dModel: 6, encoderKept: 3, weights };

describe('bridges in a bundle', () => {
  it('have two bytes a number, each within one part in 2048 of what it was', () => {
    const bytes = encodeBridges(config, bridges);
    const { tensors } = decodeSafetensors(bytes, 'b');
    const stored = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const numbers = [...weights.values()].reduce((sum, data) => sum + data.length, 0);
    expect(stored).toBe(2 * numbers);
    const { weights: back, ...partner } = decodeBridges(config, bytes, 'b');
    expect(partner).toEqual({ name: 'partner', hash: 'a'.repeat(64), dModel: 6, encoderKept: 3 });
    for (const [name, data] of weights) {
      const found = back.get(name)!;
      data.forEach((x, i) => {
        expect(Math.abs(found[i] - x)).toBeLessThanOrEqual(Math.abs(x) / 2048);
      });
    }
  });

  it('stay as they are once stored', () => {
    const once = asStored(config, bridges);
    const twice = asStored(config, once);
    for (const [name, data] of once.weights) expect(twice.weights.get(name)).toEqual(data);
    expect(once.weights.get(specs[0].name)).not.toEqual(weights.get(specs[0].name));
  });

  it('are read with four bytes a number as well', () => {
    const { metadata, tensors } = decodeSafetensors(encodeBridges(config, bridges), 'b');
    const wide = new Map(
      [...tensors].map(([name, { shape }]) => [name, { shape, data: weights.get(name)! }]),
    );
    const bytes = encodeSafetensors({ metadata, tensors: wide });
    expect(decodeBridges(config, bytes, 'b').weights).toEqual(weights);
  });

  it('are refused where a number is beyond 16 bits, or of another type', () => {
    const [{ name, shape }] = specs;
    const large = new Map(weights).set(name, new Float32Array(sizeOf(shape)).fill(70000));
    expect(() => encodeBridges(config, { ...bridges, weights: large })).toThrow(
      `'${name}' is not an array [${shape}] of numbers below 65504`,
    );
    const { metadata, tensors } = decodeSafetensors(encodeBridges(config, bridges), 'b');
    const integers = new Map(tensors).set(name, { shape, data: new Int32Array(sizeOf(shape)) });
    const bytes = encodeSafetensors({ metadata, tensors: integers });
    expect(() => decodeBridges(config, bytes, 'b')).toThrow(`'${name}' is not F16`);
  });
});
