/** The circuit as a picture, drawn by cytoscape at places of our own. */
import { t } from '../../shared/l10n';
import cytoscape, { type Core, type EdgeSingular, type NodeSingular } from 'cytoscape';
import { NOTHING, type Shown } from '../filter';
import type { Lane, Layout, Point } from '../layout/types';
import { isGroup } from '../grouping';
import type { GraphEdge, GraphNode } from '../protocol';
import { readTheme } from '../theme';
import { curveOf, type End } from './curve';
import {
  edgeId,
  edgeIndex,
  laneOf,
  elementsOf,
  layoutOf,
  looksOf,
  sameIds,
  type IsAblated,
} from './elements';
import type { Framing } from './frame';
import { columnHeadings, type Heading } from './headings';
import { inside } from './inside';
import { restWhenIdle } from './restingLoop';
import { Sight, type Viewport } from './sight';
import { stylesheet, type EdgeLook, type NodeLook } from './style';
import { nearest, STEPS } from './walk';

/** What the lanes of a task's circuit are called. */
const PARTS = { core: t('core'), backup: t('backups'), none: '' };

/** Pixels of a line, for wheels that count in lines. */
const LINE = 16;

/** What the picture tells. */
export interface GraphEvents {
  /** The selection has changed; the node of the last click comes last. */
  select(ids: readonly string[]): void;
  /** An edge was clicked. */
  selectEdge(edge: GraphEdge): void;
  /** The pointer, or who walks by the arrow keys, is on a node or an edge, or on none any more. */
  point(what: GraphNode | GraphEdge | null): void;
  /** The picture is elsewhere in its room. */
  frame(framing: Framing): void;
  /** People have moved the view; null when it fits by itself again. */
  move(view: Viewport | null): void;
}

/** The picture as it is, dragged nodes included, for an export. */
export interface Picture {
  readonly points: ReadonlyMap<string, Point>;
  readonly routes: Layout['routes'];
  readonly lanes: readonly Lane[];
  readonly headings: readonly Heading[];
}

export class GraphView {
  private readonly cy: Core;
  private readonly sight: Sight;
  private shown: Shown = NOTHING;
  private isAblated: IsAblated = () => false;
  private layout: Layout | null = null;
  private headings: readonly Heading[] = [];
  /** Routes of edges by their number, without those of nodes that were dragged. */
  private routes = new Map<number, readonly Point[]>();
  private width = 0;
  private readonly observer = new ResizeObserver(() => {
    this.resize();
  });
  private silent = false;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly events: GraphEvents,
  ) {
    cytoscape.warnings(false); // One for every edge between nodes that touch, which needs no drawing.
    this.cy = cytoscape({
      container: this.canvas,
      layout: { name: 'preset' },
      minZoom: 0.1,
      maxZoom: 4,
      // The wheel scrolls; it zooms with Ctrl only.
      userZoomingEnabled: false,
      boxSelectionEnabled: true,
      selectionType: 'single',
      hideEdgesOnViewport: false,
      style: stylesheet(readTheme()),
    });
    restWhenIdle(this.cy);
    this.sight = new Sight(this.cy, this.canvas, (view) => {
      events.move(view);
    });
    this.listen();
    this.observer.observe(canvas);
  }

  /** Ends the picture. */
  destroy(): void {
    this.observer.disconnect();
    this.cy.destroy();
  }

  /**
   * Draws a graph; the view moves only when the graph is another one.
   * @param viewport where people have moved it; else it fits by itself
   * @param edge the one that is chosen; null for none
   */
  show(
    shown: Shown,
    isAblated: IsAblated,
    selected: readonly string[],
    viewport: Viewport | null,
    edge: GraphEdge | null,
  ): void {
    const same = sameIds(this.shown, shown);
    this.shown = shown;
    this.isAblated = isAblated;
    this.sight.keep(viewport);
    if (same) this.recolor();
    else this.draw();
    this.select(selected);
    this.chooseEdge(edge);
  }

  /** Takes the colors of the theme anew. */
  restyle(): void {
    this.cy.style(stylesheet(readTheme()));
    this.recolor();
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

  /** Marks the edge that is chosen, wherever that was. */
  private chooseEdge(edge: GraphEdge | null): void {
    const at = this.shown.edges.findIndex(
      ({ from, to, kind }) => from === edge?.from && to === edge.to && kind === edge.kind,
    );
    this.cy.batch(() => {
      this.cy.edges('.chosen').removeClass('chosen');
      if (at >= 0) this.cy.getElementById(edgeId(at)).addClass('chosen');
    });
  }

  /** Brings a node into sight. */
  reveal(id: string): void {
    const node = this.cy.getElementById(id);
    if (node.nonempty()) this.sight.reveal(node as NodeSingular);
  }

  /** Fits the whole picture again, whatever people have moved. */
  fit(): void {
    this.sight.fit();
  }

  zoomBy(factor: number): void {
    this.sight.zoomBy(factor);
  }

  /** The wheel scrolls a picture that is larger than its room, and with Ctrl it zooms. */
  wheel(event: WheelEvent): void {
    const { ctrlKey, metaKey, shiftKey, deltaX, deltaY, offsetX, offsetY } = event;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    if (ctrlKey || metaKey) {
      const factor = Math.exp(-Math.max(-1, Math.min(1, (lines * deltaY) / 400)));
      this.sight.zoomBy(factor, { x: offsetX, y: offsetY });
    } else {
      const [x, y] = shiftKey ? [deltaX + deltaY, 0] : [deltaX, deltaY];
      // At its end the page scrolls on.
      if (!this.sight.scrollBy(lines * x, lines * y)) return;
    }
    event.preventDefault();
  }

  /** The picture for an export. */
  picture(): Picture {
    return {
      points: new Map(this.cy.nodes().map((node) => [node.id(), { ...node.position() }])),
      routes: this.shown.edges.map((_, i) => this.routes.get(i) ?? []),
      lanes: this.layout?.lanes ?? [],
      headings: this.headings,
    };
  }

  /** Another width is another picture; another height only fits anew. */
  private resize(): void {
    const { clientWidth: width } = this.canvas;
    if (width === 0) return; // It is hidden.
    const before = this.width;
    this.width = width;
    this.cy.resize();
    if (this.shown.nodes.length > 0 && before !== width) this.draw();
    else this.settle();
  }

  private draw(): void {
    const { width } = this.canvas.getBoundingClientRect();
    this.layout = layoutOf(this.shown, width);
    this.headings = columnHeadings(this.shown.nodes, this.layout.columns);
    this.routes = new Map(this.layout.routes.entries());
    const looks = looksOf(this.shown, readTheme(), this.isAblated);
    const elements = elementsOf(this.shown, this.layout, looks);
    // What was pointed at is gone.
    this.events.point(null);
    const selected = this.selected();
    this.silent = true;
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add(elements);
    });
    this.select(selected);
    this.silent = false;
    this.cy.resize();
    this.sight.of(this.layout.lanes);
    this.settle();
  }

  /** What has another look than before. */
  private recolor(): void {
    const looks = looksOf(this.shown, readTheme(), this.isAblated);
    const take = (id: string, look: NodeLook | EdgeLook) => {
      const element = this.cy.getElementById(id);
      const before = element.data() as Record<string, unknown>;
      const changed = Object.entries(look).some(([key, value]) => before[key] !== value);
      if (changed) element.data({ ...look });
    };
    this.cy.batch(() => {
      for (const [id, look] of looks.nodes) take(id, look);
      looks.edges.forEach((look, i) => {
        take(edgeId(i), look);
      });
    });
  }

  private settle(): void {
    this.sight.settle();
    this.placeFrame();
  }

  private placeFrame(): void {
    const viewport = { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
    const parts = new Map(this.shown.nodes.map((node) => [laneOf(node), node.part]));
    const name = (lane: number) => PARTS[parts.get(lane) ?? 'none'];
    const lanes = (this.layout?.lanes ?? []).map((lane) => ({ ...lane, name: name(lane.lane) }));
    this.events.frame({ headings: this.headings, lanes, ...viewport });
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
    const edgeOf = ({ target }: { target: unknown }) =>
      this.shown.edges[edgeIndex((target as { id(): string }).id())] ?? null;
    cy.on('tap', 'edge', (event) => {
      const edge = edgeOf(event);
      if (edge) this.events.selectEdge(edge);
    });
    cy.on('mouseover', 'edge', (event) => {
      (event.target as EdgeSingular).addClass('pointed');
      this.events.point(edgeOf(event));
    });
    cy.on('mouseout', 'edge', (event) => {
      (event.target as EdgeSingular).removeClass('pointed');
      this.events.point(null);
    });
    cy.on('drag', 'node', (event) => {
      this.bend(event.target as NodeSingular);
    });
    cy.on('viewport', () => {
      this.placeFrame();
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
      this.routes.delete(edgeIndex(edge.id()));
      const curve = curveOf(endAt(edge.source()), endAt(edge.target()), []);
      edge.data({ curveWeights: curve.weights, curveDistances: curve.distances });
    });
  }

  private selected(): string[] {
    return this.cy.$('node:selected').map((node) => node.id());
  }

  private tell(): void {
    // One click selects one node and unselects others: told once.
    this.silent = true;
    queueMicrotask(() => {
      this.silent = false;
      this.events.select(this.selected());
    });
  }

  /** Selects the channels within some corners (pixels of the canvas). */
  selectInside(corners: readonly Point[], add: boolean): void {
    const channels = this.cy.nodes('[role = "channel"]');
    const found = channels.filter((node) => inside(node.renderedPosition(), corners));
    const before = add ? this.selected() : [];
    const ids = [...new Set([...before, ...found.map((node) => node.id())])];
    this.select(ids);
    this.events.select(ids);
  }

  /** Arrows walk from node to node, Enter opens a group, + and − zoom, 0 fits. */
  key(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step) this.walk(step);
    else if (event.key === '+' || event.key === '=') this.zoomBy(1.25);
    else if (event.key === '-') this.zoomBy(0.8);
    else if (event.key === '0') this.fit();
    else if (event.key === 'Enter') this.events.select(this.selected());
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
    // A group is opened by Enter: who walks may want to pass it.
    if (!isGroup(next.id())) this.events.select([next.id()]);
    // Said aloud, and seen where the pointer's own hint stands.
    this.events.point(this.shown.nodes.find(({ id }) => id === next.id()) ?? null);
  }
}

function endAt(node: NodeSingular): End {
  return { ...node.position(), half: node.width() / 2 };
}
