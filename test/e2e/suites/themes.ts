import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import {
  acceptFirst,
  chooseItem,
  decorations,
  goTo,
  hover,
  poll,
  runCommand,
  screenshot,
  statusText,
} from '../actions';
import type { Editor } from '../editor';

const THEMES = [
  ['dark', 'Dark Modern', 'vs-dark'],
  ['light', 'Light Modern', 'vs'],
  ['high-contrast', 'Dark High Contrast', 'hc-black'],
  ['high-contrast-light', 'Light High Contrast', 'hc-light'],
] as const;

interface Manifest {
  readonly contributes: {
    readonly colors: readonly { readonly id: string; readonly defaults: Record<string, string> }[];
  };
}
const manifest = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8');
const { colors } = (JSON.parse(manifest) as Manifest).contributes;
const KINDS = {
  ...{ 'vs-dark': 'dark', vs: 'light' },
  ...{ 'hc-black': 'highContrast', 'hc-light': 'highContrastLight' },
};

/** Colors of the heat map in a kind of theme, as a page computes them. */
function heatColors(kind: keyof typeof KINDS): string[] {
  const own = colors.filter(({ id }) => /surprise\d/.test(id));
  return own.map(({ defaults }) => {
    const [r, g, b, a] = defaults[KINDS[kind]].match(/\w\w/g)!.map((pair) => parseInt(pair, 16));
    return `rgba(${r}, ${g}, ${b}, ${Math.round((100 * a) / 255) / 100})`;
  });
}

/** Pictures in all themes, to be looked at: an ablation, a hover, the heat map with its legend. */
export function themeTests(editor: () => Editor): void {
  const painted = async () => (await decorations(editor().page)).length;

  test('an ablation and the heat map are on', async () => {
    const { page } = editor();
    await goTo(page, 24, 14);
    await runCommand(page, 'Circuitscope: Ablate Node…');
    await acceptFirst(page, /MLP|head|attention/i);
    await chooseItem(page, 'Mean', 'Mean');
    await chooseItem(page, 'Everywhere', 'Everywhere');
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(painted).toBeGreaterThan(0);
  });

  test.each(THEMES)('hover, heat map and ablation in the %s theme', async (name, theme, kind) => {
    const { page } = editor();
    await runCommand(page, 'Preferences: Color Theme');
    await chooseItem(page, theme, theme);
    await page.locator(`.monaco-workbench.${kind}`).waitFor();
    await hover(page, 24, 14, /without[\s\S]*top nodes/);
    // What is painted is painted in the colors of this theme.
    const heat = heatColors(kind);
    await poll(painted).toBeGreaterThan(0);
    await poll(async () => (await decorations(page)).filter((one) => !heat.includes(one))).toEqual(
      [],
    );
    await screenshot(page, `theme-${name}`);
    await page.keyboard.press('Escape');
    await page.locator('.statusbar-item[id*="circuitscope.heatMap"]').hover();
    await page.getByText('How surprised the model was').waitFor();
    await screenshot(page, `legend-${name}`);
  });

  test('the file is colored by a node, and not where that is ablated everywhere', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(painted).toBe(0);
    await goTo(page, 24, 14);
    await runCommand(page, 'Circuitscope: Color File by Node…');
    await acceptFirst(page, /MLP|head|attention/i);
    await poll(painted).toBeGreaterThan(0);
    await screenshot(page, 'activation');
    const shown = page.locator('.statusbar-item[id*="circuitscope.activationMap"]');
    const node = (await shown.innerText()).trim();
    await runCommand(page, 'Circuitscope: Ablate Node…');
    // Its row goes on with a label, or with the node's own name, which starts with the layer.
    await chooseItem(page, node, new RegExp(`${node}(\\D|\\d\\.)`));
    await chooseItem(page, 'Mean', 'Mean');
    await chooseItem(page, 'Everywhere', 'Everywhere');
    await poll(() => statusText(page)).toContain('1 ablation');
    await poll(painted).toBe(0);
  });
}
