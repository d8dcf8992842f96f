/** Which panel shows what: those that are pinned stay, and links leave the cursor where it is. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, moveCursor, reset, seen, show, Uri } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { CircuitPanels } = await import('../../../extension/panel/panel');
const { openCircuit } = await import('../../../extension/commands/openCircuit');
const { Emitter } = await import('../../../extension/emitter');
const { conversation, fakeRuntime } = await import('../panel/fakeModel');
type Parts = Parameters<typeof openCircuit.run>[0];
type Opened = ConstructorParameters<typeof CircuitPanels>;

beforeEach(reset);

/**
 * An editor with two files, the cursor in the first, and the panels beside them.
 * @param fake the model that they ask
 */
function beside(fake = fakeRuntime()) {
  const [a, b] = ['a', 'b'].map((name) =>
    editorOf(documentOf(`file:///${name}.py`, 'abcdefg'), 0, 1),
  );
  show(a, b);
  const activationMap = { node: null, changed: new Emitter<string | null>() };
  const panel = new CircuitPanels(
    Uri.file('/extension') as unknown as Opened[0],
    conversation(fake).parts,
    activationMap as unknown as Opened[2],
  );
  /** As the link of a hover does it. */
  const click = (of: typeof a, character: number) => {
    const uri = of.document.uri.toString();
    return openCircuit.run({ panel } as unknown as Parts, { uri, line: 0, character });
  };
  const another = (of: typeof a, character: number) =>
    panel.openAnother({
      ...{ document: of.document, position: { line: 0, character } },
    } as unknown as Parameters<typeof panel.openAnother>[0]);
  return { a, b, panel, click, another };
}
/** File and token that each panel is about. */
const about = () =>
  seen.panels.map(({ posted }) => {
    const told = posted.findLast(({ type }) => type === 'subject') as unknown as
      { subject: { file: string; cursor: { token: number } } } | undefined;
    return told && `${told.subject.file} ${told.subject.cursor.token}`;
  });

describe('"Open circuit" in a hover', () => {
  it('shows the token of the hover, and moves no cursor', async () => {
    const { a, b, click } = beside();
    await click(b, 4);
    await expect.poll(about).toEqual(['b.py 4']);
    expect([a, b].map(({ selection }) => selection.active.character)).toEqual([1, 1]);
    // It stays there, whatever the cursor does.
    moveCursor(a, 0, 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(about()).toEqual(['b.py 4']);
  });

  it('leaves a panel that is pinned where it is, and opens one beside it', async () => {
    const { a, b, panel, click, another } = beside();
    await another(a, 2);
    await expect.poll(about).toEqual(['a.py 2']);
    await click(b, 5);
    await expect.poll(about).toEqual(['a.py 2', 'b.py 5']);
    // One that follows the cursor is there for the next.
    await panel.open();
    seen.panels[2].say({ type: 'ready' });
    await expect.poll(about).toEqual(['a.py 2', 'b.py 5', 'a.py 1']);
    await click(b, 0);
    await expect.poll(about).toEqual(['a.py 2', 'b.py 5', 'b.py 0']);
    expect(seen.panels).toHaveLength(3);
  });

  it('refuses a file that was closed, and shows nothing else in its place', async () => {
    const { a, b, click } = beside();
    show(a);
    await expect(click(b, 4)).rejects.toThrow(/closed/);
    expect(seen.panels).toEqual([]);
  });
});

describe('a hidden panel', () => {
  it('asks the model for nothing, and is about the cursor when it is shown again', async () => {
    const fake = fakeRuntime();
    const { a, panel } = beside(fake);
    await panel.open();
    const [own] = seen.panels;
    own.say({ type: 'ready' });
    await expect.poll(about).toEqual(['a.py 1']);
    await expect.poll(() => own.posted.some(({ type }) => type === 'circuit')).toBe(true);
    own.hide();
    const asked = fake.calls.length;
    moveCursor(a, 0, 3);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(fake.calls).toHaveLength(asked);
    // Its page is loaded anew then.
    own.reveal();
    own.say({ type: 'ready' });
    await expect.poll(about).toEqual(['a.py 3']);
  });
});
