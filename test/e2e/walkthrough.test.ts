/**
 * The walkthrough as a newcomer takes it, step by step, with the shipped model. Its pictures, and those
 * of the README, are taken here: `npm run pictures` puts them where they are shown.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import {
  goTo,
  hoverText,
  openFile,
  pickTexts,
  poll,
  runCommand,
  screenshot,
  statusText,
  textOfFrames,
} from './actions';
import { counts, drawn, panelFrame, patiently, press } from './panelPage';
import { scene } from './scene';

/** Pictures of the walkthrough are no wider (px), and no larger (bytes). */
const [PICTURE_WIDTH, PICTURE_BYTES] = [760, 60_000];

const editor = scene(() => ({
  open: 'inventory.py',
  settings: {
    'circuitscope.bundle': 'python-sparse',
    'workbench.colorTheme': 'Default Dark Modern',
    'workbench.activityBar.location': 'hidden',
  },
}));

/** Opens a step and does what it offers. */
async function take(step: string, link: string): Promise<void> {
  const { page } = editor();
  const title = page.locator('.getting-started-step', { hasText: step }).first();
  await title.click();
  await page.locator('.getting-started-step.expanded').getByText(link, { exact: true }).click();
}

/** The step has its tick: what it does has worked. */
async function ticked(step: string): Promise<void> {
  const done = editor()
    .page.locator('.getting-started-step', { hasText: step })
    .locator('.codicon-getting-started-step-checked.complete, .codicon-pass-filled, .complete');
  await done.first().waitFor();
}

/** Keeps a picture of some parts of the page, which stand side by side or below each other. */
async function picture(name: string, ...parts: Locator[]): Promise<void> {
  const { page } = editor();
  await page.waitForTimeout(300);
  const boxes = await Promise.all(parts.map((part) => part.first().boundingBox()));
  const x = Math.min(...boxes.map((box) => box!.x));
  const y = Math.min(...boxes.map((box) => box!.y));
  const width = Math.max(...boxes.map((box) => box!.x + box!.width)) - x;
  const height = Math.max(...boxes.map((box) => box!.y + box!.height)) - y;
  const png = await page.screenshot({ clip: { x, y, width, height } });
  const small = await webp(page, png, Math.min(width, PICTURE_WIDTH));
  expect(small.length).toBeLessThan(PICTURE_BYTES);
  writeFileSync(join(inject('shared').artifacts, `picture-${name}.webp`), small);
}

/** A picture as WebP of a width, made by a browser's page of its own. */
async function webp(page: Page, png: Buffer, width: number): Promise<Buffer> {
  const maker = await page.context().browser()!.newPage();
  try {
    const url = await maker.evaluate<string>(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${png.toString('base64')}';
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = ${Math.round(width)};
      canvas.height = Math.round((canvas.width * image.height) / image.width);
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL('image/webp', 0.86);
    })()`);
    return Buffer.from(url.replace('data:image/webp;base64,', ''), 'base64');
  } finally {
    await maker.close();
  }
}

/** The editor's groups but the first, in which the walkthrough is. */
function beside(): Locator[] {
  const groups = editor().page.locator('.editor-group-container');
  return [groups.nth(1), groups.last()];
}

const sample = () =>
  editor().page.locator('.editor-instance', { hasText: 'price = 3 if total' }).first();
const hovered = () => editor().page.locator('.monaco-resizable-hover:visible').first();

test('a sample opens, and its hover says why', async () => {
  const { page, log } = editor();
  await poll(() => log()).toMatch(/activated in/);
  await runCommand(page, 'View: Toggle Primary Side Bar Visibility');
  await runCommand(page, 'Circuitscope: Open Walkthrough');
  await take('Open a sample', 'Open the Sample');
  await sample().waitFor();
  await picture('open', sample());
  await take('Why ‘:’ here?', 'Look at a Token');
  await poll(() => hoverText(page)).toMatch(/top nodes[\s\S]*99\.\d\s%[\s\S]*measured change/);
  await picture('hover', hovered());
  await screenshot(page, 'walkthrough-hover');
});

test('the circuit lights up, and one click takes most of 99 % away', async () => {
  const { page } = editor();
  await take('See a circuit light up', 'Light It Up');
  const frame = await panelFrame(page);
  await patiently(() => frame.locator('.circuit-bar').innerText()).toContain('if_ternary');
  await poll(() => statusText(page)).toContain('circuit if_ternary');
  await picture('circuit', ...beside());
  await screenshot(page, 'walkthrough-circuit');
  await take('Switch it off', 'Switch the Circuit Off');
  // Before and after, in the hover that opens by itself.
  await poll(() => hoverText(page)).toMatch(/99\.\d\s%\D*1\d\.\d\s%/);
  await picture('ablate', hovered());
  await screenshot(page, 'walkthrough-ablate');
  await take('Switch it off', 'Bring It Back');
  await poll(() => statusText(page)).not.toContain('ablation');
});

test('the panel shows any circuit, and a page explains this one', async () => {
  const { page } = editor();
  await runCommand(page, 'Notifications: Clear All Notifications');
  await take('See the circuit of any prediction', 'Open the Panel');
  const frame = await panelFrame(page, /^: after 0/);
  await drawn(frame);
  await patiently(() => frame.locator('.story').innerText()).toContain('nats');
  expect((await counts(frame))[0]).toBeGreaterThan(5);
  await picture('panel', ...beside());
  await screenshot(page, 'walkthrough-panel');
  await take('Have it explained', 'Explain the Circuit');
  await page.locator('.tab.active', { hasText: 'Explanation of if_ternary' }).waitFor();
  await poll(() => textOfFrames(page)).toContain('if_ternary, explained');
  await picture('explain', beside()[1]);
  await screenshot(page, 'walkthrough-explain');
});

test('the other steps work from there', async () => {
  const { page } = editor();
  await take('See where the model is surprised', 'Color by Surprise');
  await poll(() => statusText(page)).toContain('Surprise');
  await page.waitForTimeout(1000);
  await picture('heat', sample());
  await take('Find a circuit of your own', 'Find a Circuit');
  await poll(async () => (await pickTexts(page)).join()).toContain('Change one token for me');
  await picture('find', page.locator('.quick-input-widget:visible'));
  await page.keyboard.press('Escape');
  await take('Keep what you found', 'Show the Side Bar');
  await page.getByText('Shipped with the model').first().waitFor();
  await page.mouse.move(700, 20); // Away from what says more where the mouse rests.
  await picture('share', page.locator('.part.sidebar'));
  for (const step of [
    'Open a sample',
    'Why ‘:’ here?',
    'See a circuit light up',
    'Switch it off',
  ]) {
    await ticked(step);
  }
  await screenshot(page, 'walkthrough-end');
  const sizes = editor()
    .memory()
    .map(({ process }) => process);
  console.log(
    `extension host with the model: ${Math.min(...sizes)} to ${Math.max(...sizes)} MB, ${sizes.at(-1)} MB now`,
  );
});

test('the panel of the README', async () => {
  const { page } = editor();
  await page.setViewportSize({ width: 1400, height: 840 });
  await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
  await runCommand(page, 'View: Close All Editor Groups');
  await runCommand(page, 'View: Close Primary Side Bar');
  await openFile(page, 'inventory.py');
  await goTo(page, 12, 20);
  await runCommand(page, 'Circuitscope: Open Circuit');
  await runCommand(page, 'Notifications: Clear All Notifications');
  await page.mouse.move(300, 700); // Away from what says more where the mouse rests.
  // The panel gets most of the width.
  const border = (await beside()[0].boundingBox())!.x;
  await page.mouse.move(border, 500);
  await page.mouse.down();
  await page.mouse.move(370, 500, { steps: 8 });
  await page.mouse.up();
  const frame = await panelFrame(page, /->/);
  await drawn(frame);
  await patiently(() => frame.locator('.story').innerText()).toContain('nats');
  // The strongest node, with its card.
  await press(frame, 'Table');
  await frame.locator('.nodes tbody input').first().check();
  await press(frame, 'Graph');
  await patiently(() => frame.locator('.node-card').innerText()).toContain('Writes');
  await press(frame, 'Fit');
  await page.mouse.move(300, 700);
  await page.waitForTimeout(1000);
  await screenshot(page, 'picture-readme');
});
