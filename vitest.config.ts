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

// Generous: a machine that also trains a model is slow. onnxruntime-node must not be loaded in a vm
// context.
const common = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', closingLine],
    projects: [
      {
        test: { ...common, name: 'models', include: ['test/{unit,integration}/**/*.test.ts'] },
      },
      {
        test: {
          ...common,
          name: 'editor',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/setup.ts',
          hookTimeout: 800_000,
          // After the others, which would slow it down.
          sequence: { groupOrder: 1 },
          // One VS Code at a time: each takes more than a core to start.
          fileParallelism: false,
        },
      },
    ],
  },
});
