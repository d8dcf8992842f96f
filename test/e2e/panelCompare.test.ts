/** Two texts in the panel: typed, predicted side by side, and left again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bars, drawn, patiently, press } from './panelPage';
import type { Stage } from './panelStage';
import { atShape, sharedStage, TEXT } from './sharedStage';

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterAll(async () => {
  await stage.close();
});

const OTHER = 'def S';

test('the line up to the prediction is changed, and both texts are predicted side by side', async () => {
  const { frame, runtime } = stage;
  await atShape(stage);
  await drawn(frame);
  await press(frame, 'Compare');
  const line = frame.getByLabel('other text');
  expect(await line.inputValue()).toBe('class S');
  await line.fill(OTHER);
  await line.press('Enter');
  await patiently(() => frame.locator('.bars thead').innerText()).toMatch(/this text\s+other text/);
  const there = TEXT.slice(0, TEXT.indexOf('class S')) + OTHER;
  const { encoding } = stage.session.current!.other!.snapshot;
  const { logprobs } = await runtime.trace(there, { token: encoding.ids.length - 1 });
  const texts = runtime.info.tokenTexts;
  for (const [text, , share] of await bars(frame)) {
    const id = texts.findIndex((one) => one.replaceAll(' ', '·') === text);
    if (id >= 0)
      expect(parseFloat(share.replace('<', ''))).toBeCloseTo(100 * Math.exp(logprobs[id]), 0);
  }
});

test('nodes have their activations in both, and the effect of putting one in', async () => {
  const { frame } = stage;
  await drawn(frame);
  await press(frame, 'Table');
  await patiently(() => frame.locator('.nodes thead').innerText()).toContain('in the other text');
  const { nodes } = stage.session.current!.circuit!;
  const channels = nodes.filter(({ node }) => node !== null);
  expect(channels.length).toBeGreaterThan(3);
  expect(channels.every(({ activation, other }) => activation !== other)).toBe(true);
  await press(frame, 'Graph');
  await frame.locator('.legend summary').click();
  expect(await frame.locator('.legend').innerText()).toContain('higher in the other text');
  await frame.locator('.legend summary').click();
});

test('nodes are patched at once, and the bars have what this text gives then', async () => {
  const { frame, store } = stage;
  await press(frame, 'Table');
  for (const row of [0, 1]) await frame.locator('.nodes tbody input').nth(row).check();
  await press(frame, 'patch');
  await patiently(() => frame.locator('.bars thead').innerText()).toContain('this text, ablated');
  await patiently(async () => (await bars(frame))[0].length).toBe(4);
  expect((await bars(frame)).some(([, own, , ablated]) => own !== ablated)).toBe(true);
  expect(await frame.locator('.summary').innerText()).toMatch(/here with \d ablations?/);
  store.clear();
  await patiently(async () => (await bars(frame))[0].length).toBe(3);
  await press(frame, 'Unselect');
  await press(frame, 'Graph');
});

test('what cannot be compared is refused with the reason, and a second click leaves', async () => {
  const { frame } = stage;
  const line = frame.getByLabel('other text');
  await line.fill('class S');
  await line.press('Enter');
  await patiently(() => frame.locator('.failure').innerText()).toMatch(
    /the two texts are the same/,
  );
  await frame.locator('.failure .link').click();
  await press(frame, 'Close');
  await patiently(() => frame.locator('.compare').count()).toBe(0);
  await patiently(async () => (await bars(frame))[0].length).toBe(2);
  expect(stage.problems).toEqual([]);
});
