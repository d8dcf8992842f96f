/** The circuit as a picture, drawn by cytoscape at places of our own. */
import cytoscape, { type Core, type ElementDefinition, type NodeSingular } from 'cytoscape';
import { el, fill } from '../dom';
import type { Shown } from '../filter';
import { layeredLayout, type Layout, type Point } from '../layout';
import type { GraphEdge, GraphNode, Kind } from '../protocol';
import { readTheme, type Theme } from '../theme';
import { levelCurve } from './curve';
import { inside } from './inside';
import { Lasso } from './lasso';
import { edgeLook, nodeLook, nodeWidth, scalesOf, stylesheet, type Scales } from './style';

/** Above this many edges they are straight while there is so much to see. */
const CURVED_EDGES = 600;
/** Gap of columns (pixels) from which whole labels fit. */
const WIDE_GAP = 130;
const PADDING = 34;

/** What the picture tells. */
export interface GraphEvents {
  /** The selection has changed; the node of the last click comes last. */
  select(ids: readonly string[]): void;
  /** An edge was clicked. */
  explain(edge: GraphEdge): void;
}

/** Ablations by node name. */
export type Ablated = ReadonlyMap<string, Kind>;

export class GraphView {
  private readonly canvas = el('div', { class: 'canvas', 'aria-hidden': 'true' });
  private readonly headings = el('div', { class: 'headings', 'aria-hidden': 'true' });
  private readonly cy: Core;
  private readonly lasso: Lasso;
  private shown: Shown = { nodes: [], edges: [] };
  private ablated: Ablated = new Map();
  private layout: Layout | null = null;
  private silent = false;

  constructor(
    readonly root: HTMLElement,
    private readonly events: GraphEvents,
  ) {
    root.append(this.headings, this.canvas);
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
      this.fit();
    }).observe(this.canvas);
  }

  /** Draws a graph; the view moves only when the graph is another one. */
  show(shown: Shown, ablated: Ablated, selected: readonly string[]): void {
    const same = sameIds(this.shown, shown);
    this.shown = shown;
    this.ablated = ablated;
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
    const scales = scalesOf(this.shown.nodes, this.shown.edges);
    this.cy.batch(() => {
      for (const node of this.shown.nodes) {
        this.cy.getElementById(node.id).data({ ...this.look(theme, scales, node) });
      }
      for (const [i, edge] of this.shown.edges.entries()) {
        this.cy.getElementById(`edge ${i}`).data({ ...edgeLook(theme, scales, edge) });
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

  fit(): void {
    if (this.canvas.clientWidth === 0) return; // It is hidden.
    this.cy.resize();
    this.cy.fit(undefined, PADDING);
    if (this.cy.zoom() > 1.4) {
      this.cy.zoom(1.4);
      this.cy.center();
    }
  }

  zoomBy(factor: number): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.cy.zoom({
      level: this.cy.zoom() * factor,
      renderedPosition: { x: width / 2, y: height / 2 },
    });
  }

  /** Where nodes are now, dragged ones included. */
  points(): Map<string, Point> {
    return new Map(this.cy.nodes().map((node) => [node.id(), { ...node.position() }]));
  }

  /** Where nodes are in the page, for people and tests that point at them. */
  rendered(): Map<string, Point> {
    return new Map(this.cy.nodes().map((node) => [node.id(), { ...node.renderedPosition() }]));
  }

  get headingColumns(): { label: string; x: number }[] {
    const labels = new Map(
      this.shown.nodes.map(({ column, columnLabel }) => [column, columnLabel]),
    );
    const columns = this.layout?.columns ?? [];
    return columns.map(({ column, x }) => ({ label: labels.get(column) ?? '', x }));
  }

  /** A picture in base64. */
  png(): string {
    return this.cy.png({ output: 'base64', full: true, scale: 2, bg: readTheme().background });
  }

  private draw(): void {
    const theme = readTheme();
    const { nodes, edges } = this.shown;
    const { width, height } = this.canvas.getBoundingClientRect();
    const placed = nodes.map((node) => ({ ...node, width: nodeWidth(node) }));
    const weighted = edges.map(({ from, to, contribution }) => ({
      from,
      to,
      weight: contribution,
    }));
    const room = { width: width - 2 * PADDING, height: height - 3 * PADDING };
    this.layout = layeredLayout(placed, weighted, room);
    const { points } = this.layout;
    const scales = scalesOf(nodes, edges);
    const straight = edges.length > CURVED_EDGES;
    const elements: ElementDefinition[] = nodes.map((node) => ({
      group: 'nodes',
      data: { id: node.id, role: node.role, ...this.look(theme, scales, node) },
      position: { ...points.get(node.id)! },
    }));
    edges.forEach((edge, i) => {
      const curve = levelCurve(points.get(edge.from)!, points.get(edge.to)!);
      elements.push({
        group: 'edges',
        classes: straight ? 'straight' : '',
        data: {
          id: `edge ${i}`,
          source: edge.from,
          target: edge.to,
          curveWeights: curve.weights,
          curveDistances: curve.distances,
          ...edgeLook(theme, scales, edge),
        },
      });
    });
    this.silent = true;
    this.cy.style(stylesheet(theme));
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add(elements);
    });
    this.silent = false;
    this.fit();
    this.placeHeadings();
  }

  private look(theme: Theme, scales: Scales, node: GraphNode) {
    const wide = (this.layout?.columnGap ?? 0) >= WIDE_GAP;
    const kind = node.node === null ? undefined : this.ablated.get(node.node);
    return nodeLook(theme, scales, node, kind ?? null, wide);
  }

  private listen(): void {
    const { cy } = this;
    cy.on('select unselect', 'node', () => {
      if (!this.silent) this.tell();
    });
    cy.on('mouseover', 'node', (event) => {
      this.light(event.target as NodeSingular);
    });
    cy.on('mouseout', 'node', () => {
      cy.elements().removeClass('dim lit');
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
      this.placeHeadings();
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
      const curve = levelCurve(edge.source().position(), edge.target().position());
      edge.data({ curveWeights: curve.weights, curveDistances: curve.distances });
    });
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
    const found = this.cy.nodes().filter((node) => inside(node.renderedPosition(), corners));
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

  /** Two lines above the columns: a part of the model over all of its columns, and what of it. */
  private placeHeadings(): void {
    const zoom = this.cy.zoom();
    const pan = this.cy.pan();
    const parts = new Map<string, number[]>();
    const headings = this.headingColumns.map(({ label, x }) => {
      const [part, what] = label.split('\n');
      parts.set(part, [...(parts.get(part) ?? []), x]);
      return heading(what ?? '', x * zoom + pan.x, 'what');
    });
    for (const [part, xs] of parts) {
      const middle = (xs[0] + xs[xs.length - 1]) / 2;
      headings.push(heading(part, middle * zoom + pan.x, 'part'));
    }
    fill(this.headings, ...headings);
  }
}

function heading(text: string, x: number, line: 'part' | 'what'): HTMLElement {
  const element = el('span', { class: `heading ${line}` }, text);
  element.style.left = `${x}px`;
  return element;
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
