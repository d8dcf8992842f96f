/** Passes of models that are made while tests run, of which they can make a clock, and sessions that are open. */
import { vi } from 'vitest';
import { ort } from '../../models/onnxRuntime';

export function countPasses() {
  const factory = ort.InferenceSession;
  const { prototype } = factory as unknown as { prototype: ort.InferenceSession };
  const { release, run } = prototype;
  const create = factory.create.bind(factory) as (
    ...all: unknown[]
  ) => Promise<ort.InferenceSession>;
  const passes = { count: 0, sessions: 0 };
  vi.spyOn(factory, 'create').mockImplementation(async (...all: unknown[]) => {
    const session = await create(...all);
    passes.sessions++;
    return session;
  });
  vi.spyOn(prototype, 'release').mockImplementation(function (this: ort.InferenceSession) {
    passes.sessions--;
    return Reflect.apply(release, this, []);
  });
  vi.spyOn(prototype, 'run').mockImplementation(function (this: ort.InferenceSession, ...args) {
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
