import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { hover, notifications, poll, runCommand, screenshot, statusText } from '../actions';
import type { Editor, EditorOptions } from '../editor';

const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-broken-'));
const broken = join(scratch, 'broken');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A VS Code with a bundle that was cut short. */
export function withBrokenBundle(): EditorOptions {
  cpSync(inject('shared').bundle, broken, { recursive: true });
  truncateSync(join(broken, 'weights.safetensors'), 1000);
  return { open: 'guessing.py', settings: { 'circuitscope.bundle': broken } };
}

/** What is said of a bundle that is broken, and the way out. */
export function brokenBundleTests(editor: () => Editor): void {
  test('a broken bundle shows one clear message with a way out', async () => {
    const { page, log } = editor();
    // Nothing is loaded, and nothing is said, before somebody asks.
    await poll(() => log()).toMatch(/activated in/);
    expect(await notifications(page)).toEqual([]);
    await runCommand(page, 'Circuitscope: Inspect Token at Cursor');
    const ours = async () => (await notifications(page)).filter((text) => /model/.test(text));
    await poll(ours).toHaveLength(1);
    // Requests that need the model must not add messages.
    const refused = () => log().split('decorations: ').length;
    const before = refused();
    await runCommand(page, 'Circuitscope: Toggle Surprise Heat Map');
    await poll(refused).toBeGreaterThan(before);
    await screenshot(page, 'broken-bundle');
    const [text] = await ours();
    expect(await ours()).toHaveLength(1);
    expect(text).toContain('weights.safetensors');
    expect(text).toMatch(/Choose Model[\s\S]*Try Again/);
  });

  test('trying again after a repair brings the model back', async () => {
    const { page } = editor();
    cpSync(inject('shared').bundle, broken, { recursive: true });
    await page.getByRole('button', { name: 'Try Again' }).click();
    await hover(page, 6, 1, /surprise/);
    await poll(() => statusText(page)).toContain('tiny');
  });
}
