/** The panel: keeps what it was told, shows it, and says what people ask for. */
import { contentOf } from './export/content';
import { largestEffect, NOTHING, shownPart, type Shown } from './filter';
import { GraphView } from './graph/graphView';
import type { Host } from './host';
import { changesOf, emptyModel, nodeOf, repeats, take, type Changes, type Model } from './model';
import { Newest } from './newest';
import type { Page } from './page';
import { named } from './naming';
import {
  readToPanel,
  type Circuit,
  type Format,
  type GraphEdge,
  type GraphNode,
  type Kind,
  type ToPanel,
  type Vertex,
} from './protocol';
import { hintOf } from './views/hint';
import { showAblations } from './views/ablationList';
import { showAttention } from './views/attention';
import { showCard } from './views/card';
import { showControls } from './views/controls';
import { showHeader } from './views/header';
import { showPrediction } from './views/prediction';
import { showSelection } from './views/selection';
import { TableView } from './views/table';

export class App {
  private readonly model: Model = emptyModel();
  private readonly newest = new Newest();
  private readonly graph: GraphView;
  private readonly table: TableView;
  private lasso = false;
  /** What the ablations do. */
  private changes: Changes = () => null;
  /** Node whose card was asked for. */
  private asked: string | null = null;
  /** Names of the nodes that people selected, which outlive a circuit. */
  private chosen: readonly string[] = [];

  constructor(
    private readonly page: Page,
    private readonly host: Host,
  ) {
    const select = (ids: readonly string[]) => {
      this.select(ids);
    };
    const explain = (edge: GraphEdge) => {
      this.explain(edge);
    };
    this.graph = new GraphView(page.graph, {
      select,
      explain,
      point: (node) => {
        page.showHint(node ? hintOf(node, this.changes(node) !== null) : '');
      },
      move: (viewport) => {
        const { subject } = this;
        this.host.remember({ viewport: viewport && { ...viewport, subject } });
      },
    });
    this.table = new TableView(page.table, select);
    this.showAll();
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.receive(data);
    });
    // The editor names its theme in the body's classes.
    new MutationObserver(() => {
      this.graph.restyle();
      this.showAll();
    }).observe(document.body, {
      attributes: true,
      attributeFilter: ['class', 'data-vscode-theme-id'],
    });
    host.send({ type: 'ready' });
  }

  /** Takes one message; what is malformed or stale changes nothing. */
  private receive(data: unknown): void {
    const message = readToPanel(data);
    if (typeof message === 'string') {
      console.warn(`circuit panel: a message was ignored: ${message}`);
      return;
    }
    if (!this.newest.takes(message) || repeats(this.model, message)) return;
    take(this.model, message);
    this.show(message);
  }

  private show(message: ToPanel): void {
    switch (message.type) {
      case 'empty':
        this.asked = null;
        this.showAll();
        return;
      case 'subject':
        this.host.remember({ mode: message.subject.mode });
        this.askAgain();
        this.showAll();
        return;
      case 'pinned':
        this.host.remember({ pinned: message.place });
        this.showHeader();
        return;
      case 'prediction':
        this.showPrediction();
        this.showAblations();
        return;
      case 'circuit':
        this.selectAgain();
        this.showHeader();
        this.showCircuit();
        return;
      case 'now':
        this.showCircuit();
        return;
      case 'card':
        this.showCard();
        this.showSelection();
        return;
      case 'attention':
        this.host.remember({
          head: { layer: message.attention.layer, head: message.attention.head },
        });
        this.showAttention();
        return;
      case 'match':
        this.showAttention();
        return;
      case 'isolation':
        this.showAblations();
        return;
      case 'ablations':
        this.changes = changesOf(message.ablations);
        if (this.asked !== null) this.ask(this.asked);
        this.askAttention();
        this.showAblations();
        this.showCircuit();
        return;
      case 'labels':
        this.showCircuit();
        this.showCard();
        return;
      case 'colored':
        this.showSelection();
        return;
      case 'progress':
      case 'problem':
        this.showProgress();
    }
  }

  private showAll(): void {
    const { empty } = this.model;
    this.page.showEmpty(empty);
    if (empty) return;
    this.showHeader();
    this.showPrediction();
    this.showCircuit();
    this.showCard();
    this.showAblations();
    this.showAttention();
    this.showProgress();
  }

  private showHeader(): void {
    showHeader(this.page.header, this.model, {
      mode: (mode) => {
        this.host.send({ type: 'mode', mode });
      },
      pin: (on) => {
        this.host.send({ type: 'pin', on });
      },
      export: (format) => {
        this.export(format);
      },
    });
  }

  private showPrediction(): void {
    showPrediction(this.page.prediction, this.model);
  }

  /** The circuit, with the labels of its nodes. */
  private get circuit(): Circuit | null {
    const { circuit, labels } = this.model;
    return circuit && named(circuit, labels);
  }

  private shown(): Shown {
    const { circuit } = this;
    if (!circuit) return NOTHING;
    const { threshold, top } = this.host.state;
    return shownPart(circuit, threshold, top, this.isAblated);
  }

  /** What the picture is of, for what is remembered of its view. */
  private get subject(): string {
    const { subject } = this.model;
    if (!subject) return '';
    const { mode, file, model, cursor, target } = subject;
    return [mode, file, model, cursor.token, target.text].join(' ');
  }

  private readonly isAblated = (node: GraphNode) => this.changes(node) !== null;

  private drawGraph(shown: Shown): void {
    const { selected, viewport } = this.host.state;
    const kept = viewport?.subject === this.subject ? viewport : null;
    this.graph.show(shown, this.isAblated, selected, kept);
  }

  /** The part of the circuit, as picture and as table, and what it is chosen by. */
  private showCircuit(): void {
    const shown = this.shown();
    const { state } = this.host;
    const { circuit, progress } = this.model;
    const graph = circuit !== null && state.view === 'graph';
    this.page.showView(
      state.view,
      circuit === null || shown.nodes.length > 0 ? null : NOTHING_SHOWN,
    );
    this.page.showWaiting(circuit === null);
    if (graph) this.drawGraph(shown);
    if (state.view === 'table') this.table.show(shown, state.selected);
    this.showSelection();
    showControls(
      this.page.controls,
      { circuit, shown, state, lasso: this.lasso, largest: circuit ? largestEffect(circuit) : 0 },
      {
        view: (view) => {
          this.host.remember({ view });
          this.showCircuit();
          this.askAttention();
          this.showAttention();
        },
        threshold: (threshold) => {
          this.host.remember({ threshold });
          this.showPart();
        },
        top: (top) => {
          this.host.remember({ top });
          this.showPart();
        },
        lasso: (on) => {
          this.lasso = on;
          this.graph.lassoOn = on;
          this.showCircuit();
        },
        fit: () => {
          this.graph.fit();
        },
        zoom: (factor) => {
          this.graph.zoomBy(factor);
        },
        measure: (kind, place) => {
          this.host.send({ type: 'measure', kind, place });
        },
      },
    );
    if (progress) this.showProgress();
  }

  /** The part anew, while the controls that choose it stay as they are under the pointer. */
  private showPart(): void {
    const shown = this.shown();
    const { selected, view } = this.host.state;
    this.page.showView(view, shown.nodes.length > 0 ? null : NOTHING_SHOWN);
    if (view === 'graph') this.drawGraph(shown);
    if (view === 'table') this.table.show(shown, selected);
    this.page.showCounts(this.model.circuit, shown);
  }

  private showCard(): void {
    showCard(this.page.card, this.model, this.asked, {
      reveal: (token) => {
        this.host.send({ type: 'reveal', seq: this.newest.current, token });
      },
      open: (node) => {
        this.ask(node);
      },
      label: (node, text) => {
        this.host.send({ type: 'label', seq: this.newest.current, node, text });
      },
      attention: (layer, head) => {
        this.host.remember({ view: 'attention', head: { layer, head } });
        this.showCircuit();
        this.askAttention();
      },
    });
  }

  private showSelection(): void {
    const { model } = this;
    const nodes = this.selectedNodes();
    const { place } = this.host.state;
    const states = nodes.map((node) => this.changes(node));
    const kind = states.length === 1 ? states[0]?.kind : null;
    const [first] = nodes;
    const value = kind?.kind === 'value' ? kind.value : (first?.activation ?? 0);
    const scale = kind?.kind === 'scale' ? kind.scale : 1;
    const reach = Math.max(1, 2 * Math.abs(first?.activation ?? 0), Math.abs(value));
    const places = new Set(states.map((state) => state?.place));
    const own = places.size === 1 ? [...places][0] : undefined;
    const selection = { nodes, states, place: own ?? place, value, scale, reach };
    showSelection(this.page.selection, model, selection, {
      ablate: (wanted) => {
        this.ablate(nodes, wanted);
      },
      place: (wanted) => {
        this.host.remember({ place: wanted });
        // An ablation that is on moves to the place that was chosen.
        const [on] = states;
        if (on?.kind) this.ablate(nodes, on.kind);
        else this.showSelection();
      },
      isolate: () => {
        const { kind: wanted } = this.host.state;
        const vertices = verticesOf(nodes);
        const seq = this.newest.current;
        this.host.send({
          type: 'isolate',
          seq,
          vertices,
          kind: wanted,
          place: this.host.state.place,
        });
      },
      color: (node) => {
        this.host.send({ type: 'color', node });
      },
      clear: () => {
        this.select([]);
      },
    });
  }

  private showAblations(): void {
    showAblations(this.page.ablations, this.model, {
      switch: (index, on) => {
        this.host.send({ type: 'switch', index, on });
      },
      remove: (index) => {
        this.host.send({ type: 'remove', index });
      },
      clear: () => {
        this.host.send({ type: 'clear' });
      },
      undo: () => {
        this.host.send({ type: 'undo' });
      },
      redo: () => {
        this.host.send({ type: 'redo' });
      },
    });
  }

  private showAttention(): void {
    if (this.host.state.view !== 'attention') return;
    const seq = this.newest.current;
    showAttention(this.page.attention, this.model, {
      head: (layer, head) => {
        this.host.remember({ head: { layer, head } });
        this.askAttention();
      },
      match: (key) => {
        this.host.send({ type: 'match', seq, ...this.host.state.head, key });
      },
      reveal: (token) => {
        this.host.send({ type: 'reveal', seq, token });
      },
    });
  }

  private showProgress(): void {
    this.page.showProgress(this.model.progress, this.model.problem);
  }

  private ablate(nodes: readonly GraphNode[], kind: Kind | null): void {
    if (kind) this.host.remember({ kind });
    const { place } = this.host.state;
    const vertices = verticesOf(nodes);
    this.host.send({ type: 'ablate', seq: this.newest.current, vertices, kind, place });
  }

  /** The selected channels, at their tokens. */
  private selectedNodes(): GraphNode[] {
    const { circuit } = this;
    const nodes = this.host.state.selected.flatMap((id) => nodeOf(circuit, id) ?? []);
    return nodes.filter(({ role }) => role === 'channel');
  }

  /** Names of the selected channels, each once. */
  private selectedNames(): string[] {
    return [...new Set(this.selectedNodes().flatMap(({ node }) => node ?? []))];
  }

  private select(ids: readonly string[]): void {
    this.host.remember({ selected: [...ids] });
    this.chosen = this.selectedNames();
    this.graph.select(ids);
    if (this.host.state.view === 'table') this.table.show(this.shown(), ids);
    const last = this.selectedNames().at(-1);
    if (last !== undefined && last !== this.asked) this.ask(last);
    this.showSelection();
  }

  /** The same nodes in another circuit, and the card of the last of them after a reload. */
  private selectAgain(): void {
    const { circuit } = this.model;
    if (!circuit) return;
    const kept = this.host.state.selected.filter((id) => nodeOf(circuit, id));
    const here = circuit.nodes.filter(
      ({ node, at }) => node !== null && at === null && this.chosen.includes(node),
    );
    const selected = kept.length > 0 ? kept : here.map(({ id }) => id);
    this.host.remember({ selected });
    const last = this.selectedNames().at(-1);
    if (this.asked === null && last !== undefined) this.ask(last);
  }

  /** Shows the query and the key that made an edge from one token to another. */
  private explain({ from, to }: GraphEdge): void {
    const { circuit } = this.model;
    const [source, target] = [nodeOf(circuit, from), nodeOf(circuit, to)];
    const head = source?.head ?? target?.head;
    if (!source || !target || !head || source.token === target.token) return;
    this.host.remember({ view: 'attention', head });
    this.showCircuit();
    this.askAttention();
    this.host.send({ type: 'match', seq: this.newest.current, ...head, key: source.token });
  }

  private ask(node: string): void {
    this.asked = node;
    this.host.send({ type: 'card', seq: this.newest.current, node });
    this.showCard();
  }

  /** What is in sight is asked of the new subject too. */
  private askAgain(): void {
    if (this.asked !== null) this.ask(this.asked);
    this.askAttention();
  }

  private askAttention(): void {
    const { view, head } = this.host.state;
    if (view !== 'attention') return;
    this.host.send({ type: 'attention', seq: this.newest.current, ...head });
  }

  private export(format: Format): void {
    const content = contentOf(format, this.model, this.shown(), this.graph);
    this.host.send({ type: 'export', seq: this.newest.current, format, content });
  }
}

/** Nodes as requests name them. */
function verticesOf(nodes: readonly GraphNode[]): Vertex[] {
  return nodes.flatMap(({ node, token }) => (node === null ? [] : [{ node, token }]));
}

const NOTHING_SHOWN =
  'No node has so large an effect here. Lower the threshold, or show more nodes.';
