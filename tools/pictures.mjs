// @ts-check
// Takes the pictures of the walkthrough and of the README anew, in a real VS Code with the shipped model:
//   npm run pictures
import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run, runMain, ToolError } from './processes.mjs';

const ROOT = join(import.meta.dirname, '..');
const TAKEN = join(ROOT, 'test/e2e/artifacts');
const PREFIX = 'picture-';
/** Larger ones are slow to load, in bytes. */
const LARGEST = 300_000;

await runMain(async () => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const test = 'test/e2e/walkthrough.test.ts';
  await run(process.execPath, [vitest, 'run', '--project', 'editor', test], {
    cwd: ROOT,
    minutes: 30,
  });
  for (const file of readdirSync(TAKEN).filter((name) => name.startsWith(PREFIX))) {
    const name = file.slice(PREFIX.length);
    const to = name === 'readme.png' ? 'docs/panel.png' : `media/walkthrough/${name}`;
    const { size } = statSync(join(TAKEN, file));
    if (size > LARGEST) {
      throw new ToolError(`${to} would have ${size} bytes; show less of the page`);
    }
    copyFileSync(join(TAKEN, file), join(ROOT, to));
    console.log(`${to} (${Math.round(size / 1000)} kB)`);
  }
});
