/** The graph as an SVG that stands alone. */
import type { Shown } from '../filter';
import { edgeLook, nodeLook, scalesOf } from '../graph/style';
import type { Point } from '../layout';
import type { Kind } from '../protocol';
import type { Theme } from '../theme';
import { escapeMarkup } from './markup';

const MARGIN = 60;
const LINE = 12;

/** What is drawn. */
export interface Drawing {
  readonly title: string;
  readonly shown: Shown;
  readonly ablated: ReadonlyMap<string, Kind>;
  readonly points: ReadonlyMap<string, Point>;
  readonly columns: readonly { readonly label: string; readonly x: number }[];
  readonly theme: Theme;
}

/** The drawing as SVG. */
export function svgOf({ title, shown, ablated, points, columns, theme }: Drawing): string {
  const all = [...points.values(), ...columns.map(({ x }) => ({ x, y: 0 }))];
  const low = {
    x: Math.min(0, ...all.map(({ x }) => x)),
    y: Math.min(0, ...all.map(({ y }) => y)),
  };
  const high = {
    x: Math.max(0, ...all.map(({ x }) => x)),
    y: Math.max(0, ...all.map(({ y }) => y)),
  };
  const [width, height] = [high.x - low.x + 2 * MARGIN, high.y - low.y + 2 * MARGIN + 30];
  const move = ({ x, y }: Point) => ({ x: x - low.x + MARGIN, y: y - low.y + MARGIN + 20 });
  const scales = scalesOf(shown.nodes, shown.edges);
  const edges = shown.edges.map((edge) => {
    const [from, to] = [points.get(edge.from), points.get(edge.to)];
    if (!from || !to) return '';
    const { color, width, style } = edgeLook(theme, scales, edge);
    const dash =
      style === 'dashed'
        ? ' stroke-dasharray="6 4"'
        : style === 'dotted'
          ? ' stroke-dasharray="2 3"'
          : '';
    return `<path d="${path(move(from), move(to))}" fill="none" stroke="${color}" stroke-width="${fixed(width)}"${dash}/>`;
  });
  const nodes = shown.nodes.map((node) => {
    const point = points.get(node.id);
    if (!point) return '';
    const kind = node.node === null ? undefined : ablated.get(node.node);
    const look = nodeLook(theme, scales, node, kind ?? null, true);
    const { x, y } = move(point);
    const dash = {
      solid: '',
      dotted: ' stroke-dasharray="1 3"',
      dashed: ' stroke-dasharray="4 3"',
    };
    const paint = `fill="${look.color}" stroke="${look.borderColor}" stroke-width="${fixed(look.borderWidth)}"${dash[look.borderStyle]}`;
    if (node.role !== 'channel') {
      const rect = `<rect x="${fixed(x - look.width / 2)}" y="${fixed(y - look.height / 2)}" width="${fixed(look.width)}" height="${look.height}" rx="4" ${paint}/>`;
      return rect + words(look.label, x, y + 4, 'mono');
    }
    const lines = look.label.split('\n');
    const circle = `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${look.width / 2}" ${paint}/>`;
    const texts = lines.map((line, i) =>
      words(line, x, y + look.height / 2 + LINE * (i + 1), 'label'),
    );
    return circle + texts.join('');
  });
  const heads = columns.map(({ label, x }) => words(label, move({ x, y: 0 }).x, 40, 'column'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fixed(width)} ${fixed(height)}" width="${fixed(width)}" height="${fixed(height)}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>text{font:11px sans-serif;fill:${theme.foreground};text-anchor:middle}.mono{font-family:monospace}.column{fill:${theme.muted}}.head{font-size:13px;text-anchor:start}</style>`,
    `<rect width="100%" height="100%" fill="${theme.background}"/>`,
    words(title, 12, 20, 'head'),
    ...heads,
    ...edges,
    ...nodes,
    '</svg>',
  ].join('\n');
}

function words(text: string, x: number, y: number, className: string): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" class="${className}">${escapeMarkup(text)}</text>`;
}

function path(from: Point, to: Point): string {
  const middle = (from.x + to.x) / 2;
  return `M${fixed(from.x)} ${fixed(from.y)}C${fixed(middle)} ${fixed(from.y)} ${fixed(middle)} ${fixed(to.y)} ${fixed(to.x)} ${fixed(to.y)}`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
