import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { screenshot, statusText } from './actions';
import { openEditor, type Editor } from './editor';

let editor: Editor;
beforeAll(async () => {
  editor = await openEditor({ open: 'inventory.py' });
});
afterAll(() => editor?.close());

test('starts with the packed extension, opens a Python file, and logs no error', async () => {
  onTestFailed(() => screenshot(editor.page, 'smoke-failed'));
  await expect.poll(() => statusText(editor.page), { timeout: 60_000 }).not.toBe('');
  await expect.poll(() => editor.log(), { timeout: 60_000 }).not.toBe('');
  await screenshot(editor.page, 'smoke');
  expect(editor.problems()).toEqual([]);
});
