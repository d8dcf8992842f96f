import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokenizer } from '../../models/tokenizer/tokenizer';
import { hover, poll, screenshot, statusText } from './actions';
import { scene } from './scene';
import { ablationTests } from './suites/ablations';
import { fileTests, prepareFiles } from './suites/files';
import { heatMapTests } from './suites/heatMap';
import { hoverTests } from './suites/hover';
import { largeFiles, largeTests } from './suites/large';
import { longFileTests, longText } from './suites/longFile';
import { modelTests } from './suites/models';
import { panelTests } from './suites/panel';

/**
 * The extension host's thread computes at one time no longer than so many times what it takes to
 * tokenize the long file, on this machine and in this run: a pass of the model there takes longer.
 */
const LONGEST_HELD = 2;
/** The thread is calm when it computed nothing longer than this (ms) for so long (ms). */
const CALM = { least: 15, milliseconds: 3000, longest: 30_000 };

/** Milliseconds of computing that the long file takes to tokenize. */
function tokenizing(): number {
  const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
  const start = process.cpuUsage();
  tokenizer.encodeIds(longText());
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

// Starting VS Code takes longer than any test, so that one serves them all, in this order.
const editor = scene(
  () => ({
    open: 'inventory.py',
    files: { ...largeFiles(), 'long.py': longText() },
    prepare: prepareFiles,
  }),
  [/chooseModel: .*bundle/, /Circuitscope: no bundle/],
);

test('the packed extension starts with a Python file, and loads its model when it is asked', async () => {
  const { page, log } = editor();
  await poll(() => log()).toMatch(/activated in/);
  expect(log()).not.toMatch(/loaded in/);
  await hover(page, 7, 7, /surprise/);
  await poll(() => statusText(page)).toContain('tiny');
  expect(log()).toMatch(/tiny \w+ loaded in \d+ ms/);
  await screenshot(page, 'start');
});

/**
 * Waits until what the editor itself does after its start and after a model was loaded (its other
 * extensions, its search for ports, collecting garbage) is over.
 */
const calm = once(async () => {
  const busy = () =>
    editor()
      .held()
      .filter(({ cpu }) => cpu >= CALM.least);
  const isCalm = () => Date.now() - (busy().at(-1)?.at ?? 0) > CALM.milliseconds;
  for (const end = Date.now() + CALM.longest; !isCalm() && Date.now() < end;) await sleep(100);
});

/** A function that does its work when it is first called. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/**
 * Tests of one subject; prints how long they held the extension host's thread at one time. How long
 * other programs let it wait is not ours to assert, but how long it computed is, unless the editor
 * loads an extension of its own into it meanwhile.
 */
function subject(name: string, tests: typeof hoverTests, loads: 'loads' | 'loads nothing') {
  describe(name, () => {
    let start = Infinity;
    beforeAll(async () => {
      if (loads === 'loads nothing') await calm();
      start = Date.now();
    });
    tests(editor);
    afterAll(() => {
      const held = editor()
        .held()
        .filter(({ at }) => at > start);
      const [wall, cpu] = (['wall', 'cpu'] as const).map((by) =>
        Math.max(0, ...held.map((one) => one[by])),
      );
      console.log(
        `${name}: extension host held at most ${wall.toFixed(0)} ms by the clock, ${cpu.toFixed(0)} ms of computing`,
      );
      if (loads === 'loads nothing') expect(cpu).toBeLessThanOrEqual(LONGEST_HELD * tokenizing());
    });
  });
}

subject('hover', hoverTests, 'loads nothing');
subject('ablations', ablationTests, 'loads nothing');
subject('heat map', heatMapTests, 'loads nothing');
subject('long file', longFileTests, 'loads nothing');
subject('models', modelTests, 'loads');
subject('files', fileTests, 'loads');
subject('large texts', largeTests, 'loads');
// Last, because the page is loaded anew.
subject('panel', panelTests, 'loads');
