/** What the README shows of a command is what the command prints, of the model that ships. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { built } from '../runtime/built';

const CLI = built('cli.js');
built('runtime-worker.js');

it('shows the trace that its command prints', () => {
  const blocks = readFileSync('README.md', 'utf8').split('```');
  const at = blocks.findIndex((block) => /^sh\nnpm run --silent cli -- trace /.test(block));
  const args = blocks[at].trim().split(' -- ')[1].split(' ');
  // One engine, so that the last digit is the same on every machine.
  const printed = execFileSync(process.execPath, [CLI, ...args, '--engine', 'onnx'], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  });
  expect(blocks[at + 2].trim()).toBe(printed.trim());
});
