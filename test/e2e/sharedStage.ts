/** The panel on the model and the file that its tests share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { drawn } from './panelPage';
import { openStage, type Stage } from './panelStage';

/** The file. */
export const TEXT = readFileSync(join(import.meta.dirname, '../../samples/shapes.py'), 'utf8');

/** Puts the cursor on `Shape` in `class Shape:` of that file. */
export const atShape = (stage: Stage) => stage.move(TEXT, 5, 6);

/** Opens the panel on the model that all tests share. */
export function sharedStage(): Promise<Stage> {
  const { browser, bundle } = inject('page');
  return openStage(browser, bundle);
}

/** A panel with the circuit at `Shape` for all tests of a file, in which nothing may go wrong. */
export function panelAtShape(): () => Stage {
  let stage: Stage;
  beforeAll(async () => {
    stage = await sharedStage();
  });
  afterAll(async () => {
    expect(stage.problems).toEqual([]);
    await stage.close();
  });
  test('the circuit is there', async () => {
    await atShape(stage);
    await drawn(stage.frame);
  });
  return () => stage;
}
