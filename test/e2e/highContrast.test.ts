/** The panel in the high contrast themes of a real VS Code: texts stand out, and pictures to be looked at. */
import type { Frame } from 'playwright-core';
import { expect, test } from 'vitest';
import { goTo, runCommand, screenshot } from './actions';
import { faintTexts } from './contrast';
import { bars, chooseTheme, drawn, panelFrame, patiently, press } from './panelPage';
import { scene } from './scene';

/** What WCAG 2.2 asks of texts at its highest level (1.4.6). */
const LEAST = 7;

const editor = scene(() => ({
  open: 'inventory.py',
  settings: {
    'circuitscope.bundle': 'python-sparse',
    'workbench.colorTheme': 'Default High Contrast',
    'editor.minimap.enabled': false,
  },
}));

let frame: Frame;

test('the panel is there, with a node ablated', async () => {
  const { page } = editor();
  await goTo(page, 12, 20);
  await runCommand(page, 'Circuitscope: Open Circuit');
  frame = await panelFrame(page);
  await drawn(frame);
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await press(frame, 'mean');
  await patiently(async () => (await bars(frame))[0].length).toBe(3);
});

test.each([
  ['dark', 'Dark High Contrast', 'hc-black'],
  ['light', 'Light High Contrast', 'hc-light'],
] as const)('its texts stand out in the %s theme', async (name, theme, kind) => {
  const { page } = editor();
  if (name !== 'dark') await chooseTheme(page, theme);
  await page.locator(`.monaco-workbench.${kind}`).waitFor();
  for (const view of ['Table', 'Graph', 'Attention', 'Layers']) {
    await press(frame, view);
    await page.mouse.move(300, 700); // Away from what says more where the mouse rests.
    await page.waitForTimeout(1000);
    await screenshot(page, `high-contrast-${name}-${view.toLowerCase()}`);
    expect(await faintTexts(frame, LEAST), view).toEqual([]);
  }
});
