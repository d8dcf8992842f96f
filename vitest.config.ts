import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,integration}/**/*.test.ts'],
    testTimeout: 60_000,
    // onnxruntime-node must not be loaded in a vm context, and two cores is what CI has.
    pool: 'forks',
    maxWorkers: 2,
  },
});
