import { describe, expect, test } from 'vitest';
import {
  acceptFirst,
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
import { themeTests } from './suites/themes';

const MEASURED = /because of[\s\S]*Measured\./;

const editor = scene(() => ({
  open: 'inventory.py',
  settings: {
    'circuitscope.bundle': 'python-sparse',
    'workbench.colorTheme': 'Default Dark Modern',
    'editor.minimap.enabled': false,
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

test('a node is set beside its label, where that holds and where the node tells it', async () => {
  const { page } = editor();
  // A frame is an outline of the text's own spans.
  const framed = () =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('.view-line span')].filter((span) => getComputedStyle(span).outlineStyle === 'solid').map((span) => span.textContent)`,
    );
  const status = page.locator('.statusbar-item[id*="circuitscope.conceptMarks"]');
  await runCommand(page, 'Circuitscope: Find Nodes by Concept…');
  await chooseItem(page, 'inside a call', 'inside a call’s arguments');
  await acceptFirst(page, /L\d/);
  await poll(async () => (await framed()).length).toBeGreaterThan(0);
  await poll(() => status.innerText()).toMatch(/\d+ · \d+ · \d+/);
  await status.hover();
  await page.getByText(/Framed: .*inside a call’s arguments/).waitFor();
  await screenshot(page, 'concept-beside-node');
  await runCommand(page, 'Circuitscope: Compare Node with Its Label');
  await poll(async () => (await framed()).length).toBe(0);
  await runCommand(page, 'Circuitscope: Color File by Node…');
  await chooseItem(page, 'Stop coloring', 'Stop coloring');
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
