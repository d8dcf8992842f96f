import { describe, expect, test } from 'vitest';
import { screenshot, statusText } from './actions';
import { scene } from './scene';
import { ablationTests } from './suites/ablations';
import { heatMapTests } from './suites/heatMap';
import { hoverTests } from './suites/hover';
import { longFileTests, longText } from './suites/longFile';
import { themeTests } from './suites/themes';

// Starting VS Code takes longer than any test, so that one serves them all, in this order.
const editor = scene(() => ({ open: 'inventory.py', files: { 'long.py': longText() } }));

test('the packed extension starts with a Python file and loads its model', async () => {
  const { page, log } = editor();
  await expect.poll(() => statusText(page), { timeout: 150_000 }).toContain('tiny');
  expect(log()).toMatch(/tiny \w+ loaded in \d+ ms/);
  await screenshot(page, 'start');
});

describe('hover', () => hoverTests(editor));
describe('ablations', () => ablationTests(editor));
describe('heat map', () => heatMapTests(editor));
describe('long file', () => longFileTests(editor));
describe('themes', () => themeTests(editor));
