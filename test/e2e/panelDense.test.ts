import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bundleIn, identityBridges, temporaryFolder } from '../integration/runtime/bundles';
import { readBundle } from '../../models/bundles/bundle';
import { button, patiently, press } from './panelPage';
import { openStage, type Stage } from './panelStage';

const TEXT = 'print("hello';
const NODE = '2.attn.act_in.11';
const folder = temporaryFolder();
let stage: Stage;
beforeAll(async () => {
  // The dense model bridged to itself.
  const partner = readBundle(join(import.meta.dirname, '../../models/bundles/python-dense'));
  const { config, weights, means, card, tokenizerJson } = partner;
  const bundle = bundleIn(folder.dir, {
    ...{ config, weights, means, card, name: 'bridged' },
    tokenizerJson: JSON.stringify(tokenizerJson),
    bridges: identityBridges(partner, config),
  });
  cpSync(partner.dir, join(folder.dir, partner.name), { recursive: true });
  stage = await openStage(inject('page').browser, bundle);
  await stage.move(TEXT, 0, TEXT.length);
});
afterAll(async () => {
  await stage.close();
  folder.remove();
});

const field = () => stage.frame.locator('.dense vscode-text-field.other-line input');
const curve = () => stage.frame.locator('.steering-curve');

test('asks for another line before it steers', async () => {
  const { frame } = stage;
  await press(frame, 'Dense model');
  await patiently(() => frame.locator('.dense').innerText()).toContain('python-dense');
  expect(await field().inputValue()).toBe(TEXT);
  await patiently(() => button(frame, 'Which nodes?').getAttribute('disabled')).not.toBeNull();
});

test('finds the nodes that make the difference, and steers by one: curve, slider, controls', async () => {
  const { frame, runtime, session } = stage;
  await field().fill("print('hello");
  await field().press('Tab');
  await button(frame, 'Which nodes?').click();
  const rows = frame.locator('.dense table').first().locator('tbody tr');
  await patiently(() => rows.count()).toBeGreaterThan(3);
  const shares = await rows.locator('td').allInnerTexts();
  const numbers = shares.map((text) => parseFloat(text));
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  await rows.first().locator('button').click();
  await patiently(() => curve().getAttribute('aria-label')).toMatch(/at full strength/);
  // What the model says of the same, by itself.
  const { reader } = session.current!.question;
  const found = await runtime.bridgeNodes({
    ...{ text: TEXT, other: "print('hello", position: { token: reader }, measure: 128 },
  });
  expect(numbers[0]).toBeCloseTo(100 * found.nodes[0].probability, 1);
  const full = /, ([\d.]+) % at full/.exec((await curve().getAttribute('aria-label'))!)![1];
  expect(Number(full)).toBeCloseTo(100 * found.nodes[0].probability, 1);
  await patiently(() => frame.locator('.dense section').innerText()).toMatch(
    /Best of 8 random nodes.*Best of all \d+ channels/s,
  );
  expect(await curve().locator('circle').count()).toBe(3);
  const shown = () => frame.locator('.steered .outcomes tbody').innerText();
  const before = await shown();
  await frame.locator('.steered input[type=range]').fill('0');
  await patiently(shown).not.toBe(before);
});

test('is opened by a command with its node, and says in one line why it cannot steer', async () => {
  const { frame, session } = stage;
  const { question } = session.current!;
  await press(frame, 'Graph');
  const document = { uri: { toString: () => 'file:///a.py' }, version: 1, getText: () => TEXT };
  await session.steerAt({ document, place: { line: 0, character: TEXT.length } }, NODE);
  expect(session.current!.question.reader).toBe(question.reader);
  await patiently(() => frame.locator('.dense').isVisible()).toBe(true);
  await patiently(() => frame.locator('.node-card').innerText()).toContain(NODE);
  await field().fill('print(hello, hello');
  await field().press('Tab');
  await frame.locator('.dense vscode-button').filter({ hasText: 'Steer' }).click();
  await patiently(() => frame.locator('.dense .problem').innerText()).toContain(
    'differ in equally many tokens',
  );
  expect(stage.problems).toEqual([]);
});
