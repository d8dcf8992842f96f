import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from 'vitest/node';

/** Files that took less, in seconds, are not worth a line. */
const WORTH = 5;

/** Ends the run with the time of each file that took long, and one plain line that any tool can read. */
const closingLines: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const times = modules.map((module) => ({
      file: relative(import.meta.dirname, module.moduleId),
      seconds: module.diagnostic().duration / 1000,
    }));
    times.sort((a, b) => b.seconds - a.seconds);
    for (const { file, seconds } of times.filter(({ seconds }) => seconds >= WORTH)) {
      console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  },
};

/** Files that take minutes: the others fit beside them, and a clean checkout does not know which these are. */
const LONG = ['workbench', 'circuits', 'walkthrough', 'torchRun', 'torchBridge'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      LONG.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Test files below a folder of `test` that replace modules, by which others must not be met. */
function mocking(folder: string): string[] {
  const files = readdirSync(join(import.meta.dirname, folder), {
    recursive: true,
    encoding: 'utf8',
  })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
  return files.filter((file) =>
    /\bvi\.(mock|doMock)\(/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  );
}
const mockingFiles = ['test/unit', 'test/integration'].flatMap(mocking);

// Generous: a machine that also trains a model is slow. onnxruntime-node must not be loaded in a vm
// context.
const common = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' } as const;

/** Longer than the waits within (test/e2e/patience.ts), which say what they waited for. */
const patient = { testTimeout: 900_000, hookTimeout: 900_000 };

/** Tests of the panel's page, which needs a browser and no VS Code. */
const pageTests = 'test/e2e/panel[A-Z]*.test.ts';

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', closingLines],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: 'models',
          include: ['test/{unit,integration}/**/*.test.ts'],
          exclude: mockingFiles,
          // What they import is loaded once a process, not once a file: half of the time of small ones.
          isolate: false,
        },
      },
      { test: { ...common, name: 'models-mocked', include: mockingFiles } },
      {
        test: {
          ...common,
          name: 'page',
          include: [pageTests],
          globalSetup: 'test/e2e/pageSetup.ts',
          ...patient,
          // After the others, which would slow it down.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: 'editor',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [pageTests],
          globalSetup: 'test/e2e/setup.ts',
          ...patient,
          // Two VS Codes at a time, as many as there are workers: each waits half of its time.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
