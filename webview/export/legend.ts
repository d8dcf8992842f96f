/** The legend below an exported picture. */
import { legendOf, type Sign } from '../graph/legend';
import type { Theme } from '../theme';
import { escapeMarkup } from './markup';

const COLUMN = 210;
const LINE = 18;
const SIGN = 26;

/** The legend as SVG within some width, from a point on, and how high (pixels) it is. */
export function legendSvg(
  theme: Theme,
  { left, top, width }: { readonly left: number; readonly top: number; readonly width: number },
  compared: boolean,
): { readonly markup: string; readonly height: number } {
  const columns = Math.max(1, Math.floor(width / COLUMN));
  const signs = legendOf(compared);
  const markup = signs
    .map(([sign, text], i) => {
      const [x, y] = [left + (i % columns) * COLUMN, top + Math.floor(i / columns) * LINE];
      const words = `<text x="${x + SIGN}" y="${y + 4}" class="legend">${escapeMarkup(text)}</text>`;
      return signSvg(sign, theme, x + 8, y) + words;
    })
    .join('\n');
  return { markup, height: LINE * Math.ceil(signs.length / columns) };
}

function signSvg(sign: Sign, theme: Theme, x: number, y: number): string {
  const { background, foreground, positive, negative, off } = theme;
  const dot = (fill: string, stroke: string, more = '', r = 5) =>
    `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" stroke="${stroke}"${more}/>`;
  const line = (color: string, dash: string) =>
    `<line x1="${x - 8}" y1="${y}" x2="${x + 8}" y2="${y}" stroke="${color}" stroke-width="2"${dash}/>`;
  switch (sign) {
    case 'positive':
      return dot(positive, foreground);
    case 'negative':
      return dot(negative, foreground);
    case 'helps':
      return dot(background, foreground, ' stroke-width="3"');
    case 'opposes':
      return dot(background, foreground, ' stroke-width="3" stroke-dasharray="1 3"');
    case 'joins':
      return dot(background, foreground, '', 3);
    case 'off':
      return dot(background, off, ' stroke-width="3" stroke-dasharray="4 3"');
    case 'up':
      return line(positive, '') + `<path d="M${x + 10} ${y}l-5 -3v6z" fill="${positive}"/>`;
    case 'down':
      return (
        line(negative, '') +
        `<path d="M${x + 8} ${y - 4}v8" stroke="${negative}" stroke-width="2"/>`
      );
    case 'attention':
      return line(foreground, ' stroke-dasharray="6 4"');
    case 'query':
      return line(foreground, ' stroke-dasharray="2 3"');
  }
}
