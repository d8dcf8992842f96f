/** What frames the picture: headings above the columns, bands behind the lanes. */
import type { Lane } from '../layout/types';
import type { Heading } from './headings';
import type { Viewport } from './sight';

/** Where the picture is, and what stands around it. */
export interface Framing extends Viewport {
  readonly headings: readonly Heading[];
  readonly lanes: readonly (Lane & { readonly name: string })[];
}

export function Bands({ lanes, zoom, pan }: Framing) {
  return (
    <div class="bands" aria-hidden="true">
      {lanes.map(({ lane, top, bottom, name }) => {
        const style = { top: `${top * zoom + pan.y}px`, height: `${(bottom - top) * zoom}px` };
        return (
          <div key={lane} class="band" style={style}>
            {name}
          </div>
        );
      })}
    </div>
  );
}

export function Headings({ headings, zoom, pan }: Framing) {
  return (
    <div class="headings" aria-hidden="true">
      {headings.map(({ text, x, span, line }) => (
        <span
          key={`${line} ${x}`}
          class={`heading line${line}`}
          style={{
            left: `${x * zoom + pan.x}px`,
            ...(line < 2 ? { minWidth: `${span * zoom}px` } : {}),
          }}
        >
          {text}
        </span>
      ))}
    </div>
  );
}
