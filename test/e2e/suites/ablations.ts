import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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
  openFile,
} from '../actions';
import type { Editor } from '../editor';

/** `Shape` in `class Shape:`. */
const LINE = 6;
const COLUMN = 7;

/** Ablations from the palette, and sets of them. */
export function ablationTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'shapes.py'));

  test('an ablation from the palette changes the prediction in the hover', async () => {
    const { page } = editor();
    expect(await hover(page, LINE, COLUMN, /surprise/)).not.toContain('without');
    await goTo(page, LINE, COLUMN);
    await runCommand(page, 'Circuitscope: Ablate Node…');
    await acceptFirst(page, /MLP|head|attention/i);
    await screenshot(page, 'ablate-kind');
    await chooseItem(page, 'Zero', 'Zero');
    await chooseItem(page, 'Everywhere', 'Everywhere');
    await poll(() => statusText(page)).toContain('1 ablation');
    const text = await hover(page, LINE, COLUMN, /without/);
    const shares = text.match(/[\d.]+\s%/g) ?? [];
    expect(shares.length).toBeGreaterThanOrEqual(6);
    expect(shares.filter((_, i) => i % 2 === 0)).not.toEqual(shares.filter((_, i) => i % 2 === 1));
    await screenshot(page, 'hover-ablated');
  });

  test('a set of ablations is saved into the workspace', async () => {
    const { page, folder } = editor();
    await runCommand(page, 'Circuitscope: Save Ablations…');
    await answerInput(page, 'one node off');
    const sets = join(folder, '.circuitscope', 'interventions');
    await poll(() => existsSync(sets) && readdirSync(sets)).toEqual([
      expect.stringMatching(/\.json$/),
    ]);
  });

  test('all ablations are removed', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    expect(await hover(page, LINE, COLUMN, /surprise/)).not.toContain('without');
  });

  test('the saved set is loaded and in force again', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Load Ablations…');
    await screenshot(page, 'load-set');
    await acceptFirst(page, /one.node.off/);
    await poll(() => statusText(page)).toContain('1 ablation');
    await hover(page, LINE, COLUMN, /without/);
  });

  test('a set is copied, removed and loaded from the clipboard', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Copy Ablations to Share Them');
    await poll(() => notifications(page)).toContainEqual(expect.stringContaining('Copied 1'));
    await runCommand(page, 'Notifications: Clear All Notifications');
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    await runCommand(page, 'Circuitscope: Load Ablations…');
    await chooseItem(page, 'Clipboard', 'Clipboard');
    await poll(() => statusText(page)).toContain('1 ablation');
    await runCommand(page, 'Notifications: Clear All Notifications');
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
  });

  test('a node is steered at one token, and the change undone and made again', async () => {
    const { page } = editor();
    await goTo(page, LINE, COLUMN);
    await runCommand(page, 'Circuitscope: Steer Node…');
    await acceptFirst(page, /MLP|head|attention/i);
    await answerInput(page, '7.5');
    await acceptFirst(page, /Only at this token/);
    await poll(() => statusText(page)).toContain('1 ablation');
    await hover(page, LINE, COLUMN, /without/);
    await runCommand(page, 'Circuitscope: Undo Change of Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    await runCommand(page, 'Circuitscope: Redo Change of Ablations');
    await poll(() => statusText(page)).toContain('1 ablation');
    await runCommand(page, 'Circuitscope: Undo Change of Ablations');
  });

  test('the effects of all active nodes at a token are listed, and one is ablated', async () => {
    const { page } = editor();
    await goTo(page, LINE, COLUMN);
    await runCommand(page, 'Circuitscope: Show Effects for This Token…');
    await poll(() => pickTexts(page).then((rows) => rows[0] ?? '')).toMatch(/nats/);
    await screenshot(page, 'effects');
    const sizes = (await pickTexts(page)).map((row) =>
      Number(/[-−+]([\d.]+)\snats/.exec(row)?.[1]),
    );
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    await page.keyboard.press('Enter');
    await acceptFirst(page, /Mean/);
    await acceptFirst(page, /Only at this token/);
    await poll(() => statusText(page)).toContain('1 ablation');
    await hover(page, LINE, COLUMN, /without/);
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    await runCommand(page, 'Notifications: Clear All Notifications');
  });
}
