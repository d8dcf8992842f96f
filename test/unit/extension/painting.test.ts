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
type Colors = InstanceType<typeof ActivationMap>;
type PaintedModels = ConstructorParameters<typeof Painter>[1];

const log = { info() {}, warn() {}, error() {}, debug() {} };
const LINES = 200;
const TEXT = Array.from({ length: LINES }, () => 'ab\n').join('');
const snapshot = snapshotOf(TEXT, { split: /ab|\n/g });
const NODE = '0.mlp.post_act.3';
type TokenRange = Parameters<Services['traces']['nodes']>[2];

/** The two colorings on a text where activations and surprise rise from line to line. */
function painting(ablations: readonly object[] = []) {
  const rising = ({ start, end }: TokenRange) => ({
    start,
    values: Float32Array.from({ length: end - start }, (_, i) => (start + i) / 100),
  });
  const services = {
    documents: { snapshot: () => Promise.resolve(snapshot) },
    store: { active: () => ablations, changed: new Emitter() },
    traces: {
      // Ablations make all of it ten times as large.
      nodes: (_: unknown, nodes: string[], range: TokenRange, on: unknown[]) => {
        const { start, values } = rising(range);
        const own = values.map((value) => (on.length > 0 ? 10 : 1) * value);
        const rows = nodes.flatMap(() => [...own]);
        const means = new Float32Array(nodes.length);
        return Promise.resolve({ start, values: Float32Array.from(rows), means });
      },
      surprisal: (_: unknown, range: TokenRange) => Promise.resolve(rising(range)),
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

  it.each([
    [
      'a node',
      (map: Colors) => {
        map.show(NODE);
      },
    ],
    [
      'a circuit',
      (map: Colors) => {
        map.showCircuit({ name: 'c', nodes: [NODE, NODE] });
      },
    ],
  ] as const)(
    'by %s keeps the colors while a person scrolls, weak lines first too',
    async (by, color) => {
      for (const places of [
        [20, 90, 160],
        [160, 20, 90],
      ]) {
        const { editor, map, painted, scroll, colorOf } = painting();
        show(editor);
        color(map);
        const colors = new Map<number, string[]>();
        for (const line of [...places, ...places]) {
          await scroll(line - 10, line + 10);
          await painted();
          expect(colors.get(line) ?? colorOf(line)).toEqual(colorOf(line));
          colors.set(line, colorOf(line));
        }
        // By shares of the strongest of the whole file, wherever the first look was.
        const levels = [20, 90, 160].map((line) => colors.get(line)![0]?.at(-1));
        expect(levels).toEqual(by === 'a node' ? ['1', '2', '4'] : [undefined, '2', '4']);
        show(undefined);
      }
    },
  );

  it('sets ablations against the scale of the model without them', async () => {
    const { editor, map, painted, scroll, colorOf } = painting([{}]);
    show(editor);
    await scroll(10, 30);
    map.show(NODE);
    await painted();
    // A tenth of the strongest, made ten times as large.
    expect(colorOf(20)).toEqual(['circuitscope.positive4']);
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
