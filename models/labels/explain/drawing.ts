/** The part of a circuit that says most to the answers, as a picture. */
import { escapeMarkup, frame, label as words } from '../../charts.mjs';
import type { Push } from './answers';
import type { Wire, Wiring } from './wiring';

/** A node of the picture. */
export interface DrawnNode {
  readonly node: string;
  readonly text: string;
  /** Its label, else the tokens that it is about by its weights; null for neither. */
  readonly known: string | null;
  /** Place of its column: reads, values, writes and neurons in the order of computation. */
  readonly column: number;
  readonly columnName: string;
  /** Mean activations on the sides of the pairs, where they differ most. */
  readonly a: number;
  readonly b: number;
}

/** A weight of the circuit, or (null) a write that is read as it is; and how much it tells the sides apart. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly weight: number | null;
  readonly share: number;
}

/** What is drawn of a circuit. */
export interface CircuitDrawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  /** What the writes push the right answer by (nats), those that are drawn. */
  readonly answers: readonly Push[];
  /** Nodes of the circuit. */
  readonly of: number;
}

/** Writes to begin with, feeds of a node, and nodes in all. */
const WRITES = 6;
const FEEDS = 3;
const MOST = 36;

/**
 * Goes back from the writes that push the answers most, by the feeds that tell the sides apart most:
 * |weight × (a − b) of the source|.
 * @param describe everything of a node but its name
 */
export function drawCircuit(
  pushes: readonly Push[],
  { feeds }: Pick<Wiring, 'feeds'>,
  describe: (node: string) => Omit<DrawnNode, 'node'>,
): CircuitDrawing {
  const known = new Map<string, DrawnNode>();
  const drawn = (node: string): DrawnNode => {
    const own = known.get(node) ?? { node, ...describe(node) };
    known.set(node, own);
    return own;
  };
  const gap = (node: string) => Math.abs(drawn(node).a - drawn(node).b);
  // A read that writes of the circuit feed is passed over: their lines lead to what reads it.
  const direct = (node: string): Wire[] =>
    (feeds.get(node) ?? []).flatMap((wire) => {
      const through = feeds.get(wire.node) ?? [];
      if (through.length === 0 || through.some(({ weight }) => weight !== null)) return [wire];
      return through.map((write) => ({ node: write.node, weight: wire.weight }));
    });
  const told = ({ node, weight }: Wire) => Math.abs(weight ?? 1) * gap(node);
  const answers = pushes.slice(0, WRITES);
  const chosen = new Set(answers.map(({ node }) => node));
  const edges: DrawnEdge[] = [];
  // A set grows while it is gone through: the nearest to the answers come first.
  for (const node of chosen) {
    const own = direct(node)
      .sort((x, y) => told(y) - told(x))
      .slice(0, FEEDS);
    const most = Math.max(...own.map(told), Number.MIN_VALUE);
    for (const wire of own) {
      if (!chosen.has(wire.node) && chosen.size >= MOST) continue;
      chosen.add(wire.node);
      edges.push({ from: wire.node, to: node, weight: wire.weight, share: told(wire) / most });
    }
  }
  return { nodes: [...chosen].map(drawn), edges, answers, of: feeds.size };
}

const [LEFT, TOP, COLUMN, ROW, WIDTH, HEIGHT] = [24, 96, 180, 46, 146, 34];
/** Characters of a label that fit into its box. */
const FITTING = 23;

/**
 * The picture as SVG: blue is larger where the first answer is right, orange where the second is; a
 * dashed line is a negative weight, a grey one a write that is read.
 * @param link where a node's name leads
 */
export function drawingSvg(
  drawing: CircuitDrawing,
  { title, answers, link }: { readonly title: string; readonly answers: string; readonly link: (node: string) => string }, // prettier-ignore
): string {
  const columns = [...new Set(drawing.nodes.map(({ column }) => column))].sort((a, b) => a - b);
  const places = placed(drawing, columns);
  const rows = Math.max(1, ...columns.map((column) => inColumn(drawing, column).length));
  const [width, height] = [LEFT + COLUMN * (columns.length + 1), TOP + ROW * rows + 16];
  const end = { x: LEFT + COLUMN * columns.length, y: TOP + (ROW * rows) / 2 - HEIGHT / 2 };
  const line = (from: Place, to: Place, look: string) => {
    const [x, y] = [from.x + WIDTH, from.y + HEIGHT / 2];
    const [right, down] = [to.x, to.y + HEIGHT / 2];
    const bend = (right - x) / 2;
    return `<path class="path ${look}" d="M${x} ${y}C${x + bend} ${y} ${right - bend} ${down} ${right} ${down}"/>`;
  };
  const edges = drawing.edges.map(({ from, to, weight, share }) => {
    const colour = weight === null ? 'grey' : 'line';
    const dash = weight !== null && weight < 0 ? ' stroke-dasharray="5 3"' : '';
    const look = `${colour}" stroke-width="${(0.6 + 1.8 * share).toFixed(1)}" stroke-opacity="0.7"${dash} data-edge="${from} ${to}`;
    return line(places.get(from)!, places.get(to)!, look);
  });
  const most = Math.max(...drawing.answers.map(({ nats }) => Math.abs(nats)), Number.MIN_VALUE);
  const said = drawing.answers.map(({ node, nats }) => {
    const dash = nats < 0 ? ' stroke-dasharray="5 3"' : '';
    const look = `green" stroke-width="${(0.6 + 1.8 * (Math.abs(nats) / most)).toFixed(1)}"${dash} data-edge="${node}`;
    return line(places.get(node)!, end, look);
  });
  const nodes = drawing.nodes.map((node) => box(node, places.get(node.node)!, link(node.node)));
  const heads = columns.map((column, i) => {
    const [first] = inColumn(drawing, column);
    return words(first.columnName, LEFT + COLUMN * i, TOP - 14, 'class="small"');
  });
  return frame(
    height,
    title,
    [
      words(
        `${drawing.nodes.length} of ${drawing.of} nodes, those that say most to the answers. Blue: larger for ${answers.replace(' or ', ', orange: for ')}. Dashed: a negative weight.`,
        16,
        50,
        'class="small"',
      ),
      ...heads,
      ...edges,
      ...said,
      ...nodes,
      `<rect class="green" fill-opacity="0.15" x="${end.x}" y="${end.y}" width="${WIDTH - 20}" height="${HEIGHT}" rx="5"/>`,
      words(answers, end.x + 8, end.y + 21),
    ],
    width,
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
}

const inColumn = ({ nodes }: CircuitDrawing, column: number) =>
  nodes.filter((node) => node.column === column);

/** Places from the last column backwards: each node near what it feeds. */
function placed(drawing: CircuitDrawing, columns: readonly number[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (let i = columns.length - 1; i >= 0; i--) {
    const wanted = (node: string) => {
      const ys = drawing.edges.flatMap(({ from, to }) => (from === node && places.has(to) ? [places.get(to)!.y] : [])); // prettier-ignore
      return ys.length > 0 ? ys.reduce((a, b) => a + b, 0) / ys.length : 0;
    };
    const own = inColumn(drawing, columns[i])
      .map(({ node }) => ({ node, y: wanted(node) }))
      .sort((a, b) => a.y - b.y);
    own.forEach(({ node }, row) => places.set(node, { x: LEFT + COLUMN * i, y: TOP + ROW * row }));
  }
  return places;
}

function box({ node, text, known, a, b }: DrawnNode, { x, y }: Place, href: string): string {
  const colour = a > b ? 'blue' : 'orange';
  const short = (full: string) => (full.length > FITTING ? `${full.slice(0, FITTING - 1)}…` : full);
  const tip = `${node}: ${known ?? 'no label'}; ${a.toFixed(2)} and ${b.toFixed(2)}`;
  return [
    `<a href="${escapeMarkup(href)}"><title>${escapeMarkup(tip)}</title>`,
    `<rect class="page" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="5"/>`,
    `<rect class="${colour}" fill-opacity="0.12" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="5"/>`,
    words(short(text), x + 6, y + 14, 'class="small"'),
    words(short(known ?? 'no label'), x + 6, y + 28, 'class="small" fill-opacity="0.75"'),
    '</a>',
  ].join('');
}
