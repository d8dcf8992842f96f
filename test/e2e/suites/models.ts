import { beforeAll, expect, inject, test } from 'vitest';
import {
  chooseItem,
  chooseModelFolder,
  hover,
  ownNotifications,
  openFile,
  poll,
  runCommand,
  screenshot,
  modelLoaded,
  textOfFrames,
} from '../actions';
import type { Editor } from '../editor';

/** Choosing models, what is told about them, and a model's thread that fails. */
export function modelTests(editor: () => Editor): void {
  beforeAll(() => openFile(editor().page, 'words.py'));

  test('a shipped model is chosen in the middle of a measurement, and a folder after it', async () => {
    const { page } = editor();
    await hover(page, 12, 6, /surprise/);
    await runCommand(page, 'Circuitscope: Choose Model…');
    await screenshot(page, 'choose-model');
    await chooseItem(page, 'python-sparse', 'python-sparse');
    await poll(() => modelLoaded(editor().log())).toBe('python-sparse');
    // The effects of thousands of nodes take a while; the next model must not wait for them.
    await hover(page, 12, 6, /surprise/);
    await chooseModelFolder(page, inject('shared').bundle);
    await poll(() => modelLoaded(editor().log())).toBe('tiny');
    await hover(page, 12, 6, /top nodes[\s\S]*measured change/);
    expect(await ownNotifications(page)).toEqual([]);
  });

  test('when the thread of the model fails, the next hover has a new one', async () => {
    const { page, log } = editor();
    await hover(page, 16, 6, /surprise/);
    await runCommand(page, "Probe: Make the Model's Thread Fail");
    await hover(page, 17, 6, /top nodes[\s\S]*measured change/);
    // In the middle of a measurement as well.
    await hover(page, 18, 6, /surprise/);
    await runCommand(page, "Probe: Make the Model's Thread Fail");
    await hover(page, 19, 10, /top nodes[\s\S]*measured change/);
    expect(log()).not.toMatch(/\[error\]/);
    expect(await ownNotifications(page)).toEqual([]);
  });

  test('a folder that holds no model is refused in one line', async () => {
    const { page, folder } = editor();
    await chooseModelFolder(page, folder);
    await poll(() => ownNotifications(page)).toHaveLength(1);
    expect((await ownNotifications(page))[0]).toMatch(/bundle/);
    await runCommand(page, 'Notifications: Clear All Notifications');
    await hover(page, 13, 6, /surprise/);
  });

  test('the model card opens', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Open Model Card');
    const tab = page.locator('.tab.active', { hasText: 'README.md' });
    await tab.waitFor();
    await poll(() => textOfFrames(page)).toContain('Random weights for tests');
    await screenshot(page, 'model-card');
    await runCommand(page, 'View: Close Editor');
  });

  test('the walkthrough opens', async () => {
    const { page } = editor();
    await runCommand(page, 'Welcome: Open Walkthrough...');
    await chooseItem(page, 'Look inside', 'Look inside a language model');
    await page.getByText('Open a sample').first().waitFor();
    await poll(() => textOfFrames(page)).toContain('Twenty lines of Python');
    await screenshot(page, 'walkthrough');
    await runCommand(page, 'View: Close Editor');
  });
}
