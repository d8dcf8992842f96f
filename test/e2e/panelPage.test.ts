/** The panel's page on a prediction: what it shows, and that it is there again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bundleIn,
  randomParts,
  temporaryFolder,
  vocabConfig,
} from '../integration/runtime/bundles';
import { bars, drawn, heading, patiently, press } from './panelPage';
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
  await patiently(() => heading(frame)).toContain('after ·S');
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
    /^After .* the model gives .* nats\).*nodes ablated one at a time/s,
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
  const { frame } = stage;
  await press(frame, 'Layers');
  const cells = (row: number) =>
    frame.locator('.lens tbody tr').nth(row).locator('td').allInnerTexts();
  await patiently(() => frame.locator('.lens tbody tr').count()).toBe(3);
  const [first] = await bars(frame);
  expect((await cells(2)).slice(0, 2)).toEqual([first[0], first[1]]);
  // What is asked about is the likeliest.
  expect((await cells(2))[3]).toBe('1');
  expect(await cells(0)).not.toEqual(await cells(2));
  expect(await frame.locator('.lens p').innerText()).toMatch(/not a step of the model/);
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
  const observed = frame.locator('.bars tr', { has: frame.locator('.observed') });
  await observed.locator('.choice').click();
  await patiently(() => heading(frame)).toMatch(/^hape after ·S/);
  await drawn(frame);
  await rows.first().click();
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
  await press(frame, 'Measure its effect');
  await patiently(() => frame.locator('.one-weight').innerText()).toMatch(
    /at this token\s+[+−]\d\.\d+ nats\s+without it at every token\s+[+−]\d\.\d+ nats/,
  );
  // It is taken out and scaled as nodes are ablated: the bars change, it is listed, and is undone.
  const bar = () => frame.locator('.bars.changed').count();
  const weight = frame.locator('.one-weight');
  expect(await bar()).toBe(0);
  await press(frame, 'take out');
  await patiently(bar).toBe(1);
  const listed = () => frame.locator('.ablations li').allInnerTexts();
  const edges = frame.locator('.edge-rows tbody tr');
  await patiently(() => edges.locator('.ablated').count()).toBe(1);
  await frame.getByRole('tab', { name: '1 ablation' }).click();
  await patiently(async () => (await listed()).join()).toMatch(/weight .+ → .+ taken out/);
  await frame.getByRole('tab', { name: 'Edge' }).click();
  const scale = weight.locator('input[type=range]');
  await scale.focus();
  await scale.press('ArrowRight');
  await patiently(() => weight.locator('.slider.on output').innerText()).toBe('×1.05');
  await press(frame, '↶');
  await press(frame, '↶');
  await patiently(bar).toBe(0);
  await patiently(() => edges.locator('.ablated').count()).toBe(0);
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
  await patiently(() => heading(frame)).toContain('after ·S');
  await drawn(frame);
  await patiently(view).toBe(before);
  expect(await frame.locator('.controls input[type=number]').inputValue()).toBe('12');
  await press(frame, 'Fit');
  await patiently(view).not.toBe(before);
  await press(frame, 'Table');
  await page.reload();
  await stage.theme('dark');
  await patiently(() => heading(frame)).toContain('after ·S');
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
  expect(await text()).toContain('Choose a node to see what it does');
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
