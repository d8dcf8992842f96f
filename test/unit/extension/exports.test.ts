/** What the panel gives away: where it is put, what is in it, and what is said when there is nothing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { documentOf, editorOf, openFolders, people, reset, seen, show, Uri } from '../../support/fakeEditor'; // prettier-ignore

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { saveExport } = await import('../../../extension/panel/exports');
const { conversation, NODE } = await import('../panel/fakeModel');
const { snapshotOf } = await import('../../support/snapshots');

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-exports-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
const [a, b] = ['a', 'b'].map((name) => join(dir, name));
for (const folder of [a, b]) mkdirSync(folder);
const FILE = join(dir, 'out.json');
const ablation = { nodes: [NODE], positions: { at: 1 }, kind: { kind: 'mean' as const } };

beforeEach(() => {
  reset();
  openFolders(a, b);
  people.savesAs = () => Uri.file(FILE);
});

/** A panel about a prediction, and what exports of it. */
async function panel() {
  const { parts, session, move } = conversation();
  await move('abcd', 1);
  const current = session.current!;
  const give = (format: Parameters<typeof saveExport>[3], content = '') =>
    saveExport(parts, current, session.notesOf(current), format, content);
  return { parts, session, current, give };
}
const written = () => JSON.parse(readFileSync(FILE, 'utf8')) as { interventions: unknown[] };

it('an empty set is refused with the reason, and no file is asked for', async () => {
  const { parts, current, give } = await panel();
  await expect(give('interventions')).rejects.toThrow(/nothing is ablated; ablate a node first/);
  // What is on may still have nothing that goes along.
  parts.store.add({ ...ablation, positions: 'all' }, snapshotOf('abcd', { hash: 'b' }));
  await expect(give('interventions')).rejects.toThrow(
    /nothing can be included: 1 ablation of another/,
  );
  expect(seen.saveDialogs).toEqual([]);
  parts.store.add(ablation, current.question.snapshot);
  await give('interventions');
  expect(written().interventions).toHaveLength(1);
  expect(seen.messages[0].text).toMatch(
    /^Saved .*out\.json\. 1 ablation of another model was left/,
  );
});

it('a file is offered in the folder of its document, whichever is in front', async () => {
  const { parts, session, current } = await panel();
  show(editorOf(documentOf(`file://${join(a, 'front.py')}`, 'abcd')));
  for (const uri of [`file://${join(b, 'main.py')}`, 'untitled:one']) {
    const snapshot = { ...current.question.snapshot, uri };
    const about = { ...current, question: { ...current.question, snapshot } };
    await saveExport(parts, about, session.notesOf(current), 'svg', '<svg/>');
  }
  expect(seen.saveDialogs.map(({ defaultUri }) => defaultUri?.path.slice(dir.length))).toEqual([
    expect.stringMatching(/^\/b\//),
    expect.stringMatching(/^\/a\//),
  ]);
});

it('a picture is saved byte for byte, and Markdown is copied', async () => {
  const { give } = await panel();
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);
  await give('png', bytes.toString('base64'));
  expect(readFileSync(FILE)).toEqual(bytes);
  await give('markdown', '| a |');
  expect(seen.clipboard).toBe('| a |');
});
