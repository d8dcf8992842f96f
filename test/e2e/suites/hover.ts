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

  test('the first hover shows surprise, what comes next, and three nodes with measured effects', async () => {
    const { page } = editor();
    const text = await hover(page, LINE, COLUMN, /surprise/);
    expect(text).toMatch(/surprise \d+\.\d bits \((rank \d+|most likely)\)/);
    // The three likeliest, and the one that follows in the file when it is none of them.
    expect((text.match(/\d\s%/g) ?? []).length).toBeGreaterThanOrEqual(3);
    expect(text.match(/L\d\s(MLP|head|attention)/g)).toHaveLength(3);
    // As it opened, not as it became.
    expect(text.match(/[−+]\d+\.\d\d/g)).toHaveLength(3);
    expect(text).toContain('measured change');
    await screenshot(page, 'hover');
  });

  test('hovers show everything on demand', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Toggle Detailed Hovers');
    const text = await hover(page, LINE, COLUMN, /token \d+/);
    expect(text.match(/L\d\s(MLP|head|attention)/g)).toHaveLength(6);
    expect(text).toMatch(/All effects…[\s\S]*Less/);
    await screenshot(page, 'hover-full');
  });

  test('a hover follows an edit that is not saved', async () => {
    const { page } = editor();
    const before = tokenNumber(await hover(page, LINE, COLUMN, /surprise/));
    await goTo(page, 1, 1);
    await page.keyboard.type('import os\n');
    const text = await hover(page, LINE + 1, COLUMN, new RegExp(`token (?!${before}\\b)\\d+`));
    expect(tokenNumber(text)).toBeGreaterThan(before);
    await runCommand(page, 'File: Revert File');
    await runCommand(page, 'Circuitscope: Toggle Detailed Hovers');
  });
}
