/** One VS Code for the tests of a file, and a picture of it when a test fails. */
import { afterAll, beforeAll, beforeEach, expect, onTestFailed } from 'vitest';
import { screenshot } from './actions';
import { openEditor, type Editor, type EditorOptions } from './editor';

/**
 * Opens a VS Code before the tests of this file and closes it after them.
 * @param expected errors that the tests provoke; any other fails the file
 */
export function scene(
  options: () => EditorOptions,
  expected: readonly RegExp[] = [],
): () => Editor {
  let editor: Editor | undefined;
  const current = (): Editor => {
    if (!editor) throw new Error('VS Code did not start');
    return editor;
  };
  beforeAll(async () => {
    editor = await openEditor(options());
  });
  let failed: string | undefined;
  beforeEach(({ task, skip }) => {
    // Each test begins where the last one ended: what fails after it says nothing, and takes long.
    if (failed !== undefined) skip(`after ‘${failed}’ failed`);
    onTestFailed(() => {
      failed = task.name;
    });
    const name = `failed-${task.name.replaceAll(/\W+/g, '-')}`;
    onTestFailed(() => screenshot(current().page, name));
  });
  afterAll(async () => {
    const problems = editor?.problems() ?? [];
    await editor?.close();
    const known = (problem: string) => expected.some((pattern) => pattern.test(problem));
    expect(problems.filter((problem) => !known(problem))).toEqual([]);
  });
  return current;
}
