/** Sessions of ONNX Runtime for graphs of ours. */
import { ort } from '../onnxRuntime';
import type { Value } from '../graph/ir';
import { emitOnnx } from '../graph/onnx';

/** How a session computes. */
interface SessionOptions {
  /** Execution provider of ONNX Runtime. */
  readonly provider?: string;
  /**
   * What becomes of the memory that a pass took. Kept, it is there for the next pass, which is what
   * thousands of the same want; but an arena keeps the most that any pass ever took, in every session
   * apart. Given back, a single pass is as fast.
   */
  readonly memory?: 'kept' | 'returned';
}

/**
 * Loads a graph, given by its outputs: the one way to a session, whoever computes with it. Between a
 * session's operations its idle threads sleep: where cores are few, threads that spin take them from
 * the editor and from other sessions.
 */
export function createSession(
  outputs: Readonly<Record<string, Value>>,
  threads: number,
  { provider = 'cpu', memory = 'kept' }: SessionOptions = {},
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(emitOnnx(outputs), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: memory === 'kept',
    enableMemPattern: memory === 'kept',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}
