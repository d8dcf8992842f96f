/** Nodes are switched off in the panel: before and after, where, how far, and back. */
import { expect, test } from 'vitest';
import { bars, button, more, patiently, press } from './panelPage';
import { panelAtShape } from './sharedStage';

const stage = panelAtShape();

test('a switch shows before and after, and is undone', async () => {
  const { frame, store } = stage();
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  // Some nodes matter by not being active: zero would change nothing.
  await press(frame, 'mean');
  await patiently(async () => (await bars(frame))[0].length).toBe(3);
  expect((await bars(frame)).some(([, before, after]) => before !== after)).toBe(true);
  expect(store.count).toBe(1);
  await patiently(() => frame.locator('.strip i').count()).toBeGreaterThan(0);
  await press(frame, '↶');
  await patiently(async () => (await bars(frame))[0].length).toBe(2);
  expect(store.count).toBe(0);
});

test('a cell of the strip leads to its token', async () => {
  await stage().frame.locator('.strip i[data-token="3"]').click();
  await patiently(() => stage().revealed.at(-1)).toBe(3);
});

test('the table has a column for what ablations make of activations while there are any', async () => {
  const { frame } = stage();
  const titles = async () =>
    (await frame.locator('.nodes thead').innerText()).replaceAll('\n', ' ');
  expect(await titles()).not.toContain('with ablations');
  // Zero would change nothing of a node that is not active.
  await press(frame, 'mean');
  await patiently(titles).toContain('with ablations');
  await press(frame, '↶');
  await patiently(titles).not.toContain('with ablations');
});

test('a lasso selects what it encloses, which is then isolated beside random sets', async () => {
  const { frame, page } = stage();
  await press(frame, 'Graph');
  await press(frame, 'Lasso');
  await frame.locator('.lasso').scrollIntoViewIfNeeded();
  const box = (await frame.locator('.lasso').boundingBox())!;
  const corner = (x: number, y: number) =>
    page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  await corner(0.01, 0.02);
  await page.mouse.down();
  for (const [x, y] of [
    [0.99, 0.02],
    [0.99, 0.98],
    [0.01, 0.98],
  ])
    await corner(x, y);
  await page.mouse.up();
  // One channel may stand at two tokens.
  await patiently(() => frame.locator('.selection b').innerText()).toMatch(/^\d\d nodes/);
  await press(frame, 'Lasso');
  await press(frame, 'Enough?');
  await patiently(() => frame.locator('.isolation tbody tr').count()).toBe(5);
});

test('an ablation at its own token is that of the token where the node is shown', async () => {
  const { frame, session, store } = stage();
  await press(frame, 'Table');
  const { nodes } = session.current!.circuit!;
  const { reader } = session.current!.question;
  const row = frame
    .locator('.nodes tbody tr')
    .filter({ has: frame.locator('td:nth-child(4) .code') });
  const id = await row.first().locator('input').getAttribute('data-id');
  const early = nodes.find((node) => node.id === id)!;
  expect(early.token).toBeLessThan(reader);
  await press(frame, 'Unselect');
  await row.first().locator('input').check();
  await frame.locator('.selection vscode-dropdown').click();
  await frame.locator('.selection vscode-option[value="at"]').click();
  await press(frame, 'zero');
  await patiently(() => store.count).toBe(1);
  const [own] = store.active(session.current!.question.snapshot);
  expect(own).toMatchObject({ nodes: [early.node], positions: { at: early.token } });
  await press(frame, '↶');
  await press(frame, 'Unselect');
  await press(frame, 'Graph');
});

test('focus stays where it is when an answer draws its part again, and so does a slider', async () => {
  const { frame, page, store } = stage();
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await more(frame);
  const scale = frame.getByRole('slider', { name: 'scale' });
  await scale.focus();
  const focused = () => frame.evaluate<string>('document.activeElement.getAttribute("aria-label")');
  for (const text of ['×0.95', '×0.90', '×0.85']) {
    await page.keyboard.press('ArrowLeft');
    await patiently(() => scale.getAttribute('aria-valuetext')).toBe(text);
    await patiently(() => store.state.entries[0]?.kind).toMatchObject({
      ...{ kind: 'scale', scale: expect.closeTo(Number(text.slice(1))) },
    });
    expect(await focused()).toBe('scale');
  }
  // As fast as keys come, without waiting for what each does.
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await patiently(() => scale.getAttribute('aria-valuetext')).toBe('×1.10');
  await patiently(() => store.state.entries[0]?.kind).toMatchObject({
    ...{ kind: 'scale', scale: expect.closeTo(1.1) },
  });
  await patiently(() => frame.locator('.selection .amount').innerText()).toBe('×1.10');
  // Back and forth, so that what is heard late is often of the place where it is again.
  for (let i = 0; i < 20; i++) {
    for (const key of ['ArrowLeft', 'ArrowRight']) await page.keyboard.press(key);
  }
  await patiently(() => store.state.entries[0]?.kind).toMatchObject({
    ...{ kind: 'scale', scale: expect.closeTo(1.1) },
  });
  await patiently(() => frame.locator('.selection .amount').innerText()).toBe('×1.10');
  await page.keyboard.press('Escape');
  expect(await frame.locator('.more[open]').count()).toBe(0);
  expect(await frame.evaluate<string>('document.activeElement.textContent')).toBe('More');
  store.clear();
  await button(frame, 'mean').focus();
  await page.keyboard.press('Enter');
  await patiently(() => store.count).toBe(1);
  expect(await frame.evaluate<string>('document.activeElement.textContent')).toBe('mean');
  store.clear();
  await press(frame, 'Unselect');
  await press(frame, 'Graph');
});
