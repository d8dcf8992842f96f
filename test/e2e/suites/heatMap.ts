import { beforeAll, expect, test } from 'vitest';
import { decorations, goTo, openFile, poll, runCommand, screenshot, statusText } from '../actions';
import type { Editor } from '../editor';

/** The surprise heat map. */
export function heatMapTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'grid.py'));

  test('the heat map colors the file, follows an edit and goes away again', async () => {
    const { page } = editor();
    expect(await decorations(page)).toEqual([]);
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(async () => (await decorations(page)).length).toBeGreaterThan(0);
    await poll(() => statusText(page)).toContain('Surprise');
    await screenshot(page, 'heat-map');

    const before = (await decorations(page)).length;
    await goTo(page, 1, 1);
    await page.keyboard.type('zebra = quagga * okapi\n\n\n');
    await poll(async () => (await decorations(page)).length).not.toBe(before);

    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(async () => (await decorations(page)).length).toBe(0);
    await runCommand(page, 'File: Revert File');
  });
}
