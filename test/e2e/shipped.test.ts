import { expect, test } from 'vitest';
import { hover, runCommand, screenshot } from './actions';
import { scene } from './scene';

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
  await hover(page, 12, 20, /ffect on the log-probability/);
  // Effects that came late stand below; the next hover has them in its table.
  await page.keyboard.press('Escape');
  await page.mouse.move(0, 0);
  const text = await hover(page, 12, 20, /ffect on the log-probability/);
  expect(text).toMatch(/->/);
  expect(text).toMatch(/None/);
  await screenshot(page, 'shipped-hover');
});
