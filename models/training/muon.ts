/**
 * Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): the momentum of a matrix is replaced
 * by the nearest orthogonal matrix, so that every direction is learnt at one speed. The update has
 * the root mean square of AdamW's (Liu et al., arXiv 2502.16982), so both share a learning rate.
 */
import { ort } from '../onnxRuntime';
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { Lazy } from '../engines/lazy';
import { createSession } from '../engines/session';

/** Coefficients of the quintic Newton-Schulz iteration and how often it is applied. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const ITERATIONS = 5;
/** Root mean square of AdamW's updates in practice. */
const ADAM_RMS = 0.2;

/** x [rows, columns] with its singular values pushed to about 1. */
function orthogonalGraph(rows: number, columns: number): Record<string, Value> {
  const given = ops.input('x', [rows, columns]);
  let x = rows > columns ? ops.swapLast(given) : given;
  const norm = ops.sqrt(ops.add(ops.reduceSum(ops.mul(x, x), [0, 1]), 1e-20));
  x = ops.div(x, norm);
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = ops.matmul(x, ops.swapLast(x));
    const mix = ops.add(ops.mul(gram, B), ops.mul(ops.matmul(gram, gram), C));
    x = ops.add(ops.mul(x, A), ops.matmul(mix, x));
  }
  return { y: rows > columns ? ops.swapLast(x) : x };
}

/** Numbers of one step. */
export interface MuonStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Factor on the gradient, for averaging. */
  readonly gradientScale: number;
}

/** Muon's updates; a session for each shape is kept. */
export class Muon {
  private readonly sessions = new Map<string, Lazy<ort.InferenceSession>>();

  constructor(private readonly provider: string) {}

  /** Updates a matrix [rows, columns] and its momentum in place (Nesterov's form). */
  async update(
    weights: Float32Array,
    gradient: Float32Array,
    momentum: Float32Array,
    shape: readonly number[],
    step: MuonStep,
  ): Promise<void> {
    const look = new Float32Array(gradient.length);
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i] * step.gradientScale;
      momentum[i] = step.momentum * momentum[i] + (1 - step.momentum) * g;
      look[i] = step.momentum * momentum[i] + (1 - step.momentum) * g;
    }
    const session = await this.session(shape);
    const { y } = await session.run({ x: new ort.Tensor('float32', look, shape) });
    const direction = y.data as Float32Array;
    const rate = step.learningRate * ADAM_RMS * Math.sqrt(Math.max(shape[0], shape[1]));
    const shrink = 1 - step.learningRate * step.weightDecay;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = weights[i] * shrink - rate * direction[i];
    }
  }

  private session([rows, columns]: readonly number[]): Promise<ort.InferenceSession> {
    const key = `${rows}x${columns}`;
    const { provider } = this;
    const known = this.sessions.get(key);
    const session =
      known ?? new Lazy(() => createSession(orthogonalGraph(rows, columns), 1, { provider }));
    this.sessions.set(key, session);
    return session.get();
  }
}
