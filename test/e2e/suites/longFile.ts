import { beforeAll, test } from 'vitest';
import { goTo, hover, openFile, runCommand, screenshot } from '../actions';
import type { Editor } from '../editor';

const LINES = 20_000;
const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];

/** A file of many small functions, none like another. */
export function longText(): string {
  const functions = Array.from({ length: LINES / 4 }, (_, i) => {
    const word = WORDS[i % WORDS.length];
    return `def ${word}_${i}(x):\n    y = [x, ${i}]\n    return sum(y)\n\n`;
  });
  return functions.join('');
}

/** A file of 20,000 lines. */
export function longFileTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'long.py'));

  test('20,000 lines stay responsive while typing at the end, with the heat map on', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    const opened = performance.now();
    await hover(page, LINES - 3, 5, /surprise/);
    const first = performance.now() - opened;

    await goTo(page, LINES, 1);
    const typed = 'value = compute(one, two, three)';
    const start = performance.now();
    for (const key of typed) await page.keyboard.press(key === ' ' ? 'Space' : key);
    // Every key, in its order.
    await page.locator('.view-line', { hasText: typed.replaceAll(' ', '\u00a0') }).waitFor();
    const perKey = (performance.now() - start) / typed.length;

    const edited = performance.now();
    // About what was typed, not about what stood there before.
    await hover(page, LINES, 12, /comp[\s\S]*surprise/);
    const again = performance.now() - edited;
    await screenshot(page, 'long-file');
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await runCommand(page, 'File: Revert File');
    console.log(
      `20,000 lines: first hover ${Math.round(first)} ms, key ${Math.round(perKey)} ms, hover after typing ${Math.round(again)} ms`,
    );
  });
}
