/** The one place that sessions of ONNX Runtime come from, and how they share the machine. */
import { expect, it, onTestFinished, vi } from 'vitest';
import * as ops from '../../../models/graph/ops';
import { ort } from '../../../models/onnxRuntime';
import { createSession } from '../../../models/engines/session';

const graph = { y: ops.neg(ops.input('x', [2])) };

it.each(['kept', 'returned'] as const)(
  'takes the threads that it is given, whose rest sleeps, memory %s',
  async (memory) => {
    const create = vi.spyOn(ort.InferenceSession, 'create');
    onTestFinished(() => {
      create.mockRestore();
    });
    const session = await createSession(graph, 3, { memory });
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, -2], [2]) });
    expect([...(y.data as Float32Array)]).toEqual([-1, 2]);
    await session.release();
    expect(create.mock.calls).toHaveLength(1);
    expect(create.mock.calls[0][1]).toMatchObject({
      ...{ intraOpNumThreads: 3, interOpNumThreads: 1, enableCpuMemArena: memory === 'kept' },
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  },
);
