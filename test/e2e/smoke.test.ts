import { expect, test } from 'vitest';
import { screenshot, statusText } from './actions';
import { scene } from './scene';

const editor = scene(() => ({ open: 'inventory.py' }));

test('the packed extension starts with a Python file and loads its model', async () => {
  const { page, log } = editor();
  await expect.poll(() => statusText(page), { timeout: 60_000 }).toContain('tiny');
  expect(log()).toMatch(/tiny \w+ loaded in \d+ ms/);
  await screenshot(page, 'smoke');
});
