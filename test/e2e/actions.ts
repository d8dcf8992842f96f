/** What people do in VS Code, and what they then see; one small function each. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { PATIENCE } from './patience';

/**
 * How long the first attempt at a hover may take before the mouse moves away and back, in ms; each that
 * follows may take twice as long, since moving away also ends what is measured for it.
 */
const HOVER_ATTEMPT = 2500;
/** A hover that the mouse has left is gone by then, in ms, unless it stays until a key is pressed. */
const HOVER_LEFT = 1000;
/** What fades in is there sooner, in ms; what turns without end is not waited for. */
const FADE = 2000;

/** Waits for a value that satisfies an assertion. */
export const poll = <T>(value: () => T) => expect.poll(value, { timeout: PATIENCE });

/** What a dialog writes by itself is there by then, in ms. */
const SETTLE = 400;
/** How long one try may take before it is made again. */
const TRY = 10_000;

/**
 * Opens a quick input by a key and chooses a row; again when something else took the focus meanwhile, or
 * when what was to come of it is not there.
 */
async function pick(
  page: Page,
  key: string,
  typed: string,
  row: Row,
  outcome?: Locator,
): Promise<void> {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      await page.keyboard.press(key);
      await page
        .locator('.quick-input-widget:visible input.input')
        .first()
        .fill(typed, { timeout: TRY });
      await clickRow(page, row, TRY);
      await outcome?.first().waitFor({ timeout: TRY });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      // A list that is open is not made again for the same text, when commands have come since.
      await page.keyboard.press('Escape');
    }
  }
}

/** A row of the quick pick: what stands in it, or in one part of it. */
interface Row {
  readonly text: string | RegExp;
  readonly part?: string;
}

/**
 * Clicks the first row of the open quick pick that has a text, once there is one. Finding and clicking
 * are one step of the page: rows move under a mouse while more of them are found.
 */
async function clickRow(page: Page, { text, part }: Row, timeout = PATIENCE): Promise<void> {
  const wanted = text instanceof RegExp ? text : new RegExp(escaped(text), 'i');
  // As text, because it runs in the page: the DOM is unknown here.
  const parts = part === undefined ? '[row]' : `[...row.querySelectorAll('${part}')]`;
  const click = `(() => {
    const text = (one) => one.textContent.replace(/\\s+/g, ' ').trim();
    const has = (row) => ${parts}.some((one) => ${wanted}.test(text(one)));
    const row = [...document.querySelectorAll('.quick-input-widget .quick-input-list .monaco-list-row')]
      .find((row) => row.checkVisibility() && has(row));
    const how = { bubbles: true, cancelable: true, view: window, detail: 1 };
    for (const type of ['mousedown', 'mouseup', 'click']) {
      row?.dispatchEvent(new MouseEvent(type, how));
    }
    return row !== undefined;
  })()`;
  if (await comesTrue(() => page.evaluate<boolean>(click), timeout)) return;
  throw new Error(`no row matches ${wanted}: ${(await pickTexts(page)).join(' | ')}`);
}

/** The row that is called so; others whose names only begin so may be listed before it for a moment. */
function labelled(name: string): Row {
  return { text: new RegExp(`^${escaped(name)}$`), part: '.label-name' };
}

/** A pattern that matches a text as it is. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Opens a file of the workspace by name. */
export async function quickOpen(page: Page, name: string): Promise<void> {
  const tab = page.locator(`.tab.active[data-resource-name="${name}"]`);
  await pick(page, 'Control+P', name, labelled(name), tab);
}

/**
 * Opens a text file of the workspace by name and waits until one could type in it: its tab is active before
 * its editor is, of which commands are.
 */
export async function openFile(page: Page, name: string): Promise<void> {
  await quickOpen(page, name);
  const editor = page.locator(`.monaco-editor.focused[data-uri$="/${name}"]`);
  await editor.locator('.view-line').first().waitFor();
}

/** Runs a command by the title that the palette shows. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await pick(page, 'F1', `>${title}`, labelled(title));
}

/** Grants trust to the open folder and closes the page about it, which loses the focus meanwhile. */
export async function trustFolder(page: Page): Promise<void> {
  await runCommand(page, 'Workspaces: Manage Workspace Trust');
  await page.getByRole('button', { name: 'Trust', exact: true }).click();
  await page.getByText('You trust this folder', { exact: true }).first().waitFor();
  const close = page.locator('.modal-editor-part .modal-editor-header .codicon-close');
  await close.click();
  await close.waitFor({ state: 'detached' });
}

/** Types into the open quick input and accepts the first row with this text. */
export async function chooseItem(page: Page, typed: string, label: string | RegExp): Promise<void> {
  const input = page.locator('.quick-input-widget:visible input.input').first();
  await input.waitFor();
  await input.fill(typed);
  await clickRow(page, { text: label });
}

/** Accepts the first row of the open quick pick once it matches. */
export async function acceptFirst(page: Page, label: RegExp): Promise<void> {
  await pickRows(page).first().filter({ hasText: label }).waitFor();
  await page.keyboard.press('Enter');
}

/** Types into the open quick input and accepts it. */
export async function answerInput(page: Page, text: string): Promise<void> {
  const input = page.locator('.quick-input-widget:visible input.input').first();
  await input.waitFor();
  await input.fill(text);
  await input.press('Enter');
}

/** Types a path into VS Code's own dialog for files and folders and accepts it. */
export async function acceptDialog(page: Page, path: string): Promise<void> {
  const input = page.locator('.quick-input-widget:visible input.input').first();
  await input.waitFor();
  await poll(() => input.inputValue()).toMatch(/\//);
  // The dialog writes where it starts when it has read that folder, over what was typed meanwhile.
  await poll(async () => {
    await input.fill(path);
    await sleep(SETTLE);
    return await input.inputValue();
  }).toBe(path);
  await page.locator('.quick-input-widget:visible .quick-input-action a').first().click();
}

/** Chooses the bundle in a folder, as somebody does who has trained one. */
export async function chooseModelFolder(page: Page, dir: string): Promise<void> {
  await runCommand(page, 'Circuitscope: Choose Model…');
  await chooseItem(page, 'Folder', 'Folder…');
  await acceptDialog(page, `${dir}/`);
}

/** Texts of the rows in sight of the open quick pick. */
export function pickTexts(page: Page): Promise<string[]> {
  return pickRows(page).allInnerTexts();
}

function pickRows(page: Page): Locator {
  return page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
}

/** Puts the cursor at a line and column, both from 1, and scrolls there. */
export async function goTo(page: Page, line: number, column: number): Promise<void> {
  await page.keyboard.press('Control+G');
  await answerInput(page, `:${line}:${column}`);
  await page.getByText(`Ln ${line}, Col ${column}`).waitFor();
  // The cursor is drawn in the frame after the status bar knows.
  await page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
  );
}

/**
 * Rests the mouse on the character at a line and column, both from 1, until a hover shows that
 * matches, and returns its text.
 * @throws with the last hover, when none matches in time
 */
export async function hover(
  page: Page,
  line: number,
  column: number,
  wanted: RegExp,
): Promise<string> {
  await goTo(page, line, column);
  let seen = '';
  const matches = async () => wanted.test((seen = await hoverText(page)));
  const end = Date.now() + PATIENCE;
  for (let attempt = HOVER_ATTEMPT; Date.now() < end; attempt *= 2) {
    await restOnCursor(page);
    if (await comesTrue(matches, attempt)) return seen;
  }
  throw new Error(`no hover at ${line}:${column} matches ${wanted}; the last one: '${seen}'`);
}

async function restOnCursor(page: Page): Promise<void> {
  const cursor = await page
    .locator('.editor-instance .cursors-layer .cursor')
    .first()
    .boundingBox();
  if (cursor === null) throw new Error('no cursor is visible; open a file first');
  // Away first: VS Code shows a hover when the mouse comes to rest on a new place.
  await page.mouse.move(0, 0);
  const none = async () => (await hoverText(page)) === '';
  if (!(await comesTrue(none, HOVER_LEFT))) await page.keyboard.press('Escape');
  await page.mouse.move(cursor.x + 2, cursor.y + cursor.height / 2, { steps: 3 });
}

/** Whether something holds within a time, in ms. */
async function comesTrue(condition: () => Promise<boolean>, timeout: number): Promise<boolean> {
  for (const end = Date.now() + timeout; Date.now() < end; await sleep(50)) {
    if (await condition()) return true;
  }
  return false;
}

/** Text of the hover that is visible, empty without one. */
export async function hoverText(page: Page): Promise<string> {
  const texts = await page.locator('.monaco-resizable-hover .hover-row:visible').allInnerTexts();
  return texts.join('\n');
}

/** Text of our items in the status bar, and what the language's item says of our model. */
export async function statusText(page: Page): Promise<string> {
  const items = page.locator('.statusbar-item[id*="circuitscope"]:visible');
  const language = page.locator('[id="status.languageStatus"]:visible [aria-label]');
  const named = await language.evaluateAll((all) =>
    all.map((one) => one.getAttribute('aria-label') ?? ''),
  );
  return [...(await items.allInnerTexts()), ...named].join(' | ');
}

/** Name of the model that was loaded last, by the log. */
export function modelLoaded(log: string): string | undefined {
  return [...log.matchAll(/(\S+) [0-9a-f]{12} loaded in/g)].at(-1)?.[1];
}

/** Texts of the notifications that are visible. */
export function notifications(page: Page): Promise<string[]> {
  return page.locator('.notification-list-item:visible').allInnerTexts();
}

/** Texts of those of our own. */
export async function ownNotifications(page: Page): Promise<string[]> {
  return (await notifications(page)).filter((text) => text.includes('Circuitscope'));
}

/** Background colours that extensions gave to the visible text, one for every decorated piece. */
export function decorations(page: Page): Promise<string[]> {
  // As text, because it runs in the page: the DOM is unknown here.
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('.editor-instance .view-overlays .cdr[class*="ced-"]')]
      .map((piece) => getComputedStyle(piece).backgroundColor)`);
}

/** As text, because it runs in the page: settles when what fades in is shown in full. */
const FADED_IN = `Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
  .map(({ finished }) => finished))`;

/** Keeps a picture of the page among the artefacts of the run. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await Promise.race([page.evaluate(FADED_IN), sleep(FADE)]);
  await page.screenshot({ path: join(inject('shared').artifacts, `${name}.png`) });
}

/** Text of the page and of the web views in it, of all or of one element in each. */
export async function textOfFrames(page: Page, selector = 'body'): Promise<string> {
  const texts = await Promise.all(
    page.frames().map((frame) =>
      frame
        .locator(selector)
        .innerText({ timeout: 1000 })
        .catch(() => ''),
    ),
  );
  return texts.join('\n');
}
