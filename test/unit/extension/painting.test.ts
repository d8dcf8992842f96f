/** What the text is painted with: only what changes, in colors that stay, by one thing at a time. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, moveCursor, Range, reset, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { ActivationMap } = await import('../../../extension/decorations/activationMap');
const { HeatMap } = await import('../../../extension/decorations/heatMap');
const { oneColoring } = await import('../../../extension/decorations/oneColoring');
const { Painter } = await import('../../../extension/decorations/painter');
const { Emitter } = await import('../../../extension/emitter');
const { snapshotOf } = await import('../../support/snapshots');
type Services = ConstructorParameters<typeof ActivationMap>[0];
type PaintedModels = ConstructorParameters<typeof Painter>[1];

const log = { info() {}, warn() {}, error() {}, debug() {} };
const LINES = 200;
const TEXT = Array.from({ length: LINES }, () => 'ab\n').join('');
const snapshot = snapshotOf(TEXT, { split: /ab|\n/g });
const NODE = '0.mlp.post_act.3';

/** The two colorings on a text where activations and surprise rise from line to line. */
function painting() {
  const rising = ({ start, end }: { start: number; end: number }) => ({
    start,
    values: Float32Array.from({ length: end - start }, (_, i) => (start + i) / 100),
  });
  const services = {
    documents: { snapshot: () => Promise.resolve(snapshot) },
    store: { active: () => [], changed: new Emitter() },
    traces: {
      activations: (_: unknown, __: string, range: { start: number; end: number }) =>
        Promise.resolve(rising(range)),
      surprisal: (_: unknown, range: { start: number; end: number }) =>
        Promise.resolve(rising(range)),
    },
  } as unknown as Services;
  const models = { state: { kind: 'idle' }, replaced: new Emitter(), changed: new Emitter() };
  const [heatMap, map] = [new HeatMap(services), new ActivationMap(services)];
  const painter = new Painter(services, models as unknown as PaintedModels, [heatMap, map], log);
  painters.push(painter);
  oneColoring(heatMap, map, () => {
    painter.soon();
  });
  const editor = editorOf(documentOf(snapshot.uri, TEXT));
  /** All that was to be painted is. */
  const painted = () => vi.advanceTimersByTimeAsync(500);
  const scroll = async (from: number, to: number) => {
    editor.visibleRanges = [new Range(from, 0, to, 0)];
    painter.soon();
    await painted();
  };
  /** Colors in force: what a type shows, by its color. */
  const colors = () =>
    [...editor.painted]
      .filter(([, ranges]) => ranges.length > 0)
      .map(([type]) => (type as { options: { backgroundColor: { id: string } } }).options)
      .map(({ backgroundColor }) => backgroundColor.id);
  /** Color of a line. */
  const colorOf = (line: number) =>
    [...editor.painted].flatMap(([type, ranges]) =>
      (ranges as Range[]).some(({ start, end }) => start.line <= line && line < end.line)
        ? [(type as { options: { backgroundColor: { id: string } } }).options.backgroundColor.id]
        : [],
    );
  return { heatMap, map, editor, painted, scroll, colors, colorOf };
}

const painters: { dispose(): void }[] = [];
beforeEach(() => {
  reset();
  vi.useFakeTimers();
  return () => {
    for (const painter of painters.splice(0)) painter.dispose();
    vi.useRealTimers();
  };
});

describe('painting', () => {
  it('tells an editor nothing while nothing colors the text', async () => {
    const { editor, painted, scroll } = painting();
    show(editor);
    await painted();
    moveCursor(editor, 3, 0);
    await scroll(100, 140);
    expect(editor.calls).toBe(0);
  });

  it('tells of a color only where there is some, or was', async () => {
    const { editor, map, painted, scroll, colors } = painting();
    show(editor);
    await scroll(0, 30);
    map.show(NODE);
    await painted();
    // Positive activations only: none of the four colors of negative ones.
    expect(editor.calls).toBe(colors().length);
    expect(colors().length).toBeGreaterThan(1);
    const before = colors().length;
    map.show(null);
    await painted();
    expect(editor.calls).toBe(2 * before);
    expect(colors()).toEqual([]);
  });

  it('keeps the color of a token while a person scrolls to stronger ones and back', async () => {
    const { editor, map, painted, scroll, colorOf } = painting();
    show(editor);
    await scroll(150, 170);
    map.show(NODE);
    await painted();
    const far = colorOf(160);
    expect(far).toEqual(['circuitscope.positive4']);
    await scroll(10, 30);
    const near = colorOf(20);
    // A fifth of the largest that was seen, which by itself would be the strongest in sight.
    expect(near).toEqual(['circuitscope.positive1']);
    await scroll(150, 170);
    expect(colorOf(160)).toEqual(far);
  });
});

describe('surprise and a node', () => {
  it('never color the text at once', async () => {
    const { editor, heatMap, map, painted, colors } = painting();
    show(editor);
    map.show(NODE);
    await painted();
    heatMap.toggle();
    await painted();
    expect([map.active, heatMap.active]).toEqual([false, true]);
    expect(colors().every((id) => id.includes('surprise'))).toBe(true);
    expect(colors().length).toBeGreaterThan(0);
    map.showCircuit({ name: 'quotes', nodes: [NODE] });
    expect([map.active, heatMap.active]).toEqual([true, false]);
    map.show(NODE);
    await painted();
    expect(colors().every((id) => id.includes('positive'))).toBe(true);
    expect(colors().length).toBeGreaterThan(0);
  });
});
