/** What the README shows of a command is what the command prints, of the model that ships. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { built } from '../runtime/built';
import { temporaryFolder } from '../runtime/bundles';

const CLI = built('cli.js');
built('runtime-worker.js');

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

/** What a page's command prints, on one engine, so that the last digit is the same on every machine. */
const printed = (args: readonly string[]) =>
  execFileSync(process.execPath, [CLI, ...args, '--engine', 'onnx'], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  });

/** Blocks of code of a page, text between them, and the place of its trace. */
function traceIn(page: string): { blocks: string[]; at: number; args: string[] } {
  const blocks = readFileSync(page, 'utf8').split('```');
  const at = blocks.findIndex((block) => /^sh\nnpm run --silent cli -- trace /.test(block));
  return { blocks, at, args: blocks[at].trim().split(' -- ')[1].split(' ') };
}

it('shows the trace that its command prints', () => {
  const { blocks, at, args } = traceIn('README.md');
  expect(blocks[at + 2].trim()).toBe(printed(args).trim());
});

it('shows on the page of interventions what its set does', () => {
  const { blocks, at, args } = traceIn('docs/interventions.md');
  const set = blocks.find((block) => block.startsWith('json\n'))!.slice('json\n'.length);
  const file = join(folder.dir, 'set.json');
  writeFileSync(file, set);
  const out = printed(args.map((arg) => (arg === 'set.json' ? file : arg)));
  expect(blocks[at + 2]).toMatch(/^text\n[^]*with interventions/);
  expect(out.startsWith(blocks[at + 2].slice('text\n'.length).trim())).toBe(true);
});
