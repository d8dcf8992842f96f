/** The table and the search: nodes are chosen, named and found, by keyboard alone too. */
import { expect, test } from 'vitest';
import { button, patiently, press } from './panelPage';
import { panelAtShape } from './sharedStage';

const stage = panelAtShape();

test('a click on a row of the table chooses its node alone, with Shift one more', async () => {
  const { frame } = stage();
  await press(frame, 'Table');
  const names = frame.locator('.nodes .choice th');
  const chosen = () => frame.locator('.nodes tr.selected th').allInnerTexts();
  const [first, second] = await names.allInnerTexts();
  await names.first().click();
  await patiently(chosen).toEqual([first]);
  await patiently(() =>
    frame.getByRole('region', { name: 'Node', exact: true }).innerText(),
  ).toContain(first);
  await names.nth(1).click({ modifiers: ['Shift'] });
  await patiently(chosen).toEqual([first, second]);
  await names.nth(1).click({ modifiers: ['Shift'] });
  await patiently(chosen).toEqual([first]);
  await names.nth(1).click();
  await patiently(chosen).toEqual([second]);
});

test('a label that people give a node is kept, and stands for it everywhere', async () => {
  const { frame, page } = stage();
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await frame.getByRole('tab', { name: 'Node' }).click();
  const field = frame.locator('vscode-text-field.label');
  await patiently(() => field.count()).toBe(1);
  await field.click();
  await page.keyboard.type('<b>opens</b> a list');
  await page.keyboard.press('Enter');
  const names = async () => (await frame.locator('.nodes tbody th').allInnerTexts()).join();
  await patiently(names).toContain('<b>opens</b> a list (L');
  await patiently(() => frame.locator('.card h2').first().innerText()).toMatch(
    /^<b>opens<\/b> a list/,
  );
  await field.locator('input').fill('');
  await field.locator('input').press('Enter');
  await patiently(names).not.toContain('opens');
});

test('is used by keyboard alone', async () => {
  const { frame, page } = stage();
  await button(frame, 'Graph').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await patiently(() => frame.locator('.nodes:visible').count()).toBe(1);
  await frame.locator('.table-view vscode-text-field').focus();
  await page.keyboard.type('MLP');
  const names = () => frame.locator('.nodes tbody th').allInnerTexts();
  await patiently(async () => (await names()).every((text) => text.includes('MLP'))).toBe(true);
  await frame.locator('.nodes thead button').first().focus();
  await page.keyboard.press('Enter');
  await patiently(() => frame.locator('.nodes thead th').nth(1).getAttribute('aria-sort')).toMatch(
    /ascending|descending/,
  );
  await press(frame, 'Graph');
  await press(frame, 'Unselect');
  await frame.locator('.graph').focus();
  // First to a token that is read, then to a channel.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await patiently(() => frame.locator('.selection b').innerText()).toMatch(/^L\d/);
});

test('Tab goes through the page once, part by part from the top to the bottom', async () => {
  const { frame, page } = stage();
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await press(frame, 'Graph');
  const parts = ['header', '.story', '.prediction', '.selection', '.controls', '.stage', '.side'];
  // Part of what has the focus; empty when that is the page itself.
  const focused = () =>
    frame.evaluate<string>(
      `${JSON.stringify(parts)}.find((part) => document.activeElement.closest(part)) ?? ''`,
    );
  await frame.locator('header vscode-button').first().focus();
  const seen = [await focused()];
  for (let i = 0; i < 80 && seen.at(-1) !== ''; i++) {
    await page.keyboard.press('Tab');
    const now = await focused();
    if (now !== seen.at(-1)) seen.push(now);
    // From the end of the page to its beginning.
    if (now === 'header' && seen.length > 1) break;
  }
  expect(seen.slice(0, parts.length)).toEqual(parts);
  await press(frame, 'Unselect');
});

test('the keyboard stays on what was pressed, whatever its answer draws again', async () => {
  const { frame, page, sent } = stage();
  const focused = () => frame.evaluate<string>('document.activeElement.textContent');
  /** Presses a button and waits for what it draws; then its own text has the focus. */
  const pressed = async (name: string, drawn: () => Promise<unknown>, text = name) => {
    const before = sent.length;
    await button(frame, name).focus();
    await page.keyboard.press('Enter');
    await patiently(drawn).toBeTruthy();
    // Nor does what is told later take it away.
    await patiently(() => sent.length).toBeGreaterThan(before);
    expect(await focused()).toBe(text);
  };
  const there = (selector: string) => async () =>
    (await frame.locator(`${selector}:visible`).count()) > 0;
  const isPressed = (name: string) => async () =>
    (await button(frame, name).getAttribute('aria-pressed')) === 'true';
  await pressed('Why this token', isPressed('Why this token'));
  await pressed('What next', isPressed('What next'));
  await pressed('Pin', isPressed('Pinned'), 'Pinned');
  await pressed('Pinned', async () => !(await isPressed('Pin')()), 'Pin');
  await pressed('Attention', there('.attention-view'));
  await pressed('Layers', there('.lens'));
  // These two ask nothing.
  for (const [name, selector] of [
    ['Table', '.nodes'],
    ['Graph', '.graph'],
  ] as const) {
    await button(frame, name).focus();
    await page.keyboard.press('Enter');
    await patiently(there(selector)).toBe(true);
    expect(await focused()).toBe(name);
  }
  await press(frame, 'Table');
  const heading = frame.locator('.nodes thead button').nth(1);
  const sorted = () =>
    frame.evaluate<string>('document.activeElement.closest("th")?.getAttribute("aria-sort")');
  await heading.focus();
  const seen = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const before = await sorted();
    await page.keyboard.press('Enter');
    await patiently(sorted).not.toBe(before);
    seen.add(await sorted());
  }
  expect(seen).toEqual(new Set(['ascending', 'descending']));
  await frame.locator('.nodes tbody input').first().check();
  for (const name of ['zero', 'mean', 'keep']) await pressed(name, isPressed(name));
  await press(frame, 'Unselect');
  await press(frame, 'Graph');
});

test('a menu that is open stays open when an answer arrives', async () => {
  const { frame, page, sent, store } = stage();
  const menu = frame.locator('vscode-dropdown.export');
  const isOpen = () =>
    frame.evaluate<boolean>('document.querySelector("vscode-dropdown.export").open');
  await menu.click();
  await patiently(isOpen).toBe(true);
  const before = sent.length;
  // The list of ablations and the prediction are told anew.
  store.rename('another name');
  await patiently(() => sent.slice(before).map(({ type }) => type)).toContain('prediction');
  await page.waitForTimeout(500);
  expect(await isOpen()).toBe(true);
  expect(
    await frame.locator('vscode-dropdown.export vscode-option:visible').count(),
  ).toBeGreaterThan(3);
  await page.keyboard.press('Escape');
  store.undo();
});

test('Ctrl+F finds nodes by what they are called and steps through them', async () => {
  const { frame, page } = stage();
  await page.keyboard.press('Control+F');
  const field = frame.getByRole('textbox', { name: 'Find nodes by name, token or meaning' });
  await page.keyboard.type('MLP');
  const status = () => frame.locator('.find [role=status]').innerText();
  await patiently(status).toMatch(/^\d+ found$/);
  const count = Number.parseInt(await status(), 10);
  expect(count).toBeGreaterThan(1);
  const chosen = () => frame.locator('.selection b').innerText();
  await page.keyboard.press('Enter');
  await patiently(status).toBe(`1 of ${count}`);
  const first = await chosen();
  expect(first).toContain('MLP');
  await page.keyboard.press('Enter');
  await patiently(status).toBe(`2 of ${count}`);
  expect(await chosen()).not.toBe(first);
  await page.keyboard.press('Shift+Enter');
  await patiently(chosen).toBe(first);
  // Before the first comes the last.
  await page.keyboard.press('Shift+Enter');
  await patiently(status).toBe(`${count} of ${count}`);
  await field.fill('no such node');
  await patiently(status).toBe('0 found');
  await page.keyboard.press('Escape');
  await patiently(() => frame.locator('.find').count()).toBe(0);
  await press(frame, 'Unselect');
});

test('fields and menus have the names that say what they are for', async () => {
  const { frame } = stage();
  await press(frame, 'Table');
  await frame.getByRole('textbox', { name: 'Filter nodes and edges' }).waitFor();
  await frame.locator('vscode-dropdown.export[aria-label="Export"]').waitFor();
  await press(frame, 'Graph');
});
