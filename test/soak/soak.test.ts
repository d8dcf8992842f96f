/**
 * Minutes of what a long day at the editor does: edits, cursor moves, hovers, ablations, other models,
 * models that cannot be loaded, threads that fail. Memory must stay flat, nothing may go wrong in the
 * log, and the saved set must be there at the end.
 *
 *   npm run soak                       SOAK_MINUTES=2 npm run soak
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import {
  acceptFirst,
  answerInput,
  chooseItem,
  goTo,
  hover,
  openFile,
  poll,
  runCommand,
  statusText,
} from '../e2e/actions';
import { scene } from '../e2e/scene';
import { bundleIn, randomParts, vocabConfig } from '../integration/runtime/bundles';
import { expectFlat } from './memory';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 8);
/** In so many rounds, everything happens that can happen. */
const LEAST_ROUNDS = 12;
const FILE = 'inventory.py';
const TYPED = 'def soak(items, start=0):\n    for item in items:\n        start += item\n';

/** Keys that move the cursor. */
const KEYS = ['Control+Home', 'PageDown', 'ArrowUp', 'ArrowUp', 'End', 'Control+End'];
KEYS.push(...Array.from({ length: 10 }, () => 'ArrowLeft'));

const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-soak-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});
/** Models by what they are; each has another hash, and the last is damaged. */
const models = {
  first: bundle('first', 1),
  second: bundle('second', 2),
  damaged: bundle('damaged', 3),
};
writeFileSync(join(models.damaged, 'means.safetensors'), 'no tensors');

function bundle(name: string, seed: number): string {
  return bundleIn(scratch, { ...randomParts(vocabConfig({ context: 64 }), seed), name });
}

const editor = scene(
  () => ({
    open: FILE,
    settings: { 'circuitscope.bundle': models.first },
    prepare: (folder) => {
      mkdirSync(join(folder, '.vscode'), { recursive: true });
      writeFileSync(join(folder, '.vscode', 'settings.json'), '{}\n');
    },
  }),
  [/means\.safetensors/],
);
const clear = () => runCommand(editor().page, 'Notifications: Clear All Notifications');

/** Everything in the open file becomes this text, as one edit. */
async function replaceAll(page: Page, text: string): Promise<void> {
  await page.locator('.editor-instance .view-lines').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** Chooses a model by the workspace's settings, as another program or a teammate would. */
async function useModel(page: Page, model: keyof typeof models, threads: number): Promise<void> {
  const settings = { 'circuitscope.bundle': models[model], 'circuitscope.threads': threads };
  await openFile(page, 'settings.json');
  await replaceAll(page, JSON.stringify(settings));
  await page.keyboard.press('Control+S');
  await openFile(page, FILE);
  if (model !== 'damaged') await poll(() => statusText(page)).toContain(model);
}

/** One node off, everywhere. */
async function ablate(page: Page): Promise<void> {
  await goTo(page, 1, 3);
  await runCommand(page, 'Circuitscope: Ablate Node…');
  await acceptFirst(page, /MLP|head|attention/i);
  await chooseItem(page, 'Zero', 'Zero');
  await chooseItem(page, 'Everywhere', 'Everywhere');
  await poll(() => statusText(page)).toContain('1 ablation');
}

/** Types a function and moves the cursor about in it; the number of edits. */
async function typeAndMove(page: Page): Promise<number> {
  await page.keyboard.press('Control+End');
  for (const letter of TYPED) await page.keyboard.insertText(letter);
  for (const key of KEYS) await page.keyboard.press(key);
  return TYPED.length;
}

test('stays well for minutes', async () => {
  const { page, folder } = editor();
  const original = readFileSync(join(folder, FILE), 'utf8');
  const done = { edits: 0, moves: 0, hovers: 0, ablations: 0, switches: 0, kills: 0, failures: 0 };
  const start = performance.now();
  const minutes = () => (performance.now() - start) / 60_000;

  // No model is loaded before it is asked for.
  await hover(page, 1, 3, /surprise/);
  await page.keyboard.press('Escape');
  await poll(() => statusText(page)).toContain('first');
  await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
  await ablate(page);
  await runCommand(page, 'Circuitscope: Save Ablations…');
  await answerInput(page, 'soak');
  const sets = join(folder, '.circuitscope', 'interventions');
  await poll(() => existsSync(sets) && readdirSync(sets)).toEqual(['soak.json']);
  const saved = readFileSync(join(sets, 'soak.json'), 'utf8');

  const warm = Date.now();
  for (let round = 0; round < LEAST_ROUNDS || minutes() < MINUTES; round++) {
    done.edits += await typeAndMove(page);
    done.moves += KEYS.length;
    if (round % 3 === 2) {
      await hover(page, 1, 3, /surprise/);
      await page.keyboard.press('Escape');
      done.hovers++;
    }
    if (round % 5 === 4) {
      await runCommand(page, 'Circuitscope: Remove All Ablations');
      await poll(() => statusText(page)).not.toContain('ablation');
      await ablate(page);
      done.ablations++;
    }
    if (round % 4 === 1) {
      // In the middle of a measurement, as a bug or the system would.
      await hover(page, 1, 3, /surprise/);
      await runCommand(page, "Probe: Make the Model's Thread Fail");
      done.kills++;
    }
    if (round % 6 === 5) {
      await useModel(page, done.switches % 2 === 0 ? 'second' : 'first', 1 + (round % 2));
      done.switches++;
    }
    if (round % 12 === 11) {
      await useModel(page, 'damaged', 1);
      await poll(() => statusText(page)).not.toMatch(/first|second/);
      await useModel(page, 'first', 2);
      await clear();
      done.failures++;
    }
    if (round % 4 === 3) {
      await replaceAll(page, original);
      done.edits++;
    }
    // What is ablated outlives every model and every edit.
    await poll(() => statusText(page)).toContain('1 ablation');
  }

  console.log(`in ${minutes().toFixed(1)} minutes: ${JSON.stringify(done)}`);
  expect(readFileSync(join(sets, 'soak.json'), 'utf8')).toBe(saved);
  await runCommand(page, 'Circuitscope: Remove All Ablations');
  await poll(() => statusText(page)).not.toContain('ablation');
  await runCommand(page, 'Circuitscope: Load Ablations…');
  await acceptFirst(page, /soak/);
  await poll(() => statusText(page)).toContain('1 ablation');
  expect(Object.values(done)).not.toContain(0);
  expectFlat(
    editor()
      .memory()
      .filter(({ at }) => at > warm),
  );
});
