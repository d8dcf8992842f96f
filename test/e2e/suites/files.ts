import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  decorations,
  goTo,
  hover,
  hoverText,
  ownNotifications,
  openFile,
  poll,
  quickOpen,
  runCommand,
  screenshot,
} from '../actions';
import type { Editor } from '../editor';

/** Lines typed without a pause; every key is a way through the browser and the server. */
const LINES = 6;
const CELL = 'def area(width, height):\n    return width * height\n';

/** Files that are not as files should be: put them into the workspace before VS Code starts. */
export function prepareFiles(folder: string): void {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256);
  writeFileSync(join(folder, 'blob.py'), bytes);
  writeFileSync(join(folder, 'gone.py'), 'def half(x):\n    return x / 2\n');
  const cell = { cell_type: 'code', metadata: {}, outputs: [], execution_count: null, id: 'a' };
  const metadata = { language_info: { name: 'python' } };
  const notebook = { cells: [{ ...cell, source: [CELL] }], metadata, nbformat: 4 };
  writeFileSync(join(folder, 'cells.ipynb'), JSON.stringify({ ...notebook, nbformat_minor: 5 }));
}

/** Notebooks, files that are deleted or no text, and typing faster than the model computes. */
export function fileTests(editor: () => Editor): void {
  test('a notebook cell is inspected at its cursor', async () => {
    const { page } = editor();
    await quickOpen(page, 'cells.ipynb');
    const cell = page.locator('.notebook-editor .cell-editor-part .view-line', {
      hasText: 'return',
    });
    await cell.first().click({ position: { x: 60, y: 8 } });
    await runCommand(page, 'Circuitscope: Inspect Token at Cursor');
    await poll(() => hoverText(page)).toMatch(/surprise[\s\S]*top nodes/);
    await screenshot(page, 'notebook');
    await page.keyboard.press('Escape');
    await runCommand(page, 'View: Close Editor');
  });

  test('a file that is deleted while it is open is still inspected', async () => {
    const { page, folder } = editor();
    await openFile(page, 'gone.py');
    await hover(page, 1, 5, /surprise/);
    rmSync(join(folder, 'gone.py'));
    await page.locator('.tab.active .monaco-icon-label.strikethrough').waitFor();
    await hover(page, 2, 6, /top nodes[\s\S]*measured change/);
    await runCommand(page, 'View: Close Editor');
  });

  test('a file that is no text is opened all the same, and is no Python', async () => {
    const { page } = editor();
    await quickOpen(page, 'blob.py');
    await page.getByText('Open Anyway').click();
    // VS Code asks in which editor when it has several.
    const asks = page.locator('.quick-input-widget:visible');
    const text = page.locator('.editor-instance .view-line').first();
    await asks.or(text).first().waitFor();
    if (await asks.count()) await page.keyboard.press('Enter');
    await text.waitFor();
    await poll(() => page.locator('.statusbar').innerText()).toContain('Binary');
    expect(await ownNotifications(page)).toEqual([]);
    await runCommand(page, 'View: Close Editor');
  });

  test('typing faster than the model computes ends in what was typed', async () => {
    const { page } = editor();
    await openFile(page, 'report.py');
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(async () => (await decorations(page)).length).toBeGreaterThan(0);
    await goTo(page, 1, 1);
    // Keys one after the other, without waiting for what they do.
    await page.keyboard.type('zebra = [quagga, okapi, 123, 456]\n'.repeat(LINES), { delay: 0 });
    await page
      .locator('.view-line', { hasText: 'zebra' })
      .nth(LINES - 1)
      .waitFor();
    await hover(page, LINES, 2, /surprise/);
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await runCommand(page, 'File: Revert File');
    expect(await ownNotifications(page)).toEqual([]);
  });
}
