/** Passes of models that are made while a test runs, of which it can make a clock. */
import { vi } from 'vitest';
import { ort } from '../../models/onnxRuntime';

export function countPasses() {
  const sessions = ort.InferenceSession as unknown as { prototype: ort.InferenceSession };
  const { run } = sessions.prototype;
  const passes = { count: 0 };
  vi.spyOn(sessions.prototype, 'run').mockImplementation(function (
    this: ort.InferenceSession,
    ...args
  ) {
    passes.count++;
    return Reflect.apply(run, this, args);
  });
  return {
    passes,
    /** Runs something while every pass takes a second and nothing else any; how many it made. */
    async clocked<T>(work: () => Promise<T>): Promise<{ result: T; made: number }> {
      const before = passes.count;
      const clock = vi
        .spyOn(performance, 'now')
        .mockImplementation(() => 1000 * (passes.count - before));
      try {
        const result = await work();
        return { result, made: passes.count - before };
      } finally {
        clock.mockRestore();
      }
    },
  };
}
