import { afterAll, describe, expect, test } from 'vitest';
import { poll, screenshot, statusText } from './actions';
import { scene } from './scene';
import { ablationTests } from './suites/ablations';
import { fileTests, prepareFiles } from './suites/files';
import { heatMapTests } from './suites/heatMap';
import { hoverTests } from './suites/hover';
import { longFileTests, longText } from './suites/longFile';
import { modelTests } from './suites/models';
import { themeTests } from './suites/themes';

// Starting VS Code takes longer than any test, so that one serves them all, in this order.
const editor = scene(
  () => ({
    open: 'inventory.py',
    files: { 'long.py': longText() },
    prepare: prepareFiles,
  }),
  [/chooseModel: .*bundle/, /Circuitscope: no bundle/],
);
let started = Infinity;

// No test: how long other programs let the thread wait is not ours to assert.
afterAll(() => {
  const held = editor()
    .held()
    .filter(({ at }) => at > started);
  const largest = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0).toFixed(0);
  const [wall, cpu] = [held.map(({ wall }) => wall), held.map(({ cpu }) => cpu)];
  console.log(
    `extension host held at most ${largest(wall)} ms by the clock, ${largest(cpu)} ms of computing`,
  );
});

test('the packed extension starts with a Python file and loads its model', async () => {
  const { page, log } = editor();
  await poll(() => statusText(page)).toContain('tiny');
  expect(log()).toMatch(/tiny \w+ loaded in \d+ ms/);
  await screenshot(page, 'start');
  started = Date.now();
});

describe('hover', () => hoverTests(editor));
describe('ablations', () => ablationTests(editor));
describe('heat map', () => heatMapTests(editor));
describe('models', () => modelTests(editor));
describe('files', () => fileTests(editor));
describe('long file', () => longFileTests(editor));
describe('themes', () => themeTests(editor));
