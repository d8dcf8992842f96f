import { describe, expect, test } from 'vitest';
import {
  chooseItem,
  goTo,
  hover,
  poll,
  runCommand,
  screenshot,
  statusText,
  modelLoaded,
} from './actions';
import { bars, chooseTheme, counts, drawn, heading, panelFrame, patiently } from './panelPage';
import { scene } from './scene';
import { highContrastTests } from './suites/highContrast';
import { themeTests } from './suites/themes';

const MEASURED = /top nodes[\s\S]*measured change/;

const editor = scene(() => ({
  open: 'inventory.py',
  settings: {
    'circuitscope.bundle': 'python-sparse',
    'workbench.colorTheme': 'Default Dark Modern',
  },
}));

test('the shipped model answers in a hover, with effects', async () => {
  const { page } = editor();
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  // `->` in `def label(self) -> str:`
  const text = await hover(page, 12, 20, MEASURED);
  await poll(() => statusText(page)).toContain('python-sparse');
  expect(text).toContain('->');
  await screenshot(page, 'shipped-hover');
});

// Pictures of a model that has learned nothing would show little.
describe('themes', () => themeTests(editor));

test('the shipped model shows the circuit of a prediction', async () => {
  const { page } = editor();
  await chooseTheme(page, 'Dark Modern');
  await runCommand(page, 'Circuitscope: Remove All Ablations');
  await poll(() => statusText(page)).not.toContain('ablation');
  await goTo(page, 12, 20);
  await runCommand(page, 'Circuitscope: Open Circuit');
  await runCommand(page, 'Notifications: Clear All Notifications');
  await page.mouse.move(300, 700); // Away from what says more where the mouse rests.
  const frame = await panelFrame(page);
  await patiently(() => heading(frame)).toContain('->');
  await drawn(frame);
  const [shown, all] = await counts(frame);
  expect(shown).toBeGreaterThan(5);
  expect(all).toBeGreaterThan(shown);
  await screenshot(page, 'shipped-panel');
});

describe('high contrast', () => highContrastTests(editor));

test('the open panel goes over to another model, and nothing of the one before is left', async () => {
  const { page } = editor();
  const frame = await panelFrame(page);
  const title = () => frame.locator('.title').innerText();
  await patiently(title).toContain('python-sparse');
  const before = await bars(frame);
  expect(await statusText(page)).toContain('L3 MLP write');
  await runCommand(page, 'Circuitscope: Choose Model…');
  await chooseItem(page, 'python-dense', 'python-dense');
  await poll(() => modelLoaded(editor().log())).toBe('python-dense');
  await patiently(title).toContain('python-dense');
  await drawn(frame);
  await patiently(() => heading(frame)).toContain('->');
  expect(await bars(frame)).not.toEqual(before);
  // Nor the colors of a node of it.
  expect(await statusText(page)).not.toContain('L3 MLP write');
  await screenshot(page, 'shipped-panel-dense');
});
