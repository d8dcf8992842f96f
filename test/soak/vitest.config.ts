/** The soak test runs for minutes, so that it has a command of its own: `npm run soak`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'soak',
    include: ['test/soak/*.test.ts'],
    globalSetup: 'test/e2e/setup.ts',
    // onnxruntime-node must not be loaded in a vm context.
    pool: 'forks',
    testTimeout: 3_600_000,
    hookTimeout: 900_000,
  },
});
