/** Which part of the picture is in sight: all of it, until people move it. */
import type { Core, NodeSingular } from 'cytoscape';
import type { Lane, Point } from '../layout/types';
import { LEAST_ZOOM, MOST_ZOOM, PADDING } from './room';

/** Which part of the picture is in sight. */
export interface Viewport {
  readonly zoom: number;
  readonly pan: Point;
}

export class Sight {
  private viewport: Viewport | null = null;
  private lanes: readonly Lane[] = [];
  /** Whether the view is moved by ourselves. */
  private fitting = false;

  /** @param onMove hears how people have moved the view; null when it fits by itself again */
  constructor(
    private readonly cy: Core,
    private readonly canvas: HTMLElement,
    private readonly onMove: (viewport: Viewport | null) => void,
  ) {
    cy.on('dragpan pinchzoom', () => {
      this.moved();
    });
  }

  /** Takes up what people chose; null for all of the picture. */
  keep(viewport: Viewport | null): void {
    this.viewport = viewport;
  }

  /** @param lanes of the picture that is there now */
  of(lanes: readonly Lane[]): void {
    this.lanes = lanes;
  }

  /** The view that people chose, or all of the picture. */
  settle(): void {
    if (this.canvas.clientWidth === 0) return;
    this.fitting = true;
    if (this.viewport)
      this.cy.viewport({ zoom: this.viewport.zoom, pan: { ...this.viewport.pan } });
    else this.fitAll();
    this.fitting = false;
  }

  /** Fits the whole picture again, whatever people have moved. */
  fit(): void {
    this.viewport = null;
    this.onMove(null);
    this.settle();
  }

  /** Moves the picture when a node is not in sight. */
  reveal(node: NodeSingular): void {
    const { x1, x2, y1, y2 } = node.renderedBoundingBox({ includeLabels: true });
    const { clientWidth, clientHeight } = this.canvas;
    const seen = x1 >= 0 && y1 >= PADDING.top && x2 <= clientWidth && y2 <= clientHeight;
    if (seen) return;
    this.cy.center(node);
    this.moved();
  }

  /** @param at pixels of the canvas that stay where they are; its middle by default */
  zoomBy(factor: number, at?: Point): void {
    const { clientWidth, clientHeight } = this.canvas;
    const renderedPosition = { ...(at ?? { x: clientWidth / 2, y: clientHeight / 2 }) };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition });
    this.moved();
  }

  /**
   * Moves the picture by some pixels, as far as there is more of it.
   * @returns whether it moved
   */
  scrollBy(dx: number, dy: number): boolean {
    const box = this.cy.nodes().renderedBoundingBox({ includeLabels: true });
    const { clientWidth, clientHeight } = this.canvas;
    const x = within(dx, box.x1 - PADDING.left, box.x2 - clientWidth + PADDING.right);
    const y = within(dy, box.y1 - PADDING.top, box.y2 - clientHeight + PADDING.bottom);
    if (x === 0 && y === 0) return false;
    this.cy.panBy({ x: -x, y: -y });
    this.moved();
    return true;
  }

  private fitAll(): void {
    const box = this.cy.nodes().boundingBox({ includeLabels: true });
    const [top, bottom] = [this.lanes[0]?.top ?? box.y1, this.lanes.at(-1)?.bottom ?? box.y2];
    const { clientWidth, clientHeight } = this.canvas;
    const room = {
      width: clientWidth - PADDING.left - PADDING.right,
      height: clientHeight - PADDING.top - PADDING.bottom,
    };
    const wide = Math.min(MOST_ZOOM, room.width / Math.max(1, box.w));
    const high = Math.min(wide, room.height / Math.max(1, bottom - top));
    // What would be too small to read is scrolled instead; the prediction is at the lower end.
    const zoom = Math.max(high, Math.min(wide, LEAST_ZOOM));
    const over = { x: room.width - zoom * box.w, y: room.height - zoom * (bottom - top) };
    this.cy.viewport({
      zoom,
      pan: {
        x: PADDING.left + over.x / 2 - zoom * box.x1,
        y: PADDING.top + (over.y < 0 ? over.y : over.y / 2) - zoom * top,
      },
    });
  }

  private moved(): void {
    if (this.fitting) return;
    this.viewport = { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
    this.onMove(this.viewport);
  }
}

/** The part of a step that stays within what there is beyond both edges: `before` and less, `after` and more. */
function within(step: number, before: number, after: number): number {
  return step < 0 ? Math.max(step, Math.min(0, before)) : Math.min(step, Math.max(0, after));
}
