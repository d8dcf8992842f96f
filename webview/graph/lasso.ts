/** A lasso over a picture: what it encloses when the pointer is let go. */
import type { Point } from '../layout/layered';

const NAMESPACE = 'http://www.w3.org/2000/svg';

export class Lasso {
  private readonly layer = document.createElementNS(NAMESPACE, 'svg');
  private readonly path = document.createElementNS(NAMESPACE, 'polygon');
  private points: Point[] = [];

  /** @param done hears the corners, in pixels of the parent */
  constructor(
    parent: HTMLElement,
    private readonly done: (corners: readonly Point[], add: boolean) => void,
  ) {
    this.layer.classList.add('lasso');
    this.layer.setAttribute('aria-hidden', 'true');
    this.layer.append(this.path);
    parent.append(this.layer);
    this.layer.addEventListener('pointerdown', (event) => {
      this.layer.setPointerCapture(event.pointerId);
      this.points = [place(event)];
    });
    this.layer.addEventListener('pointermove', (event) => {
      if (this.points.length === 0) return;
      this.points.push(place(event));
      this.path.setAttribute('points', this.points.map(({ x, y }) => `${x},${y}`).join(' '));
    });
    const end = (event: PointerEvent) => {
      const corners = this.points;
      this.points = [];
      this.path.setAttribute('points', '');
      if (corners.length > 2) this.done(corners, event.shiftKey);
    };
    this.layer.addEventListener('pointerup', end);
    this.layer.addEventListener('pointercancel', end);
    this.on = false;
  }

  get on(): boolean {
    return !this.layer.classList.contains('hidden');
  }

  set on(on: boolean) {
    this.layer.classList.toggle('hidden', !on);
  }
}

function place({ offsetX, offsetY }: PointerEvent): Point {
  return { x: offsetX, y: offsetY };
}
