/** Groups, pins and notes in the panel: made, drawn as one, found, exported, and there again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { button, counts, drawn, more, patiently, press } from './panelPage';
import type { Stage } from './panelStage';
import { atShape, sharedStage } from './sharedStage';

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterAll(async () => {
  await stage.close();
});

const NAME = 'after S';
/** What the workspace keeps. */
const kept = () => [...stage.files.values()].join('');
const field = (name: string) =>
  stage.frame.locator(`vscode-text-field[aria-label^="${name}"] input`);

test('selected nodes become one node with a name, which is kept', async () => {
  const { frame } = stage;
  await atShape(stage);
  await drawn(frame);
  await press(frame, 'Table');
  const [before] = await counts(frame);
  const boxes = frame.locator('.nodes tbody input');
  for (const row of [0, 1, 2]) await boxes.nth(row).check();
  await more(frame);
  await button(frame, 'Group').filter({ hasText: /^\s*Group\s*$/ }).click(); // prettier-ignore
  const name = frame.getByLabel('Name of the group of the selected nodes');
  await name.fill(NAME);
  await name.press('Enter');
  const row = frame.locator('.nodes tr', { hasText: `${NAME} (group of 3 nodes)` });
  await row.waitFor();
  // The group counts as the nodes that it stands for.
  expect((await counts(frame))[0]).toBe(before);
  expect(JSON.parse(kept())).toMatchObject({
    format: 'circuitscope/notes',
    groups: [{ name: NAME, collapsed: true }],
  });
  const { circuit } = stage.session.current!;
  const { nodes } = JSON.parse(kept()) as { nodes: { node: string; token: number }[] };
  const effects = nodes.map(
    ({ node, token }) => circuit!.nodes.find(({ id }) => id === `${node}@${token}`)!.effect!,
  );
  const sum = effects.reduce((total, effect) => total + effect, 0);
  const cells = await row.locator('td.number').allInnerTexts();
  expect(Number(cells[0].replace('−', '-'))).toBeCloseTo(sum, 2);
});

test('Ctrl+F finds a node within a group, by the name of the group as well', async () => {
  const { frame, page } = stage;
  await page.keyboard.press('Control+f');
  const search = frame.getByLabel('Find nodes by name, token or meaning');
  await search.fill(NAME);
  await patiently(() => frame.locator('.find [role=status]').innerText()).toMatch(/of 3$|3 found/);
  await search.press('Enter');
  await patiently(() => frame.locator('.nodes tr.selected').innerText()).toContain(NAME);
  await patiently(() => frame.locator('.node-card h2').first().innerText()).toMatch(/L\d/);
  await search.press('Escape');
});

test('its row selects its nodes, which are ablated together', async () => {
  const { frame, store } = stage;
  await frame.locator('.nodes tr', { hasText: NAME }).locator('th').click();
  await patiently(() => frame.locator('.selection b').innerText()).toBe('3 nodes');
  expect(await frame.locator('.members li').count()).toBe(3);
  await press(frame, 'mean');
  await patiently(() => store.state.entries.flatMap(({ nodes }) => nodes).length).toBe(3);
  store.clear();
});

test('a note on a group and on a node are kept, and exported', async () => {
  const { frame, exported } = stage;
  await field('Note on the group').fill('what matters');
  // What is typed outlives whatever is told meanwhile.
  await stage.post({ type: 'colored', node: null });
  await field('Note on the group').press('Tab');
  await patiently(kept).toContain('"note":"what matters"');
  await frame.locator('.members .link').first().click();
  await field('Note on L').fill('odd <b>one</b>');
  await field('Note on L').press('Tab');
  await patiently(kept).toContain('odd <b>one</b>');
  await press(frame, 'Graph');
  for (const format of ['svg', 'html', 'markdown']) {
    await frame.locator('vscode-dropdown.export').click();
    await frame.locator(`vscode-dropdown.export vscode-option[value="${format}"]`).click();
    await patiently(() => exported.get(format)).toContain('what matters');
    expect(exported.get(format)).toContain(NAME);
    expect(exported.get(format)).toMatch(/odd/);
    if (format !== 'markdown') expect(exported.get(format)).not.toContain('<b>');
  }
});

test('a pinned node stays in sight however small its effect', async () => {
  const { frame } = stage;
  await press(frame, 'Table');
  const last = frame.locator('.nodes tr.choice').last();
  const label = await last.locator('th').innerText();
  await last.locator('th').click();
  await more(frame);
  await press(frame, 'Pin nodes');
  // What was done has closed it.
  expect(await frame.locator('.more[open]').count()).toBe(0);
  await patiently(kept).toContain('"pinned":true');
  await frame.locator('.filters summary').click();
  await frame.getByLabel('top', { exact: true }).fill('1');
  await frame.getByLabel('top', { exact: true }).press('Tab');
  await patiently(() => frame.locator('.nodes tr.choice th').allInnerTexts()).toContain(label);
  await frame.locator('.filters summary').click();
});

test('the group opens and closes, and is given up', async () => {
  const { frame } = stage;
  await frame.locator('.nodes tr', { hasText: NAME }).locator('th').click();
  await press(frame, 'Expand');
  await patiently(() => frame.locator('.nodes tr', { hasText: `${NAME} (` }).count()).toBe(0);
  await press(frame, 'Collapse');
  await patiently(() => frame.locator('.nodes tr', { hasText: `${NAME} (` }).count()).toBe(1);
  await press(frame, 'Ungroup');
  await patiently(() => frame.locator('.nodes tr', { hasText: `${NAME} (` }).count()).toBe(0);
  expect(JSON.parse(kept())).toMatchObject({ groups: [] });
  expect(stage.problems).toEqual([]);
});
