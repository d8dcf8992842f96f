/** The circuit as a picture, drawn by cytoscape at places of our own. */
import cytoscape, { type Core, type ElementDefinition, type NodeSingular } from 'cytoscape';
import { el, fill } from '../dom';
import { NOTHING, type Shown } from '../filter';
import { edgeShares } from '../joining';
import { layeredLayout, ROUTED_EDGES, type Lane, type Layout, type Point } from '../layout/layered';
import type { GraphEdge, GraphNode } from '../protocol';
import { readTheme, type Theme } from '../theme';
import { curveOf, type End } from './curve';
import { columnHeadings, type Heading } from './headings';
import { inside } from './inside';
import { Lasso } from './lasso';
import { edgeLook, nodeLook, nodeWidth, scalesOf, stylesheet, type Scales } from './style';

/** Larger than this nothing gets by itself. */
const MOST_ZOOM = 1.25;
const PADDING = { left: 10, right: 10, top: 50, bottom: 8 };
/** Pixels that the picture is high at least and at most, and what it is drawn out towards. */
const HEIGHT = { least: 300, usual: 400, most: 900 };

/** What the picture tells. */
export interface GraphEvents {
  /** The selection has changed; the node of the last click comes last. */
  select(ids: readonly string[]): void;
  /** An edge was clicked. */
  explain(edge: GraphEdge): void;
  /** The pointer is on a node, or on none any more. */
  point(node: GraphNode | null): void;
  /** People have moved the view; null when it fits by itself again. */
  move(view: Viewport | null): void;
}

/** Whether something is done to a node. */
export type IsAblated = (node: GraphNode) => boolean;

/** Which part of the picture is in sight. */
export interface Viewport {
  readonly zoom: number;
  readonly pan: Point;
}

/** The picture as it is, dragged nodes included, for an export. */
export interface Picture {
  readonly points: ReadonlyMap<string, Point>;
  readonly routes: Layout['routes'];
  readonly lanes: readonly Lane[];
  readonly headings: readonly Heading[];
}

export class GraphView {
  private readonly canvas = el('div', { class: 'canvas', 'aria-hidden': 'true' });
  private readonly headings = el('div', { class: 'headings', 'aria-hidden': 'true' });
  private readonly cy: Core;
  private readonly lasso: Lasso;
  private readonly bands = el('div', { class: 'bands', 'aria-hidden': 'true' });
  private shown: Shown = NOTHING;
  private isAblated: IsAblated = () => false;
  private layout: Layout | null = null;
  /** Routes of edges by their number, without those of nodes that were dragged. */
  private routes = new Map<number, readonly Point[]>();
  private size = { width: 0, height: 0 };
  private silent = false;
  /** Whether the view is moved by ourselves. */
  private fitting = false;
  private viewport: Viewport | null = null;

  constructor(
    readonly root: HTMLElement,
    private readonly events: GraphEvents,
  ) {
    root.append(this.bands, this.canvas, this.headings);
    cytoscape.warnings(false); // One for every edge between nodes that touch, which needs no drawing.
    this.cy = cytoscape({
      container: this.canvas,
      layout: { name: 'preset' },
      minZoom: 0.1,
      maxZoom: 4,
      boxSelectionEnabled: true,
      selectionType: 'single',
      hideEdgesOnViewport: false,
      style: stylesheet(readTheme()),
    });
    this.lasso = new Lasso(root, (corners, add) => {
      this.selectInside(corners, add);
    });
    this.listen();
    root.addEventListener('keydown', (event) => {
      this.key(event);
    });
    new ResizeObserver(() => {
      this.resize();
    }).observe(this.canvas);
  }

  /**
   * Draws a graph; the view moves only when the graph is another one.
   * @param viewport where people have moved it; else it fits by itself
   */
  show(
    shown: Shown,
    isAblated: IsAblated,
    selected: readonly string[],
    viewport: Viewport | null,
  ): void {
    const same = sameIds(this.shown, shown);
    this.shown = shown;
    this.isAblated = isAblated;
    this.viewport = viewport;
    if (same) {
      this.restyle();
    } else {
      this.draw();
    }
    this.select(selected);
  }

  /** Takes the colors of the theme anew. */
  restyle(): void {
    const theme = readTheme();
    this.cy.style(stylesheet(theme));
    const scales = scalesOf(this.shown.nodes);
    const shares = edgeShares(this.shown.edges);
    this.cy.batch(() => {
      for (const node of this.shown.nodes) {
        this.cy.getElementById(node.id).data({ ...this.look(theme, scales, node) });
      }
      for (const [i, edge] of this.shown.edges.entries()) {
        this.cy.getElementById(`edge ${i}`).data({ ...edgeLook(theme, shares[i], edge) });
      }
    });
  }

  /** Marks nodes as selected, without telling. */
  select(ids: readonly string[]): void {
    this.silent = true;
    this.cy.batch(() => {
      const wanted = new Set(ids);
      this.cy
        .nodes()
        .forEach((node) => void (wanted.has(node.id()) ? node.select() : node.unselect()));
    });
    this.silent = false;
  }

  set lassoOn(on: boolean) {
    this.lasso.on = on;
  }

  /** Fits the whole picture again, whatever people have moved. */
  fit(): void {
    this.viewport = null;
    this.events.move(null);
    this.settle();
  }

  zoomBy(factor: number): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.cy.zoom({
      level: this.cy.zoom() * factor,
      renderedPosition: { x: width / 2, y: height / 2 },
    });
    this.moved();
  }

  /** Where nodes are in the page, for people and tests that point at them. */
  rendered(): Map<string, Point> {
    return new Map(this.cy.nodes().map((node) => [node.id(), { ...node.renderedPosition() }]));
  }

  /** The picture for an export. */
  picture(): Picture {
    return {
      points: new Map(this.cy.nodes().map((node) => [node.id(), { ...node.position() }])),
      routes: this.shown.edges.map((_, i) => this.routes.get(i) ?? []),
      lanes: this.layout?.lanes ?? [],
      headings: columnHeadings(this.shown.nodes, this.layout?.columns ?? []),
    };
  }

  /** A picture in base64. */
  png(): string {
    return this.cy.png({ output: 'base64', full: true, scale: 2, bg: readTheme().background });
  }

  /** Another width is another picture; another height only fits anew. */
  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0) return; // It is hidden.
    const before = this.size;
    this.size = { width, height };
    this.cy.resize();
    if (this.shown.nodes.length > 0 && before.width !== width) this.draw();
    else this.settle();
  }

  /** The view that people chose, or all of the picture. */
  private settle(): void {
    if (this.canvas.clientWidth === 0) return;
    this.fitting = true;
    if (this.viewport)
      this.cy.viewport({ zoom: this.viewport.zoom, pan: { ...this.viewport.pan } });
    else this.fitAll();
    this.fitting = false;
    this.placeFrame();
  }

  private fitAll(): void {
    const box = this.cy.nodes().boundingBox({ includeLabels: true });
    const lanes = this.layout?.lanes ?? [];
    const [top, bottom] = [lanes[0]?.top ?? box.y1, lanes.at(-1)?.bottom ?? box.y2];
    const { clientWidth, clientHeight } = this.canvas;
    const room = {
      width: clientWidth - PADDING.left - PADDING.right,
      height: clientHeight - PADDING.top - PADDING.bottom,
    };
    const zoom = Math.min(
      MOST_ZOOM,
      room.width / Math.max(1, box.w),
      room.height / Math.max(1, bottom - top),
    );
    const over = { x: room.width - zoom * box.w, y: room.height - zoom * (bottom - top) };
    this.cy.viewport({
      zoom,
      pan: {
        x: PADDING.left + over.x / 2 - zoom * box.x1,
        y: PADDING.top + over.y / 2 - zoom * top,
      },
    });
  }

  private draw(): void {
    const theme = readTheme();
    const { nodes, edges } = this.shown;
    const { width } = this.canvas.getBoundingClientRect();
    const shares = edgeShares(edges);
    const placed = nodes.map((node) => ({ ...node, lane: node.token, width: nodeWidth(node) }));
    const weighted = edges.map(({ from, to }, i) => ({ from, to, weight: shares[i] }));
    const room = {
      width: width - PADDING.left - PADDING.right,
      // Not the height there is: the same graph is the same picture after a reload.
      height: HEIGHT.usual,
    };
    this.layout = layeredLayout(placed, weighted, room);
    const { points, routes } = this.layout;
    this.routes = new Map(routes.entries());
    const scales = scalesOf(nodes);
    const straight = edges.length > ROUTED_EDGES;
    const elements: ElementDefinition[] = nodes.map((node) => ({
      group: 'nodes',
      classes: this.shown.joining.has(node.id) ? 'joining' : '',
      data: { id: node.id, role: node.role, ...this.look(theme, scales, node) },
      position: { ...points.get(node.id)! },
    }));
    const widths = new Map(placed.map(({ id, width: own }) => [id, own]));
    const end = (id: string): End => ({ ...points.get(id)!, half: widths.get(id)! / 2 });
    edges.forEach((edge, i) => {
      const curve = curveOf(end(edge.from), end(edge.to), routes[i]);
      elements.push({
        group: 'edges',
        classes: straight ? 'straight' : '',
        data: {
          id: `edge ${i}`,
          source: edge.from,
          target: edge.to,
          curveWeights: curve.weights,
          curveDistances: curve.distances,
          ...edgeLook(theme, shares[i], edge),
        },
      });
    });
    this.silent = true;
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add(elements);
    });
    this.silent = false;
    this.grow();
    this.settle();
  }

  /** As high as the picture needs at its width, within limits. */
  private grow(): void {
    const { points, lanes } = this.layout!;
    const xs = [...points.values()].map(({ x }) => x);
    const width = Math.max(1, ...xs) + 60;
    const zoom = Math.min(MOST_ZOOM, this.canvas.clientWidth / width);
    const wanted = zoom * (lanes.at(-1)?.bottom ?? 0) + PADDING.top + PADDING.bottom;
    const height = Math.min(HEIGHT.most, Math.max(HEIGHT.least, wanted));
    this.root.style.minHeight = `${Math.ceil(height)}px`;
    this.cy.resize();
  }

  private look(theme: Theme, scales: Scales, node: GraphNode) {
    return nodeLook(theme, scales, node, node.role === 'channel' && this.isAblated(node));
  }

  private listen(): void {
    const { cy } = this;
    cy.on('select unselect', 'node', () => {
      if (!this.silent) this.tell();
    });
    cy.on('mouseover', 'node', (event) => {
      const node = event.target as NodeSingular;
      this.light(node);
      this.events.point(this.shown.nodes.find(({ id }) => id === node.id()) ?? null);
    });
    cy.on('mouseout', 'node', () => {
      cy.elements().removeClass('dim lit');
      this.events.point(null);
    });
    cy.on('tap', 'edge', (event) => {
      const index = Number((event.target as { id(): string }).id().slice('edge '.length));
      const edge = this.shown.edges[index];
      if (edge) this.events.explain(edge);
    });
    cy.on('drag', 'node', (event) => {
      this.bend(event.target as NodeSingular);
    });
    cy.on('viewport', () => {
      this.placeFrame();
    });
    cy.on('dragpan pinchzoom scrollzoom', () => {
      this.moved();
    });
  }

  /** Dims everything but the paths through a node. */
  private light(node: NodeSingular): void {
    const path = node.union(node.predecessors()).union(node.successors());
    this.cy.batch(() => {
      this.cy.elements().not(path).addClass('dim');
      path.addClass('lit');
    });
  }

  private bend(node: NodeSingular): void {
    node.connectedEdges().forEach((edge) => {
      this.routes.delete(Number(edge.id().slice('edge '.length)));
      const curve = curveOf(endAt(edge.source()), endAt(edge.target()), []);
      edge.data({ curveWeights: curve.weights, curveDistances: curve.distances });
    });
  }

  private moved(): void {
    if (this.fitting) return;
    this.viewport = { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
    this.events.move(this.viewport);
  }

  private tell(): void {
    // One click selects one node and unselects others: told once.
    this.silent = true;
    queueMicrotask(() => {
      this.silent = false;
      this.events.select(this.cy.$('node:selected').map((node) => node.id()));
    });
  }

  private selectInside(corners: readonly Point[], add: boolean): void {
    const channels = this.cy.nodes('[role = "channel"]');
    const found = channels.filter((node) => inside(node.renderedPosition(), corners));
    const before = add ? this.cy.$('node:selected').map((node) => node.id()) : [];
    const ids = [...new Set([...before, ...found.map((node) => node.id())])];
    this.select(ids);
    this.events.select(ids);
  }

  /** Arrows walk from node to node, + and − zoom, 0 fits. */
  private key(event: KeyboardEvent): void {
    const steps: Record<string, Point> = {
      ArrowLeft: { x: -1, y: 0 },
      ArrowRight: { x: 1, y: 0 },
      ArrowUp: { x: 0, y: -1 },
      ArrowDown: { x: 0, y: 1 },
    };
    const step = steps[event.key];
    if (step) this.walk(step);
    else if (event.key === '+' || event.key === '=') this.zoomBy(1.25);
    else if (event.key === '-') this.zoomBy(0.8);
    else if (event.key === '0') this.fit();
    else return;
    event.preventDefault();
  }

  private walk(step: Point): void {
    const nodes = this.cy.nodes();
    if (nodes.length === 0) return;
    const here = this.cy.nodes(':selected').last();
    const next = here.nonempty() ? nearest(here, nodes.toArray(), step) : nodes[0];
    if (!next) return;
    this.select([next.id()]);
    this.events.select([next.id()]);
  }

  /** The headings above the columns, and the bands behind the lanes. */
  private placeFrame(): void {
    const zoom = this.cy.zoom();
    const pan = this.cy.pan();
    const headings = columnHeadings(this.shown.nodes, this.layout?.columns ?? []);
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
      ...(this.layout?.lanes ?? []).map(({ top, bottom }) => {
        const band = el('div', { class: 'band' });
        band.style.top = `${top * zoom + pan.y}px`;
        band.style.height = `${(bottom - top) * zoom}px`;
        return band;
      }),
    );
  }
}

function endAt(node: NodeSingular): End {
  return { ...node.position(), half: node.width() / 2 };
}

/** The node that lies nearest in a direction. */
function nearest(
  here: NodeSingular,
  nodes: readonly NodeSingular[],
  step: Point,
): NodeSingular | undefined {
  const from = here.position();
  const cost = (node: NodeSingular) => {
    const [dx, dy] = [node.position().x - from.x, node.position().y - from.y];
    const along = dx * step.x + dy * step.y;
    const aside = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    return along <= 1 ? Infinity : along + 2 * aside;
  };
  const [best] = [...nodes].sort((a, b) => cost(a) - cost(b));
  return best && cost(best) < Infinity ? best : undefined;
}

function sameIds(a: Shown, b: Shown): boolean {
  const keys = ({ nodes, edges }: Shown) =>
    [
      ...nodes.map(({ id }) => id),
      ...edges.map(({ from, to, kind }) => `${from}>${to}>${kind}`),
    ].join('|');
  return keys(a) === keys(b);
}
