import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleIn, randomParts, vocabConfig } from '../integration/runtime/bundles';
import {
  acceptFirst,
  answerInput,
  chooseItem,
  goTo,
  hover,
  notifications,
  pickTexts,
  poll,
  runCommand,
  screenshot,
  statusText,
  trustFolder,
} from './actions';
import { scene } from './scene';

const outside = mkdtempSync(join(tmpdir(), 'circuitscope-outside-'));
afterAll(() => rmSync(outside, { recursive: true }));

/** A folder that brings a model of its own and settings that choose it. */
const editor = scene(
  () => ({
    open: 'guessing.py',
    files: { '.vscode/settings.json': JSON.stringify({ 'circuitscope.bundle': './bundles/mine' }) },
    prepare: (folder) => {
      const parts = randomParts(vocabConfig({ context: 64 }), 2);
      bundleIn(join(folder, 'bundles'), { ...parts, name: 'mine' });
    },
    asksForTrust: true,
  }),
  // The editor itself complains when it starts its extensions again, and that it has no gallery.
  [
    /not trusted/,
    /was left out/,
    /outside the workspace/,
    /is already registered/,
    /open-vsx\.org/,
  ],
);

test('in a folder that is not trusted, its model is not loaded and nothing is saved', async () => {
  const { page } = editor();
  await poll(() => page.locator('.statusbar').innerText()).toContain('Restricted Mode');
  await hover(page, 13, 8, /surprise/);
  await poll(() => statusText(page)).toContain('tiny');
  await runCommand(page, 'Circuitscope: Ablate Node…');
  await acceptFirst(page, /MLP|head|attention/i);
  await chooseItem(page, 'Zero', 'Zero');
  await chooseItem(page, 'Everywhere', 'Everywhere');
  await poll(() => statusText(page)).toContain('1 ablation');
  await runCommand(page, 'Circuitscope: Save Ablations…');
  await poll(() => notifications(page)).toContainEqual(expect.stringContaining('not trusted'));
  await screenshot(page, 'not-trusted');
  await runCommand(page, 'Notifications: Clear All Notifications');
});

test('once it is trusted, its model is used, and the ablation of the other model waits', async () => {
  const { page } = editor();
  await trustFolder(page);
  await goTo(page, 13, 8);
  const text = await hover(page, 13, 8, /surprise/);
  await poll(() => statusText(page)).toContain('mine');
  expect(text).not.toContain('without');
  await runCommand(page, 'Circuitscope: Turn Ablations On or Off…');
  await poll(async () => (await pickTexts(page)).join()).toMatch(
    /inactive, for another model: tiny/,
  );
  await screenshot(page, 'ablation-waits');
  await page.keyboard.press('Escape');
  await runCommand(page, 'Circuitscope: Save Ablations…');
  const refused = expect.stringContaining('1 ablation of another model was left out');
  await poll(() => notifications(page)).toContainEqual(refused);
  await runCommand(page, 'Notifications: Clear All Notifications');
  await runCommand(page, 'Circuitscope: Ablate Node…');
  await acceptFirst(page, /MLP|head|attention/i);
  await chooseItem(page, 'Zero', 'Zero');
  await chooseItem(page, 'Everywhere', 'Everywhere');
  await hover(page, 13, 8, /without/);
  await runCommand(page, 'Circuitscope: Save Ablations…');
  await answerInput(page, 'kept');
  await poll(() => notifications(page)).toContainEqual(expect.stringContaining('Saved 1 ablation'));
  await runCommand(page, 'Notifications: Clear All Notifications');
});

test('nothing is saved where a symbolic link leads out of the folder', async () => {
  const { page, folder } = editor();
  const own = join(folder, '.circuitscope');
  rmSync(own, { recursive: true });
  symlinkSync(outside, own);
  await runCommand(page, 'Circuitscope: Save Ablations…');
  await answerInput(page, 'away');
  const refused = expect.stringMatching(/outside the workspace.*remove the link/);
  await poll(() => notifications(page)).toContainEqual(refused);
  await screenshot(page, 'link-refused');
  expect(readdirSync(outside)).toEqual([]);
  // A link that stays in the folder is as good as a folder.
  rmSync(own);
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), own);
  await runCommand(page, 'Circuitscope: Save Ablations…');
  await answerInput(page, 'near');
  const saved = join(folder, 'elsewhere', 'interventions');
  await poll(() => existsSync(saved) && readdirSync(saved)).toEqual(['near.json']);
});
