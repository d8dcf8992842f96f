import { beforeAll, expect, test } from 'vitest';
import { goTo, hover, openFile, runCommand, screenshot } from '../actions';
import type { Editor } from '../editor';

/** `Item` in `class Item:`. */
const LINE = 7;
const COLUMN = 7;

/** Number of the token that a hover is about. */
function tokenNumber(text: string): number {
  return Number(/token (\d+)/.exec(text)?.[1]);
}

/** What a hover shows, and that it follows edits. */
export function hoverTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'inventory.py'));

  test('a hover shows surprise, the likeliest next tokens and the strongest nodes', async () => {
    const { page } = editor();
    const text = await hover(page, LINE, COLUMN, /surprise/);
    expect(text).toMatch(/surprise \d+\.\d bits \(rank \d+\)/);
    // The five likeliest, and the one that follows in the file when it is none of them.
    expect((text.match(/\d\s%/g) ?? []).length).toBeGreaterThanOrEqual(5);
    expect(text).toMatch(/L\d\s(MLP|head|attention)/);
    await screenshot(page, 'hover');
  });

  test('effects of nodes appear in the hover', async () => {
    const { page } = editor();
    const text = await hover(page, LINE, COLUMN, /ffect on the log-probability/);
    expect(text).toMatch(/[-−+]\d+\.\d+/);
  });

  test('a hover follows an edit that is not saved', async () => {
    const { page } = editor();
    const before = tokenNumber(await hover(page, LINE, COLUMN, /surprise/));
    await goTo(page, 1, 1);
    await page.keyboard.type('import os\n');
    const text = await hover(page, LINE + 1, COLUMN, new RegExp(`token (?!${before}\\b)\\d+`));
    expect(tokenNumber(text)).toBeGreaterThan(before);
    await runCommand(page, 'File: Revert File');
  });
}
