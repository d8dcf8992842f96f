/** The wheel over the picture: it scrolls, as everywhere, and zooms with Ctrl only. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GraphView } from '../../../webview/graph/graphView';
import { PADDING } from '../../../webview/graph/room';
import { Sight } from '../../../webview/graph/sight';

beforeEach(() => {
  vi.stubGlobal('WheelEvent', { DOM_DELTA_LINE: 1 });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const ROOM = { clientWidth: 400, clientHeight: 300 };

/** A picture of a size (pixels) at the upper left of its room, and what becomes of a turn of the wheel. */
function picture(width: number, height: number) {
  let zoom = 1;
  const pan = { x: 0, y: 0 };
  const cy = {
    on: () => undefined,
    pan: () => pan,
    panBy: ({ x, y }: typeof pan) => void ((pan.x += x), (pan.y += y)),
    zoom: (to?: { level: number }) => (to === undefined ? zoom : (zoom = to.level)),
    nodes: () => ({
      renderedBoundingBox: () => ({ x1: pan.x, x2: pan.x + width, y1: pan.y, y2: pan.y + height }),
    }),
  };
  const moves: unknown[] = [];
  const sight = new Sight(
    cy as unknown as ConstructorParameters<typeof Sight>[0],
    ROOM as HTMLElement,
    (viewport) => moves.push(viewport),
  );
  // The picture itself needs a page.
  const view = Object.create(GraphView.prototype, { sight: { value: sight } }) as GraphView;
  const turn = (event: Partial<WheelEvent>) => {
    const rest = { deltaX: 0, deltaY: 0, deltaMode: 0, offsetX: 0, offsetY: 0 };
    let kept = false;
    const preventDefault = () => void (kept = true);
    view.wheel({ ...rest, ...event, preventDefault } as unknown as WheelEvent);
    return kept;
  };
  return { turn, pan, moves, zoom: () => zoom };
}

describe('the wheel', () => {
  it('scrolls a picture that is larger than its room, without zooming', () => {
    const { turn, pan, zoom, moves } = picture(900, 800);
    expect(turn({ deltaY: 100 })).toBe(true);
    expect(pan).toEqual({ x: 0, y: -100 });
    expect(turn({ deltaX: 30 })).toBe(true);
    expect(pan).toEqual({ x: -30, y: -100 });
    // By lines, and sideways with Shift.
    turn({ deltaY: 2, deltaMode: 1 });
    turn({ deltaY: 50, shiftKey: true });
    expect(pan).toEqual({ x: -80, y: -132 });
    expect(zoom()).toBe(1);
    expect(moves).toHaveLength(4);
  });

  it('leaves the page to scroll on at the end of the picture, and where all of it is in sight', () => {
    const { turn, pan } = picture(900, 800);
    const end = 800 - ROOM.clientHeight + PADDING.bottom;
    expect(turn({ deltaY: 9999 })).toBe(true);
    expect(pan.y).toBe(-end);
    expect(turn({ deltaY: 100 })).toBe(false);
    expect(turn({ deltaY: -100 })).toBe(true);
    const small = picture(100, 100);
    expect(small.turn({ deltaY: 100 })).toBe(false);
    expect(small.pan).toEqual({ x: 0, y: 0 });
  });

  it.each(['ctrlKey', 'metaKey'] as const)('zooms with %s, and scrolls nothing', (key) => {
    const { turn, pan, zoom } = picture(900, 800);
    expect(turn({ deltaY: -100, [key]: true })).toBe(true);
    expect(zoom()).toBeCloseTo(Math.exp(0.25));
    turn({ deltaY: 100, [key]: true });
    expect(zoom()).toBeCloseTo(1);
    expect(pan).toEqual({ x: 0, y: 0 });
  });
});
