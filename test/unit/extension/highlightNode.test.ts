/** What colors the file can be stopped from wherever a person is. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, reset, seen, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { highlightNode } = await import('../../../extension/commands/highlightNode');
type Parts = Parameters<typeof highlightNode.run>[0];

/** The command where a node, a circuit or nothing colors the file. */
function coloredBy(node: string | null, active = node !== null) {
  const shown: (string | null)[] = [];
  const activationMap = { node, active, show: (next: string | null) => shown.push(next) };
  return { shown, run: () => highlightNode.run({ activationMap } as unknown as Parts, undefined) };
}
beforeEach(reset);

describe('where no Python is in sight', () => {
  it.each([
    ['a node', '0.attn.q.1'],
    ['a circuit', null],
  ])('what %s colors is stopped', async (_what, node) => {
    show(editorOf(documentOf('file:///a.js', '', 'javascript')));
    const { run, shown } = coloredBy(node, true);
    const done = run();
    await expect.poll(() => seen.picks.length).toBe(1);
    const [pick] = seen.picks;
    expect(pick.busy).toBe(false);
    expect(pick.items.map(({ label }) => label)).toEqual(['$(close) Stop coloring']);
    pick.activeItems = pick.items;
    pick.accept();
    await done;
    expect(shown).toEqual([null]);
  });

  it('there is nothing to choose when nothing is colored, and it says what to do', async () => {
    await expect(coloredBy(null).run()).rejects.toThrow(/no Python file is active; open one/);
    expect(seen.picks).toEqual([]);
  });

  it('the palette offers it', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { menus: { commandPalette: { command: string; when: string }[] } };
    };
    const { commandPalette } = manifest.contributes.menus;
    const hidden = commandPalette.filter(({ command }) => command === highlightNode.id);
    expect(hidden).toEqual([]);
  });
});
