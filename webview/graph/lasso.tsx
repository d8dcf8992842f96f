/** A lasso over the picture: what it encloses when the pointer is let go. */
import { useState } from 'preact/hooks';
import type { Point } from '../layout/types';

interface Props {
  /** Hears the corners, in pixels of the picture. */
  readonly onDone: (corners: readonly Point[], add: boolean) => void;
}

export function Lasso({ onDone }: Props) {
  const [points, setPoints] = useState<readonly Point[]>([]);
  const end = ({ shiftKey }: PointerEvent) => {
    setPoints([]);
    if (points.length > 2) onDone(points, shiftKey);
  };
  return (
    <svg
      class="lasso"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setPoints([place(event)]);
      }}
      onPointerMove={(event) => {
        const next = place(event);
        setPoints((before) => (before.length > 0 ? [...before, next] : before));
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <polygon points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
    </svg>
  );
}

function place({ offsetX, offsetY }: PointerEvent): Point {
  return { x: offsetX, y: offsetY };
}
