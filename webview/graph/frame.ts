/** What frames the picture: headings above the columns, bands behind the lanes. */
import { el, fill } from '../dom';
import type { Lane } from '../layout/layered';
import type { Heading } from './headings';
import type { Viewport } from './sight';

export class Frame {
  readonly headings = el('div', { class: 'headings', 'aria-hidden': 'true' });
  readonly bands = el('div', { class: 'bands', 'aria-hidden': 'true' });

  /** Puts both where the picture is. */
  place(headings: readonly Heading[], lanes: readonly Lane[], { zoom, pan }: Viewport): void {
    fill(
      this.headings,
      ...headings.map(({ text, x, span, line }) => {
        const element = el('span', { class: `heading line${line}` }, text);
        element.style.left = `${x * zoom + pan.x}px`;
        if (line < 2) element.style.minWidth = `${span * zoom}px`;
        return element;
      }),
    );
    fill(
      this.bands,
      ...lanes.map(({ top, bottom }) => {
        const band = el('div', { class: 'band' });
        band.style.top = `${top * zoom + pan.y}px`;
        band.style.height = `${(bottom - top) * zoom}px`;
        return band;
      }),
    );
  }
}
