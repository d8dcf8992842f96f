import { expect, test } from 'vitest';
import { hover, openFile, ownNotifications, screenshot } from '../actions';
import type { Editor } from '../editor';

const LINE = 400_000;
const FILE = 10 * 2 ** 20;
const CALL = 'value = compute(one, two)\n';

/** Texts that are larger than people write them. */
export function largeFiles(): Record<string, string> {
  return {
    'line.py': `numbers = [${'17, '.repeat(LINE / 4)}]\n`,
    'large.py': CALL.repeat(FILE / CALL.length),
  };
}

/** A hover in these answers, or says why it does not. */
export function largeTests(editor: () => Editor): void {
  test('a line of 400,000 characters is hovered like any other', async () => {
    const { page } = editor();
    await openFile(page, 'line.py');
    await hover(page, 1, 3, /surprise/);
    await hover(page, 1, 40, /surprise/);
    await screenshot(page, 'long-line');
  });

  test('a file of 10 MB says in the hover that it is too long, and the next file is read', async () => {
    const { page } = editor();
    await openFile(page, 'large.py');
    await hover(page, 3, 10, /longer\sthan\s4\smillion\scharacters;\sopen\sa\sshorter\sone/);
    await screenshot(page, 'large-file');
    await openFile(page, 'words.py');
    await hover(page, 1, 3, /surprise/);
    expect(await ownNotifications(page)).toEqual([]);
  });
}
