/** Models that are not shipped: one that another project published, and one with bridges to a dense model. */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBundle } from '../../models/bundles/bundle';
import { bundleIn, identityBridges } from '../integration/runtime/bundles';
import { FIXTURES } from '../unit/import/fixtures';
import {
  acceptDialog,
  acceptFirst,
  chooseItem,
  chooseModelFolder,
  goTo,
  hover,
  modelLoaded,
  notifications,
  openFile,
  poll,
  runCommand,
  screenshot,
} from './actions';
import { button, panelFrame, patiently } from './panelPage';
import { scene } from './scene';
import { brokenBundleTests, withBrokenBundle } from './suites/brokenBundle';

const PUBLISHED = 'openai-sink';
const LINE = 'print("hello';

// One VS Code for both, which starts with a model that is broken.
const editor = scene(
  () => ({
    ...withBrokenBundle(),
    files: { 'hello.py': `${LINE}")\n` },
    prepare(folder) {
      const published = join(folder, 'published');
      mkdirSync(published);
      cpSync(join(FIXTURES, PUBLISHED), join(published, PUBLISHED), { recursive: true });
      cpSync(join(FIXTURES, 'openai-tokenizer'), published, { recursive: true });
      // The dense model bridged to itself, beside it.
      const partner = readBundle(join(import.meta.dirname, '../../models/bundles/python-dense'));
      const { config, weights, means, card, tokenizerJson } = partner;
      const models = join(folder, 'models');
      bundleIn(models, {
        ...{ config, weights, means, card, name: 'bridged' },
        tokenizerJson: JSON.stringify(tokenizerJson),
        bridges: identityBridges(partner, config),
      });
      cpSync(partner.dir, join(models, partner.name), { recursive: true });
    },
  }),
  [/weights\.safetensors/],
);

describe('a broken bundle', () => brokenBundleTests(editor));

test('a published model is imported from its folder, and is in use then', async () => {
  const { page, folder, log } = editor();
  await openFile(page, 'words.py');
  await runCommand(page, 'Circuitscope: Import Model…');
  await acceptDialog(page, join(folder, 'published', PUBLISHED, '/'));
  // How much memory it takes is said before anything is done.
  await poll(() => page.locator('.quick-input-title:visible').first().innerText()).toMatch(
    /Import openai-sink: [\d,]+ numbers, up to .*B of memory/,
  );
  await screenshot(page, 'import');
  await chooseItem(page, 'Python files', 'Python files in a folder…');
  await acceptDialog(page, join(folder, '/'));
  await poll(async () => (await notifications(page)).join()).toContain('openai-sink is in use');
  await runCommand(page, 'Notifications: Clear All Notifications');
  await hover(page, 12, 6, /top nodes[\s\S]*measured change/);
  expect(modelLoaded(log())).toBe(PUBLISHED);
});

test('the dense model is steered by a node that is chosen, in the panel', async () => {
  const { page, folder, log } = editor();
  await chooseModelFolder(page, join(folder, 'models', 'bridged'));
  await openFile(page, 'hello.py');
  await goTo(page, 1, LINE.length);
  await hover(page, 1, LINE.length, /top nodes[\s\S]*measured change/);
  expect(modelLoaded(log())).toBe('bridged');
  await runCommand(page, 'Circuitscope: Steer the Dense Model…');
  await acceptFirst(page, /MLP|head|attention/i);
  const frame = await panelFrame(page);
  await patiently(() => frame.locator('.dense').innerText()).toContain('python-dense');
  const node = await frame.locator('.node-card h2').innerText();
  expect(node).toMatch(/^L\d/);
  const field = frame.locator('.dense vscode-text-field.other-line input');
  await field.fill(LINE.replace('"', "'"));
  await field.press('Tab');
  await button(frame, 'Which nodes?').click();
  const rows = frame.locator('.dense table').first().locator('tbody tr');
  await patiently(() => rows.count()).toBeGreaterThan(3);
  await rows.first().locator('button').click();
  await patiently(() => frame.locator('.steering-curve').getAttribute('aria-label')).toMatch(
    /at full strength/,
  );
  await screenshot(page, 'steer');
  expect(existsSync(join(folder, '.circuitscope'))).toBe(false);
});
