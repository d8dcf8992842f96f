/** The frames of a label in the text, with an editor and a model that are stood in for. */
import { beforeEach, expect, it, vi } from 'vitest';

const shown = vi.hoisted(() => ({
  frames: [] as unknown[],
  text: '',
  tooltip: '',
  visible: false,
}));
vi.mock('vscode', () => ({
  StatusBarAlignment: { Right: 2 },
  DecorationRangeBehavior: { ClosedClosed: 1 },
  ThemeColor: class {
    constructor(readonly id: string) {}
  },
  Range: class {
    constructor(
      readonly line: number,
      readonly from: number,
      readonly toLine: number,
      readonly to: number,
    ) {}
  },
  window: {
    createTextEditorDecorationType: () => ({ dispose: () => undefined }),
    createStatusBarItem: () => ({
      show: () => (shown.visible = true),
      hide: () => (shown.visible = false),
      set text(value: string) {
        shown.text = value;
      },
      set tooltip(value: string) {
        shown.tooltip = value;
      },
    }),
  },
}));
const { ConceptMarks } = await import('../../../extension/decorations/conceptMarks');

const text = 'f(a, b)\n';
const [starts, ends] = [
  [0, 1, 2, 3, 4, 6, 7],
  [1, 2, 3, 4, 6, 7, 8],
];
const source = { text, placeAt: (at: number) => ({ line: 0, character: at }) };
const snapshot = { uri: 'u', version: 1, info: { hash: 'h' }, source, encoding: { starts, ends } };
const editor = {
  document: { version: 1 },
  setDecorations: (_type: unknown, frames: unknown[]) => (shown.frames = frames),
};
const places = { sign: 'positive', label: 'inside brackets', threshold: 1, holds: Uint8Array.of(0, 0, 1, 1, 1, 0, 0) }; // prettier-ignore
let asked = 0;
let picked: unknown;
let known: typeof places | null = places;
const services = {
  store: { active: () => [] },
  traces: {
    labelPlaces: (_snapshot: unknown, _node: unknown, concept: unknown) => {
      asked++;
      picked = concept;
      return Promise.resolve(known);
    },
    activations: () => Promise.resolve({ start: 0, values: Float32Array.of(2, 0, 2, 0, 1, 0, 0) }),
  },
};
const map = { node: '0.mlp.post_act.1' as string | null };
const marks = new ConceptMarks(services as never, map as never);
const paint = () =>
  marks.paint(
    editor as never,
    snapshot as never,
    { start: 0, end: 7 },
    new AbortController().signal,
  );

beforeEach(() => {
  Object.assign(shown, { frames: [], text: '', visible: false });
  map.node = '0.mlp.post_act.1';
  known = places;
});

it('frames where the label holds, counts, and asks once a version', async () => {
  marks.show(true);
  await paint();
  await paint();
  expect(asked).toBe(1);
  // From `a` to ` b`, as one.
  expect(shown.frames).toMatchObject([{ line: 0, from: 2, to: 6 }]);
  expect(shown.text).toContain('2 · 1 · 1');
  expect(shown.tooltip).toContain('Framed: inside brackets.');
  expect(shown.visible).toBe(true);
});

it('is off without a node, and when it is switched off', async () => {
  expect(marks.active).toBe(true);
  map.node = null;
  expect(marks.active).toBe(false);
  await paint();
  expect(shown.frames).toEqual([]);
  map.node = '0.mlp.post_act.1';
  marks.show(false);
  await paint();
  expect(shown.frames).toEqual([]);
  expect(shown.visible).toBe(false);
});

it('says that a node has no label', async () => {
  known = null;
  map.node = '0.mlp.post_act.2';
  marks.show(true);
  await paint();
  expect(shown.frames).toEqual([]);
  expect(shown.text).toContain('no label');
  expect(shown.tooltip).toContain('0.mlp.post_act.2 has no accepted label');
});

it('frames the concept that a node was found by, and the label of any other node', async () => {
  const found = { concept: 'after a comma', sign: 'negative' } as const;
  marks.show(true, { node: '0.mlp.post_act.1', picked: found });
  await paint();
  expect(picked).toEqual(found);
  map.node = '0.mlp.post_act.3';
  await paint();
  expect(picked).toBeUndefined();
  map.node = '0.mlp.post_act.1';
  await paint();
  expect(picked).toEqual(found);
  // Switched on by itself it is about labels again.
  marks.show(true);
  await paint();
  expect(picked).toBeUndefined();
});
