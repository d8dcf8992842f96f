/** A head's attention over the window: rows read, columns are read, the sink is the first column. */
import { pieces, t } from '../../shared/l10n';
import { percent } from '../../shared/format';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Attention } from '../protocol';
import { mixed, type Theme } from '../theme';
import { Word } from './text';

/** Pixels a cell takes at least and at most. */
const CELL = { least: 2, most: 14 };
/** Pixels that the map is high at most, unless its cells are at their least. */
const HIGHEST = 440;
const SINK_GAP = 2;

interface Props {
  readonly attention: Attention;
  readonly summary: string;
  readonly theme: Theme;
  /** Pixels there are. */
  readonly width: number;
  readonly onPoint: (text: string) => void;
  readonly onReveal: (token: number) => void;
}

export function HeatMap({ attention, summary, theme, width, onPoint, onReveal }: Props) {
  const { rows, sink, texts, start, layer, head } = attention;
  const size = rows.length;
  const fits = Math.floor(Math.min((width - 40) / (size + 1 + SINK_GAP), HIGHEST / size));
  const cell = Math.max(CELL.least, Math.min(CELL.most, fits));
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    paint(canvas.current!, attention, theme, cell);
  }, [attention, theme.background, theme.positive, cell]);
  const at = ({ offsetX, offsetY }: MouseEvent) => ({
    row: Math.floor(offsetY / cell),
    column: Math.floor(offsetX / cell) - 1 - SINK_GAP,
  });
  return (
    <figure>
      <figcaption class="muted">
        {pieces(
          'Rows attend to columns, oldest on the left. First column: the {0}.',
          <Word of="sink">{t('sink')}</Word>,
        )}
      </figcaption>
      <canvas
        ref={canvas}
        class="heat"
        width={(size + 1 + SINK_GAP) * cell}
        height={size * cell}
        tabIndex={0}
        role="img"
        aria-label={t('Attention of layer {0}, head {1}; {2}', layer, head, summary)}
        onMouseMove={(event) => {
          const { row, column } = at(event);
          if (row < 0 || row >= size) return;
          if (column < -SINK_GAP) {
            onPoint(t('{0} gives its sink {1}', texts[row], percent(sink[row])));
          } else if (column >= 0 && column <= row) {
            const share = percent(rows[row][column]);
            onPoint(t('{0} gives {1} {2}', texts[row], texts[column], share));
          }
        }}
        onClick={(event) => {
          const { row } = at(event);
          if (start + row >= 0 && row < size) onReveal(start + row);
        }}
      />
    </figure>
  );
}

function paint(
  canvas: HTMLCanvasElement,
  { rows, sink, reader }: Attention,
  theme: Theme,
  cell: number,
): void {
  const context = canvas.getContext('2d')!;
  const fill = (column: number, row: number, share: number) => {
    context.fillStyle = mixed(theme.background, theme.positive, Math.sqrt(share));
    context.fillRect(column * cell, row * cell, cell, cell);
  };
  context.clearRect(0, 0, canvas.width, canvas.height);
  rows.forEach((row, i) => {
    fill(0, i, sink[i]);
    row.forEach((share, j) => {
      fill(j + 1 + SINK_GAP, i, share);
    });
  });
  context.strokeStyle = theme.focus;
  context.strokeRect(0.5, reader * cell - 0.5, canvas.width - 1, cell + 1);
  context.strokeStyle = theme.border;
  context.strokeRect(0.5, 0.5, cell - 1, canvas.height - 1);
}
