/** Sessions of ONNX Runtime for graphs of ours. */
import { ort } from '../onnxRuntime';
import type { Value } from '../graph/ir';
import { emitOnnx } from '../graph/onnx';

/**
 * Loads a graph, given by its outputs: the one way to a session, whoever computes with it. Between a session's operations its idle threads
 * sleep: where cores are few, threads that spin take them from the editor and from other sessions.
 */
export function createSession(
  outputs: Readonly<Record<string, Value>>,
  threads: number,
  provider = 'cpu',
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(emitOnnx(outputs), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}
