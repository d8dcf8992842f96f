/** Arcs over the text, from the token that reads to those that it reads, thicker for larger shares. */
import { t } from '../../shared/l10n';
import { percent } from '../../shared/format';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Attention } from '../protocol';
import { TokenButtons } from './tokenButtons';

const LETTER = 7.3;
const PADDING = 5;
/** Tokens before the reader that have room. */
const SHOWN = 40;
const HEIGHT = 110;
/** Smaller shares are not drawn. */
const LEAST = 0.01;
const SINK = 16;

interface Props {
  readonly attention: Attention;
  readonly onMatch: (key: number) => void;
}

/** The arcs of the reader, scrolled to it. */
export function Arcs({ attention, onMatch }: Props) {
  const { rows, sink, reader, texts, start } = attention;
  const first = Math.max(0, reader + 1 - SHOWN);
  const own = texts.slice(first, reader + 1);
  const row = rows[reader].slice(first);
  let x = 40;
  const middles = own.map((text) => {
    const width = Array.from(text).length * LETTER + 2 * PADDING;
    x += width;
    return x - width / 2;
  });
  const to = middles[middles.length - 1];
  const scroll = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    scroll.current!.scrollLeft = scroll.current!.scrollWidth;
  }, [attention]);
  return (
    <div>
      <div class="scroll arcs-scroll" ref={scroll}>
        <svg width={x + 10} height={HEIGHT + 40} class="arcs" aria-hidden="true">
          <Arc
            from={SINK}
            to={to}
            share={sink[reader]}
            title={`${t('sink')} ${percent(sink[reader])}`}
          />
          {row.map((share, i) =>
            share < LEAST ? null : (
              <Arc
                key={first + i}
                from={middles[i]}
                to={to}
                share={share}
                title={`${own[i]} ${percent(share)}`}
              />
            ),
          )}
          <text x={SINK} y={HEIGHT + 16} text-anchor="middle" class="sink">
            {t('sink')}
          </text>
          {own.map((text, i) => (
            <text
              key={first + i}
              x={middles[i]}
              y={HEIGHT + 16}
              text-anchor="middle"
              class={i === own.length - 1 ? 'reader' : ''}
              onClick={() => {
                onMatch(start + first + i);
              }}
            >
              {text}
            </text>
          ))}
        </svg>
      </div>
      <TokenButtons attention={attention} onMatch={onMatch} />
    </div>
  );
}

interface ArcProps {
  readonly from: number;
  readonly to: number;
  readonly share: number;
  readonly title: string;
}

function Arc({ from, to, share, title }: ArcProps) {
  const height = Math.min(HEIGHT - 8, 14 + Math.abs(to - from) / 3);
  const d = `M${from} ${HEIGHT} C${from} ${HEIGHT - height} ${to} ${HEIGHT - height} ${to} ${HEIGHT}`;
  return (
    <path d={d} class="arc" stroke-width={0.5 + 7 * share} opacity={0.25 + 0.75 * share}>
      <title>{title}</title>
    </path>
  );
}
