import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { Muon, type MuonStep } from '../../../models/training/muon';
import { array, expectClose } from '../../support/arrays';

const step: MuonStep = { learningRate: 0.02, momentum: 0.9, weightDecay: 0.1, gradientScale: 0.5 };
const muon = new Muon('cpu');

const normals = (seed: string, size: number) => {
  const rng = new Rng('muon', seed);
  return Float32Array.from({ length: size }, () => rng.normal());
};

/** a [m, k] times b [k, n], or times the transpose of b [n, k]. */
function times(a: Float64Array, b: Float64Array, k: number, transposed: boolean): Float64Array {
  const [m, n] = [a.length / k, b.length / k];
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let i = 0; i < k; i++)
      sum += a[row * k + i] * b[transposed ? column * k + i : i * n + column];
    return sum;
  });
}

/** The iteration of the source, in float64: five times X becomes aX + (bXXᵀ + c(XXᵀ)²)X. */
function orthogonalised(data: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const norm = Math.hypot(...Array.from(data));
  let x = Float64Array.from(data, (entry) => entry / norm);
  for (let i = 0; i < 5; i++) {
    const gram = times(x, x, columns, true);
    const square = times(gram, gram, rows, false);
    const mix = gram.map((entry, at) => -4.775 * entry + 2.0315 * square[at]);
    const mixed = times(mix, x, rows, false);
    x = x.map((entry, at) => 3.4445 * entry + mixed[at]);
  }
  return x;
}

describe('Muon', () => {
  it.each([
    ['wide', 6, 10],
    ['square', 8, 8],
    ['tall', 10, 6],
  ])('goes along the orthogonalised momentum: a %s matrix', async (_, rows, columns) => {
    const size = rows * columns;
    const [start, gradient, before] = ['w', 'g', 'm'].map((seed) => normals(seed, size));
    const [weights, momentum] = [start.slice(), before.slice()];
    await muon.update(weights, gradient, momentum, [rows, columns], step);

    const next = before.map((m, i) => 0.9 * m + 0.1 * 0.5 * gradient[i]);
    const look = next.map((m, i) => 0.9 * m + 0.1 * 0.5 * gradient[i]);
    const direction = orthogonalised(look, rows, columns);
    const rate = 0.02 * 0.2 * Math.sqrt(Math.max(rows, columns));
    const expected = direction.map((d, i) => start[i] * (1 - 0.02 * 0.1) - rate * d);
    // Five rounds of float32 products of up to ten terms, whose errors the iteration multiplies.
    expectClose(array([size], weights), array([size], expected), 2e-6, 'weights');
    expectClose(array([size], momentum), array([size], next), 1e-6, 'momentum');
  });

  it('moves every weight by about a fifth of the learning rate', async () => {
    const [rows, columns] = [32, 48];
    const weights = new Float32Array(rows * columns);
    const gradient = normals('rms', weights.length);
    await muon.update(weights, gradient, new Float32Array(weights.length), [rows, columns], step);
    const rms = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
    expect(rms).toBeGreaterThan(0.02 * 0.2 * 0.75);
    expect(rms).toBeLessThan(0.02 * 0.2 * 1.15);
  });

  it('does not care how large the gradient is', async () => {
    const gradient = normals('scale', 24);
    const moved = async (factor: number) => {
      const weights = new Float32Array(24);
      const scaled = gradient.map((g) => g * factor);
      await muon.update(weights, scaled, new Float32Array(24), [4, 6], step);
      return array([24], weights);
    };
    expectClose(await moved(1000), await moved(0.001), 1e-6, 'weights');
  });

  it('leaves weights as they are, but for the decay, without a gradient', async () => {
    const weights = Float32Array.of(1, 2, 3, 4);
    await muon.update(weights, new Float32Array(4), new Float32Array(4), [2, 2], step);
    expectClose(
      array([4], weights),
      array(
        [4],
        [1, 2, 3, 4].map((w) => w * 0.998),
      ),
      1e-6,
      'w',
    );
  });
});
