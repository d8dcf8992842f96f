import { afterAll, beforeAll, expect, test } from 'vitest';
import { bars, button, counts, drawn, heading, more, patiently, press } from './panelPage';
import {
  bundleIn,
  randomParts,
  temporaryFolder,
  vocabConfig,
} from '../integration/runtime/bundles';
import type { Stage } from './panelStage';
import { atShape, sharedStage, TEXT } from './sharedStage';

const folder = temporaryFolder();
let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterAll(async () => {
  await stage.close();
  folder.remove();
});

test('says what to do without an editor', async () => {
  const { frame } = stage;
  await patiently(() => frame.locator('.empty').innerText()).toMatch(/Open a Python file/);
  expect(await frame.locator('main').isVisible()).toBe(false);
});

test('shows the token, its prediction and its circuit, with the numbers of the model', async () => {
  const { frame, runtime } = stage;
  await atShape(stage);
  await patiently(() => heading(frame)).toContain('hape after ·S');
  await drawn(frame);
  const trace = await runtime.trace(TEXT, { offset: TEXT.indexOf('Shape:') });
  const best = trace.logprobs.reduce((top, value, id, all) => (value > all[top] ? id : top), 0);
  const [first] = await bars(frame);
  expect(parseFloat(first[1])).toBeCloseTo(100 * Math.exp(trace.logprobs[best]), 0);
  const { nodes } = stage.session.current!.circuit!;
  const effects = await runtime.effects(
    TEXT,
    { token: trace.position },
    { ablation: { kind: 'mean' }, positions: 'here' },
  );
  const exact = new Map(effects.nodes.map((node, i) => [node, effects.effects[i]]));
  const here = nodes.filter(
    ({ node, token, effect }) => node !== null && token === trace.position && effect !== null,
  );
  expect(here.length).toBeGreaterThan(0);
  for (const { node, effect } of here) expect(effect).toBeCloseTo(exact.get(node!)!, 4);
});

test('tells first why the model expects the token, and its nodes open their cards', async () => {
  const { frame } = stage;
  await atShape(stage);
  const story = frame.locator('.story');
  await patiently(() => story.innerText()).toMatch(
    /^After .* the model gives .* nats\).*nodes that were ablated one at a time/s,
  );
  // Before the bars.
  const [told, shown] = [await story.boundingBox(), await frame.locator('.prediction').boundingBox()]; // prettier-ignore
  expect(told!.y + told!.height).toBeLessThanOrEqual(shown!.y + 1);
  const link = story.locator('button.link').first();
  const name = await link.innerText();
  await link.click();
  await patiently(() => frame.locator('.node-card').innerText()).toContain(name);
});

test('shows what each layer’s stream would predict, the last as the model does', async () => {
  const { frame, runtime } = stage;
  await press(frame, 'Layers');
  const cells = (row: number) =>
    frame.locator('.lens tbody tr').nth(row).locator('td').allInnerTexts();
  await patiently(() => frame.locator('.lens tbody tr').count()).toBe(3);
  const [first] = await bars(frame);
  expect((await cells(2)).slice(0, 2)).toEqual([first[0], first[1]]);
  const { logprobs, next } = await runtime.trace(TEXT, { offset: TEXT.indexOf('Shape:') });
  const rank = 1 + logprobs.filter((logprob) => logprob > logprobs[next!]).length;
  expect((await cells(2))[3]).toBe(String(rank));
  expect(await cells(0)).not.toEqual(await cells(2));
  expect(await frame.locator('.lens p').innerText()).toMatch(/not a step of the model/);
  await press(frame, 'Graph');
});

test('a switch shows before and after, and is undone', async () => {
  const { frame, store } = stage;
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
  await stage.frame.locator('.strip i[data-token="3"]').click();
  await patiently(() => stage.revealed.at(-1)).toBe(3);
});

test('a click on a row of the table chooses its node alone, with Shift one more', async () => {
  const { frame } = stage;
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

test('the table has a column for what ablations make of activations while there are any', async () => {
  const { frame } = stage;
  const titles = async () =>
    (await frame.locator('.nodes thead').innerText()).replaceAll('\n', ' ');
  expect(await titles()).not.toContain('with ablations');
  await press(frame, 'zero');
  await patiently(titles).toContain('with ablations');
  await press(frame, '↶');
  await patiently(titles).not.toContain('with ablations');
});

test('a lasso selects what it encloses, which is then isolated beside random sets', async () => {
  const { frame, page } = stage;
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

test('the threshold hides nodes, and says how many are left', async () => {
  const { frame } = stage;
  const [before] = await counts(frame);
  await frame.locator('.filters summary').click();
  const threshold = frame.getByLabel('Smallest effect shown, in nats');
  await threshold.fill('95');
  await patiently(async () => (await counts(frame))[0]).toBeLessThan(before);
  await threshold.fill('100');
  await threshold.fill('0');
  await patiently(async () => (await counts(frame))[0]).toBe(before);
  await frame.locator('.filters summary').click();
});

test('exports hold what is shown, in the colors of the theme', async () => {
  const { frame, exported } = stage;
  const take = async (format: string) => {
    await frame.locator('vscode-dropdown.export').click();
    await frame.locator(`vscode-option[value="${format}"]`).click();
    await patiently(() => exported.has(format)).toBe(true);
    return exported.get(format)!;
  };
  const [channels] = await counts(frame);
  const svg = await take('svg');
  expect(svg.match(/<circle class="node"/g)).toHaveLength(channels);
  expect(svg).toContain('fill="#1f1f1f"');
  const png = Buffer.from(await take('png'), 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(await take('markdown')).toContain('| effect');
  expect(svg).toContain('supports the token');
  await stage.theme('light');
  exported.clear();
  expect(await take('svg')).toContain('fill="#ffffff"');
  await stage.theme('dark');
});

test('a label that people give a node is kept, and stands for it everywhere', async () => {
  const { frame, page } = stage;
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

test('an ablation at its own token is that of the token where the node is shown', async () => {
  const { frame, session, store } = stage;
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
  await press(frame, 'Graph');
});

test('is used by keyboard alone', async () => {
  const { frame, page } = stage;
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

test('Ctrl+F finds nodes by what they are called and steps through them', async () => {
  const { frame, page } = stage;
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
  const { frame } = stage;
  await press(frame, 'Table');
  await frame.getByRole('textbox', { name: 'Filter nodes and edges' }).waitFor();
  await frame.locator('vscode-dropdown.export[aria-label="Export"]').waitFor();
  await press(frame, 'Graph');
});

test('the wheel scrolls, and zooms with Ctrl only', async () => {
  const { frame, page } = stage;
  await press(frame, 'Fit');
  const zoom = () =>
    frame.evaluate<number>('document.querySelector(".band").getBoundingClientRect().height');
  const before = await zoom();
  const box = (await frame.locator('.graph').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, 240);
  await page.waitForTimeout(200);
  expect(await zoom()).toBe(before);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -240);
  await page.keyboard.up('Control');
  await patiently(zoom).toBeGreaterThan(before);
  await press(frame, 'Fit');
});

test('the loop of looking, switching off and seeing the bars needs no scrolling', async () => {
  const { frame, page } = stage;
  for (const [width, height] of [
    [700, 800],
    [560, 800],
    [1300, 820],
  ]) {
    await page.setViewportSize({ width, height });
    await press(frame, 'Table');
    await frame.locator('.nodes tbody input').first().check();
    for (const part of ['.bars', '.graph', '.selection vscode-button', '.node-card h2']) {
      const box = (await frame.locator(part).first().boundingBox())!;
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.y + Math.min(box.height, 100)).toBeLessThanOrEqual(height);
    }
    // One line for one node whatever it is called, and nothing of it beside the page.
    const row = (await frame.locator('.selection .row').boundingBox())!;
    const last = (await button(frame, 'Unselect').boundingBox())!;
    expect(last.x + last.width).toBeLessThanOrEqual(row.x + row.width + 1);
    if (width > 640) expect(row.height).toBeLessThan(36);
    const scrolls = await frame.evaluate<number>(
      'document.documentElement.scrollHeight - document.documentElement.clientHeight',
    );
    expect(scrolls).toBe(0);
    await press(frame, 'Unselect');
  }
  await page.setViewportSize({ width: 760, height: 1000 });
  await press(frame, 'Graph');
});

test('focus stays where it is when an answer draws its part again, and so does a slider', async () => {
  const { frame, page, store } = stage;
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await more(frame);
  const scale = frame.getByRole('slider', { name: 'Set to a scale' });
  await scale.focus();
  const focused = () => frame.evaluate<string>('document.activeElement.getAttribute("aria-label")');
  for (const text of ['×0.95', '×0.90', '×0.85']) {
    await page.keyboard.press('ArrowLeft');
    await patiently(() => scale.getAttribute('aria-valuetext')).toBe(text);
    await patiently(() => store.state.entries[0]?.kind).toMatchObject({
      ...{ kind: 'scale', scale: expect.closeTo(Number(text.slice(1))) },
    });
    expect(await focused()).toBe('Set to a scale');
  }
  // As fast as keys come, without waiting for what each does.
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await patiently(() => scale.getAttribute('aria-valuetext')).toBe('×1.10');
  await patiently(() => store.state.entries[0]?.kind).toMatchObject({
    ...{ kind: 'scale', scale: expect.closeTo(1.1) },
  });
  expect(await frame.locator('.selection .amount').innerText()).toBe('×1.10');
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

test('a click on a candidate explains it, and Shift+click holds it against another', async () => {
  const { frame } = stage;
  const rows = frame.locator('.bars .choice');
  const usual = await heading(frame);
  const text = await rows.nth(1).innerText();
  await rows.nth(1).click();
  await patiently(() => heading(frame)).toSatisfy((now: string) => now.startsWith(`${text} after`));
  await drawn(frame);
  await rows.nth(2).click({ modifiers: ['Shift'] });
  await patiently(() => heading(frame)).toContain('and not');
  await drawn(frame);
  await rows.nth(2).click({ modifiers: ['Shift'] });
  await patiently(() => heading(frame)).not.toContain('and not');
  await frame
    .locator('.bars tr', { has: frame.locator('.observed') })
    .locator('.choice')
    .click();
  await patiently(() => heading(frame)).toBe(usual);
  await drawn(frame);
});

test('edges are listed, and each says what it carries', async () => {
  const { frame } = stage;
  await press(frame, 'Table');
  const rows = frame.locator('.edge-rows tbody tr');
  expect(await rows.count()).toBeGreaterThan(3);
  const contribution = await rows.first().locator('td').last().innerText();
  await rows.first().locator('.link').click();
  await patiently(() => frame.locator('.edge-card').innerText()).toContain(
    contribution.replace(/\d$/, ''),
  );
  // One weight is taken out, and what that does is measured.
  await rows.filter({ hasText: 'through a weight' }).first().locator('.link').click();
  await press(frame, 'Ablate this weight');
  await patiently(() => frame.locator('.one-weight').innerText()).toMatch(
    /at this token\s+[+−]\d\.\d+ nats\s+without it at every token\s+[+−]\d\.\d+ nats/,
  );
  await press(frame, 'Graph');
});

test('every control has a name', async () => {
  const unnamed = await stage.frame.evaluate<string[]>(`
    [...document.querySelectorAll('button, input, vscode-button, vscode-dropdown, vscode-text-field, [tabindex="0"]')]
      .filter((one) => !one.closest('[hidden]'))
      .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.title || one.closest('label')))
      .map((one) => one.outerHTML.slice(0, 120))`);
  expect(unnamed).toEqual([]);
});

test('comes back as it was after the page was loaded anew', async () => {
  const { frame, page } = stage;
  await atShape(stage);
  await drawn(frame);
  await press(frame, 'Graph');
  await frame.locator('.filters summary').click();
  await frame.locator('.controls input[type=number]').fill('12');
  await frame.locator('.controls input[type=number]').press('Enter');
  await press(frame, '+');
  await press(frame, '+');
  const view = () => frame.locator('.band').first().getAttribute('style');
  const before = await view();
  await page.reload();
  await stage.theme('dark');
  await patiently(() => heading(frame)).toContain('hape after ·S');
  await drawn(frame);
  await patiently(view).toBe(before);
  expect(await frame.locator('.controls input[type=number]').inputValue()).toBe('12');
  await press(frame, 'Fit');
  await patiently(view).not.toBe(before);
  await press(frame, 'Table');
  await page.reload();
  await stage.theme('dark');
  await patiently(() => heading(frame)).toContain('hape after ·S');
  await patiently(() => frame.locator('.nodes:visible').count()).toBe(1);
});

test('another model takes the place of the one before, and nothing of that one is left', async () => {
  const { frame, sent } = stage;
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await patiently(() => frame.locator('.strip i').count()).toBeGreaterThan(0);
  await press(frame, 'Attention');
  await frame.locator('vscode-dropdown.head').click();
  await frame.locator('vscode-dropdown.head vscode-option[value="1.2"]').click();
  await patiently(() => frame.locator('.heat').getAttribute('aria-label')).toMatch(
    /^Attention of layer 1, head 2/,
  );
  const old = sent.length;
  const told = (type: 'meanings') =>
    sent.some((message) => message.type === type && message.seq === stage.session.current?.seq);
  const config = vocabConfig({ context: 64, layers: 1 });
  const runtime = await stage.use(
    bundleIn(folder.dir, { ...randomParts(config, 7), name: 'other' }),
  );
  await patiently(() => frame.locator('.title').innerText()).toMatch(/· other$/);
  // The head that was looked at is of the other model; this one has a single layer.
  await patiently(() => frame.locator('.heat').getAttribute('aria-label')).toMatch(
    /^Attention of layer 0, head \d/,
  );
  await press(frame, 'Table');
  await drawn(frame);
  // Everything that is told of the subject is there; what nodes are about comes last.
  await patiently(() => told('meanings')).toBe(true);
  const { nodes } = stage.session.current!.circuit!;
  const shown = frame.locator('.nodes tbody th');
  await patiently(() => shown.count()).toBeGreaterThan(3);
  const labels = new Set(nodes.map(({ label }) => label));
  for (const label of await shown.allInnerTexts()) expect(labels).toContain(label);
  const text = () => frame.locator('main').innerText();
  expect(await text()).not.toContain('L1 ');
  expect(await text()).toContain('Select nodes by click');
  expect(await text()).toContain('Choose a node to read what it does');
  const trace = await runtime.trace(TEXT, { offset: TEXT.indexOf('Shape:') });
  const best = trace.logprobs.reduce((top, value) => Math.max(top, value));
  expect(parseFloat((await bars(frame))[0][1])).toBeCloseTo(100 * Math.exp(best), 0);
  const before = await text();
  const late = sent.slice(0, old).filter((message) => 'seq' in message);
  for (const message of late.slice(-60)) await stage.post(message);
  expect(await text()).toBe(before);
});

test('its policy and its console have nothing to complain of', () => {
  expect(stage.problems).toEqual([]);
});
