import { beforeAll, test } from 'vitest';
import {
  acceptFirst,
  chooseItem,
  decorations,
  goTo,
  hover,
  poll,
  runCommand,
  screenshot,
  openFile,
} from '../actions';
import type { Editor } from '../editor';

const THEMES = [
  ['dark', 'Dark Modern', 'vs-dark'],
  ['light', 'Light Modern', 'vs'],
  ['high-contrast', 'Dark High Contrast', 'hc-black'],
  ['high-contrast-light', 'Light High Contrast', 'hc-light'],
] as const;

/** Pictures in all themes, to be looked at. */
export function themeTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'inventory.py'));

  test('an ablation and the heat map are on', async () => {
    const { page } = editor();
    await goTo(page, 24, 14);
    await runCommand(page, 'Circuitscope: Ablate Node…');
    await acceptFirst(page, /MLP|head|attention/i);
    await chooseItem(page, 'Mean', 'Mean');
    await chooseItem(page, 'Everywhere', 'Everywhere');
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    const count = async () => (await decorations(page)).length;
    await poll(count).toBeGreaterThan(0);
  });

  test.each(THEMES)('hover, heat map and ablation in the %s theme', async (name, theme, kind) => {
    const { page } = editor();
    await runCommand(page, 'Preferences: Color Theme');
    await chooseItem(page, theme, theme);
    await page.locator(`.monaco-workbench.${kind}`).waitFor();
    await hover(page, 24, 14, /without[\s\S]*ffect on the log-probability/);
    await screenshot(page, `theme-${name}`);
  });
}
