/** What people do in the circuit panel, and what they then see. */
import type { Frame, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { chooseItem, runCommand } from './actions';

const PATIENCE = 90_000;

/** Waits for a value that satisfies an assertion, as long as a slow machine needs. */
export const patiently = <T>(value: () => T) =>
  expect.poll(value, { timeout: PATIENCE, interval: 250 });

/**
 * The panel's own document: the innermost frame that has our page.
 * @param about what its heading says; several panels may be open
 */
export async function panelFrame(page: Page, about = /./): Promise<Frame> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await page.waitForTimeout(200)) {
    for (const frame of page.frames()) {
      const found = await frame
        .locator('main .stage')
        .count()
        .catch(() => 0);
      if (found > 0 && about.test(await heading(frame))) return frame;
    }
  }
  throw new Error('the circuit panel did not open');
}

/** Text of the panel's heading. */
export async function heading(frame: Frame): Promise<string> {
  return await frame
    .locator('h1')
    .first()
    .innerText({ timeout: 5000 })
    .catch(() => '');
}

/** Channels shown, channels there are. */
export async function counts(frame: Frame): Promise<number[]> {
  const text = await frame
    .locator('.counts')
    .innerText({ timeout: 5000 })
    .catch(() => '');
  return (text.match(/\d[\d,]*/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
}

/** Waits until a circuit is drawn, and its effects are measured. */
export async function drawn(frame: Frame): Promise<void> {
  const text = () =>
    frame
      .locator('.counts')
      .innerText({ timeout: 5000 })
      .catch(() => '');
  await patiently(text).toMatch(/^\d/);
  await patiently(async () => (await counts(frame))[0] ?? 0).toBeGreaterThan(0);
}

/** A button by its name. */
export function press(frame: Frame, name: string): Promise<void> {
  return button(frame, name).click({ timeout: PATIENCE });
}

/** A button by its name or its text. */
export function button(frame: Frame, name: string): Locator {
  const shown = frame.locator(`vscode-button:visible`);
  return shown
    .filter({ hasText: name })
    .or(frame.locator(`vscode-button[aria-label="${name}"]:visible`))
    .first();
}

/** Opens what else can be done with the selected nodes. */
export function more(frame: Frame): Promise<void> {
  return frame.locator('.more:not([open]) summary').click({ timeout: PATIENCE });
}

/** Text of the bars, row by row, read at one time: a row that goes meanwhile would be waited for. */
export function bars(frame: Frame): Promise<string[][]> {
  return frame.evaluate<string[][]>(`
    [...document.querySelectorAll('.bars tbody tr')].map((row) => [
      row.querySelector('th .code').innerText,
      ...[...row.querySelectorAll('td.number')].map((cell) => cell.innerText),
    ])`);
}

/** Chooses an export and accepts the file that is proposed. */
export async function exportAs(page: Page, frame: Frame, format: string): Promise<void> {
  await frame.locator('vscode-dropdown.export').click();
  await frame.locator(`vscode-dropdown.export vscode-option[value="${format}"]`).click();
  const input = page.locator('.quick-input-widget:visible input.input').first();
  await input.waitFor({ timeout: PATIENCE });
  await page.waitForTimeout(1000);
  await input.press('Enter');
}

/** Changes the color theme. */
export async function chooseTheme(page: Page, theme: string): Promise<void> {
  await runCommand(page, 'Preferences: Color Theme');
  await chooseItem(page, theme, theme);
  await page.waitForTimeout(1000);
}
