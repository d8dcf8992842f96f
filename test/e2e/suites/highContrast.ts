import type { Frame } from 'playwright-core';
import { expect, test } from 'vitest';
import { poll, runCommand, screenshot, statusText } from '../actions';
import { faintTexts } from '../contrast';
import { bars, chooseTheme, drawn, panelFrame, patiently, press } from '../panelPage';
import type { Editor } from '../editor';

/** What WCAG 2.2 asks of texts at its highest level (1.4.6). */
const LEAST = 7;
/** What the mouse has left is gone by then, in ms. */
const REST = 300;

/** The open panel in the high contrast themes: texts stand out, and pictures to be looked at. */
export function highContrastTests(editor: () => Editor): void {
  let frame: Frame;

  test('a node is ablated in the open panel', async () => {
    const { page } = editor();
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
    await chooseTheme(page, theme);
    await page.locator(`.monaco-workbench.${kind}`).waitFor();
    for (const view of ['Table', 'Graph', 'Attention', 'Layers']) {
      await press(frame, view);
      await page.mouse.move(300, 700); // Away from what says more where the mouse rests.
      await page.waitForTimeout(REST);
      await screenshot(page, `high-contrast-${name}-${view.toLowerCase()}`);
      expect(await faintTexts(frame, LEAST), view).toEqual([]);
    }
  });

  test('the panel is as it was', async () => {
    const { page } = editor();
    await press(frame, 'Unselect');
    await press(frame, 'Graph');
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    await chooseTheme(page, 'Dark Modern');
  });
}
