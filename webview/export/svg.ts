/** The graph as an SVG that stands alone. */
import type { Shown } from '../filter';
import { controlPoints, pathOf, type End } from '../graph/curve';
import type { IsAblated } from '../graph/elements';
import type { Picture } from '../graph/graphView';
import {
  edgeLook,
  JOINING_SIZE,
  nodeLook,
  nodeWidth,
  scalesOf,
  type EdgeLook,
  type NodeLook,
} from '../graph/style';
import { edgeShares } from '../joining';
import type { Point } from '../layout/types';
import type { GraphNode } from '../protocol';
import type { Theme } from '../theme';
import { legendSvg } from './legend';
import { escapeMarkup } from './markup';

const MARGIN = 60;
/** Room for the title and the headings. */
const HEAD = 84;
const LINE = 12;
const NOTE = 16;

/** What is drawn. */
export interface Drawing {
  readonly title: string;
  readonly shown: Shown;
  readonly isAblated: IsAblated;
  /** Lines below the legend. */
  readonly notes: readonly string[];
  readonly picture: Picture;
  readonly theme: Theme;
}

/** The drawing as SVG. */
export function svgOf({ title, shown, isAblated, notes, picture, theme }: Drawing): string {
  const { points, lanes, headings } = picture;
  const all = [...points.values()];
  const ends = (values: readonly number[]) => [Math.min(0, ...values), Math.max(0, ...values)];
  const [left, right] = ends(all.map(({ x }) => x));
  const [up, down] = ends([
    ...all.map(({ y }) => y),
    ...lanes.flatMap(({ top, bottom }) => [top, bottom]),
  ]);
  const width = right - left + 2 * MARGIN;
  const place = { left: left - MARGIN + 16, top: down + 28, width: width - 24 };
  const legend = legendSvg(
    theme,
    place,
    shown.nodes.some(({ other }) => other !== undefined),
  );
  const said = notes.map((text, i) =>
    words(text, place.left, place.top + legend.height + 16 + NOTE * i, 'legend'),
  );
  const height = down - up + HEAD + MARGIN / 2 + legend.height + 12 + NOTE * notes.length;
  const scales = scalesOf(shown.nodes);
  const shares = edgeShares(shown.edges);
  const halves = new Map(shown.nodes.map((node) => [node.id, nodeWidth(node) / 2]));
  const end = (id: string): End | null => {
    const point = points.get(id);
    return point ? { ...point, half: halves.get(id) ?? 0 } : null;
  };
  const edges = shown.edges.map((edge, i) => {
    const [from, to] = [end(edge.from), end(edge.to)];
    if (!from || !to) return '';
    const look = edgeLook(theme, shares[i], edge, isAblated(edge));
    const via = picture.routes[i] ?? [];
    const d = pathOf(from, to, via);
    const line = `<path d="${d}" fill="none" stroke="${look.color}" stroke-width="${fixed(look.width)}"${EDGE_DASH[look.style]}/>`;
    return line + head(look, to, controlPoints(from, to, via).at(-1)!);
  });
  const nodes = shown.nodes.map((node) => {
    const point = points.get(node.id);
    if (!point) return '';
    const look = nodeLook(theme, scales, node, isAblated(node));
    const size = shown.joining.has(node.id) ? { width: JOINING_SIZE, height: JOINING_SIZE } : {};
    return drawNode({ ...look, ...size }, node.role, point);
  });
  const bands = lanes.map(
    ({ top, bottom }) =>
      `<rect x="${fixed(left - MARGIN)}" y="${fixed(top)}" width="${fixed(width)}" height="${fixed(bottom - top)}" class="lane"/>`,
  );
  const heads = headings.map(({ text, x, line }) =>
    words(text, x, up - HEAD + 44 + LINE * line, 'column'),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${fixed(left - MARGIN)} ${fixed(up - HEAD)} ${fixed(width)} ${fixed(height)}" width="${fixed(width)}" height="${fixed(height)}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>text{font:11px sans-serif;fill:${theme.foreground};text-anchor:middle}.mono{font-family:monospace}.column{fill:${theme.muted}}.head{font-size:13px;text-anchor:start}.legend{text-anchor:start}.lane{fill:${theme.foreground};fill-opacity:.04}</style>`,
    `<rect x="${fixed(left - MARGIN)}" y="${fixed(up - HEAD)}" width="100%" height="100%" fill="${theme.background}"/>`,
    words(title, left - MARGIN + 12, up - HEAD + 20, 'head'),
    ...[...bands, ...heads, ...edges, ...nodes, legend.markup, ...said],
    '</svg>',
  ].join('\n');
}

const EDGE_DASH = {
  ...{ solid: '', dashed: ' stroke-dasharray="6 4"', dotted: ' stroke-dasharray="2 3"' },
};
const BORDER_DASH = {
  ...{ solid: '', dashed: ' stroke-dasharray="4 3"', dotted: ' stroke-dasharray="1 3"' },
};

/** How an edge ends: an arrow where it pushes up, blunt where it pushes down. */
function head({ color, width, arrow }: EdgeLook, to: End, before: Point): string {
  const way = Math.sign(to.x - before.x) || 1;
  const x = to.x - way * (to.half + 1);
  const size = 3 + width;
  if (arrow === 'tee') {
    const y = fixed(to.y - size / 1.5);
    return `<rect x="${fixed(x - 1)}" y="${y}" width="2" height="${fixed((2 * size) / 1.5)}" fill="${color}"/>`;
  }
  const [back, up, down] = [x - way * size * 1.4, to.y - size / 1.5, to.y + size / 1.5];
  return `<polygon points="${fixed(x)},${fixed(to.y)} ${fixed(back)},${fixed(up)} ${fixed(back)},${fixed(down)}" fill="${color}"/>`;
}

function drawNode(look: NodeLook, role: GraphNode['role'], { x, y }: Point): string {
  const { width, height } = look;
  const paint = `fill="${look.color}" stroke="${look.borderColor}" stroke-width="${fixed(look.borderWidth)}"${BORDER_DASH[look.borderStyle]}`;
  if (role !== 'channel') {
    const rect = `<rect x="${fixed(x - width / 2)}" y="${fixed(y - height / 2)}" width="${fixed(width)}" height="${height}" rx="4" ${paint}/>`;
    return rect + words(look.label, x, y + 4, 'mono');
  }
  const circle = `<circle class="node" cx="${fixed(x)}" cy="${fixed(y)}" r="${width / 2}" ${paint}/>`;
  return circle + words(look.label, x, y + height / 2 + LINE, 'label');
}

function words(text: string, x: number, y: number, className: string): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" class="${className}">${escapeMarkup(text)}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
