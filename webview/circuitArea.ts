/** The circuit as picture and as table, and the controls that choose how much of it is shown. */
import { Drawn } from './dom';
import { largestEffect, NOTHING, shownPart, type Shown } from './filter';
import { GraphView } from './graph/graphView';
import type { Host } from './host';
import type { Model } from './model';
import { namedCircuit } from './naming';
import type { Page } from './page';
import type { GraphEdge, GraphNode, ViewState } from './protocol';
import { showControls } from './views/controls';
import { hintOf } from './views/hint';
import { TableView } from './views/table';

const NOTHING_SHOWN =
  'No node has so large an effect here. Lower the threshold, or show more nodes.';

/** What people do here that others must hear of. */
export interface CircuitEvents {
  /** Ids of what is selected now, the one of the last click at the end. */
  select(ids: readonly string[]): void;
  /** An edge was clicked. */
  explain(edge: GraphEdge): void;
  /** Another view was chosen. */
  view(): void;
}

export class CircuitArea {
  readonly graph: GraphView;
  private readonly table: TableView;
  private lasso = false;
  private readonly controls = new Drawn();

  constructor(
    private readonly page: Page,
    private readonly host: Host,
    private readonly model: Model,
    private readonly events: CircuitEvents,
  ) {
    const select = (ids: readonly string[]) => {
      events.select(ids);
    };
    this.graph = new GraphView(page.graph, {
      select,
      explain: (edge) => {
        events.explain(edge);
      },
      point: (node) => {
        page.showHint(node ? hintOf(node, this.isAblated(node)) : '');
      },
      move: (viewport) => {
        const subject = subjectOf(this.model);
        host.remember({ viewport: viewport && { ...viewport, subject } });
      },
    });
    this.table = new TableView(page.table, select);
  }

  /** The part of the circuit that is shown. */
  shown(): Shown {
    const circuit = namedCircuit(this.model);
    if (!circuit) return NOTHING;
    const { threshold, top } = this.host.state;
    return shownPart(circuit, threshold, top, this.isAblated);
  }

  /** Shows the circuit with everything that chooses its part. */
  show(): void {
    const { circuit } = this.model;
    const { state } = this.host;
    const shown = this.shown();
    const nothing = circuit === null || shown.nodes.length > 0 ? null : NOTHING_SHOWN;
    this.page.showView(state.view, nothing);
    this.page.showWaiting(circuit === null);
    if (circuit !== null || state.view === 'table') this.draw(shown);
    this.showControls(shown);
  }

  /** Takes up another selection. */
  select(ids: readonly string[]): void {
    this.graph.select(ids);
    if (this.host.state.view === 'table') this.table.show(this.shown(), ids);
  }

  /** Takes the colors of the theme anew. */
  restyle(): void {
    this.graph.restyle();
  }

  /** The part anew, while the controls that choose it stay as they are under the pointer. */
  private showPart(): void {
    const shown = this.shown();
    this.page.showView(this.host.state.view, shown.nodes.length > 0 ? null : NOTHING_SHOWN);
    this.draw(shown);
    this.page.showCounts(this.model.circuit, shown);
  }

  private draw(shown: Shown): void {
    const { view, selected, viewport } = this.host.state;
    if (view === 'table') this.table.show(shown, selected);
    if (view !== 'graph') return;
    const kept = viewport?.subject === subjectOf(this.model) ? viewport : null;
    this.graph.show(shown, this.isAblated, selected, kept);
  }

  private showControls(shown: Shown): void {
    const { host, graph, lasso } = this;
    const { circuit } = this.model;
    const largest = circuit ? largestEffect(circuit) : 0;
    const { view, threshold, top } = host.state;
    if (!this.controls.differs(circuit?.measured, view, threshold, top, lasso, largest)) {
      this.page.showCounts(circuit, shown);
      return;
    }
    const now = { circuit, shown, state: host.state, lasso, largest };
    const part = (change: Partial<ViewState>) => {
      host.remember(change);
      this.showPart();
    };
    showControls(this.page.controls, now, {
      view: (view) => {
        host.remember({ view });
        this.show();
        this.events.view();
      },
      threshold: (threshold) => {
        part({ threshold });
      },
      top: (top) => {
        part({ top });
      },
      lasso: (on) => {
        this.lasso = on;
        graph.lassoOn = on;
        this.showControls(this.shown());
      },
      fit: () => {
        graph.fit();
      },
      zoom: (factor) => {
        graph.zoomBy(factor);
      },
      measure: (kind, place) => {
        host.send({ type: 'measure', kind, place });
      },
    });
  }

  private readonly isAblated = (node: GraphNode) => this.model.changes(node) !== null;
}

/** What the picture is of, for what is remembered of its view. */
function subjectOf({ subject }: Model): string {
  if (!subject) return '';
  const { mode, file, model, cursor, target } = subject;
  return [mode, file, model, cursor.token, target.text].join(' ');
}
