/** Which part of the picture is in sight: all of it, until people move it. */
import type { Core } from 'cytoscape';
import type { Lane, Point } from '../layout/layered';
import { MOST_ZOOM, PADDING } from './room';

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
    cy.on('dragpan pinchzoom scrollzoom', () => {
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

  zoomBy(factor: number): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.cy.zoom({
      level: this.cy.zoom() * factor,
      renderedPosition: { x: width / 2, y: height / 2 },
    });
    this.moved();
  }

  private fitAll(): void {
    const box = this.cy.nodes().boundingBox({ includeLabels: true });
    const [top, bottom] = [this.lanes[0]?.top ?? box.y1, this.lanes.at(-1)?.bottom ?? box.y2];
    const { clientWidth, clientHeight } = this.canvas;
    const room = {
      width: clientWidth - PADDING.left - PADDING.right,
      height: clientHeight - PADDING.top - PADDING.bottom,
    };
    const zoom = Math.min(
      MOST_ZOOM,
      room.width / Math.max(1, box.w),
      room.height / Math.max(1, bottom - top),
    );
    const over = { x: room.width - zoom * box.w, y: room.height - zoom * (bottom - top) };
    this.cy.viewport({
      zoom,
      pan: {
        x: PADDING.left + over.x / 2 - zoom * box.x1,
        y: PADDING.top + over.y / 2 - zoom * top,
      },
    });
  }

  private moved(): void {
    if (this.fitting) return;
    this.viewport = { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
    this.onMove(this.viewport);
  }
}
