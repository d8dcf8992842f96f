import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that any tool can read. */
const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  },
};

export default defineConfig({
  test: {
    include: ['test/{unit,integration}/**/*.test.ts'],
    // Generous: a machine that also trains a model is slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // onnxruntime-node must not be loaded in a vm context, and two cores is what CI has.
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', closingLine],
  },
});
