/** Once before the tests of the panel's page, which need no VS Code: a browser, and a model. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleIn, randomParts, vocabConfig } from '../integration/runtime/bundles';
import { findBrowser } from './browser';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly page: {
      /** Path of the browser. */
      readonly browser: string;
      /** A bundle with a tiny random model of the shipped vocabulary. */
      readonly bundle: string;
    };
  }
}

/** Prepares what the tests share; the result removes it again. */
export default async function setup(project: TestProject): Promise<() => void> {
  const browser = await findBrowser();
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-page-'));
  const bundle = bundleIn(scratch, randomParts(vocabConfig({ context: 64 })));
  project.provide('page', { browser, bundle });
  return () => rmSync(scratch, { recursive: true, force: true });
}
