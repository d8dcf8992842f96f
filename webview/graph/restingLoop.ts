/** Lets cytoscape rest: by itself it looks at every frame of the screen, as long as it is there, for something to draw. */
import type { Core } from 'cytoscape';

/** Milliseconds after the last drawing in which it still refines what it has drawn. */
const REFINES = 2000;

/** What is used here of a renderer of cytoscape, whose types leave it out. */
interface Renderer {
  /** Whether the next frame will be drawn. */
  requestedFrame: boolean;
  /** Asks for a drawing in the next frame. */
  redraw(options?: unknown): void;
  /** Adds what is called in every frame, those with a higher priority first. */
  beforeRender(call: (willDraw: boolean, now: number) => void, priority: number): void;
}

/** Stops the loop over frames when nothing has been drawn for a while, until a drawing is asked for. */
export function restWhenIdle(cy: Core): void {
  const renderer = (cy as unknown as { renderer(): Renderer }).renderer();
  let drawn = performance.now();
  let resting: FrameRequestCallback | null = null;
  renderer.beforeRender((willDraw, now) => {
    if (willDraw || renderer.requestedFrame) drawn = now;
    else if (now - drawn > REFINES) {
      // The next thing that cytoscape does, once all is called, is to ask for another frame.
      const ask = window.requestAnimationFrame;
      window.requestAnimationFrame = (frame) => {
        window.requestAnimationFrame = ask;
        resting = frame;
        return 0;
      };
    }
  }, -Infinity);
  const redraw = renderer.redraw.bind(renderer);
  renderer.redraw = (options) => {
    redraw(options);
    if (resting === null) return;
    window.requestAnimationFrame(resting);
    resting = null;
  };
}
