/** The panel: keeps what it was told, and shows each part when something is said of it. */
import { CircuitArea } from './circuitArea';
import { Drawn } from './dom';
import { contentOf } from './export/content';
import type { Host } from './host';
import { emptyModel, nodeOf, repeats, take, type Model } from './model';
import { Newest } from './newest';
import type { Page } from './page';
import { readToPanel, type GraphEdge, type ToPanel } from './protocol';
import { Requests, type HeadAt } from './requests';
import { SelectionArea } from './selectionArea';
import { showAblations } from './views/ablationList';
import { showAttention } from './views/attention';
import { showCard } from './views/card';
import { showHeader } from './views/header';
import { showPrediction } from './views/prediction';

export class App {
  private readonly model: Model = emptyModel();
  private readonly newest = new Newest();
  private readonly requests: Requests;
  private readonly circuit: CircuitArea;
  private readonly selection: SelectionArea;
  private readonly ablations = new Drawn();

  constructor(
    private readonly page: Page,
    private readonly host: Host,
  ) {
    const { model } = this;
    this.requests = new Requests(host, this.newest);
    this.circuit = new CircuitArea(page, host, model, {
      select: (ids) => {
        this.select(ids);
      },
      explain: (edge) => {
        this.explain(edge);
      },
      view: () => {
        this.requests.attention();
        this.showAttention();
      },
    });
    this.selection = new SelectionArea(page, host, model, this.requests, () => {
      this.select([]);
    });
    this.showAll();
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.receive(data);
    });
    // The editor names its theme in the body's classes.
    new MutationObserver(() => {
      this.circuit.restyle();
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
    // Another node was asked about meanwhile.
    if (message.type === 'card' && message.card.node !== this.requests.asked) return;
    take(this.model, message);
    this.show(message);
  }

  private show(message: ToPanel): void {
    switch (message.type) {
      case 'empty':
        this.requests.forgetCard();
        this.showAll();
        return;
      case 'subject':
        this.host.remember({ mode: message.subject.mode });
        this.meet(message.subject.model);
        // What is in sight is asked of the new subject too.
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
        this.selection.selectAgain();
        this.openCard();
        this.showHeader();
        this.showCircuit();
        return;
      case 'now':
        this.showCircuit();
        return;
      case 'card':
        this.showCard();
        return;
      case 'attention': {
        const { layer, head } = message.attention;
        this.host.remember({ head: { layer, head } });
        this.showAttention();
        return;
      }
      case 'match':
        this.showAttention();
        return;
      case 'isolation':
        this.showAblations();
        return;
      case 'ablations':
        this.askAgain();
        this.showAblations();
        this.showCircuit();
        return;
      case 'labels':
        this.showCircuit();
        this.showCard();
        return;
      case 'colored':
        this.selection.show();
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
        const { graph } = this.circuit;
        const content = contentOf(format, this.model, this.circuit.shown(), graph);
        this.requests.export(format, content);
      },
    });
  }

  private showPrediction(): void {
    showPrediction(this.page.prediction, this.model);
  }

  private showCircuit(): void {
    this.circuit.show();
    this.selection.show();
  }

  private showCard(): void {
    const { requests } = this;
    showCard(this.page.card, this.model, requests.asked, {
      reveal: (token) => {
        requests.reveal(token);
      },
      open: (node) => {
        this.open(node);
      },
      label: (node, text) => {
        requests.label(node, text);
      },
      attention: (layer, head) => {
        this.look({ layer, head });
      },
    });
  }

  private showAblations(): void {
    if (!this.ablations.differs(this.model.ablations, this.model.isolation)) return;
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
    const { requests } = this;
    showAttention(this.page.attention, this.model, {
      head: (layer, head) => {
        this.host.remember({ head: { layer, head } });
        requests.attention();
      },
      match: (key) => {
        requests.match(this.host.state.head, key);
      },
      reveal: (token) => {
        requests.reveal(token);
      },
    });
  }

  private showProgress(): void {
    this.page.showProgress(this.model.progress, this.model.problem);
  }

  private select(ids: readonly string[]): void {
    this.selection.select(ids);
    this.circuit.select(ids);
    const { last } = this.selection;
    if (last !== undefined && last !== this.requests.asked) this.open(last);
    this.selection.show();
  }

  /** Nodes and heads of one model mean nothing in another. */
  private meet(model: string): void {
    if (this.host.state.model === model) return;
    this.host.remember({ model, head: { layer: 0, head: 0 } });
    this.selection.select([]);
    this.requests.forgetCard();
  }

  /** The card of what is selected, after a reload. */
  private openCard(): void {
    const { last } = this.selection;
    if (this.requests.asked === null && last !== undefined) this.open(last);
  }

  private open(node: string): void {
    this.requests.card(node);
    this.showCard();
  }

  /** Shows the attention of a head. */
  private look(head: HeadAt): void {
    this.host.remember({ view: 'attention', head });
    this.showCircuit();
    this.requests.attention();
  }

  /** Shows the query and the key that made an edge from one token to another. */
  private explain({ from, to }: GraphEdge): void {
    const { circuit } = this.model;
    const [source, target] = [nodeOf(circuit, from), nodeOf(circuit, to)];
    const head = source?.head ?? target?.head;
    if (!source || !target || !head || source.token === target.token) return;
    this.look(head);
    this.requests.match(head, source.token);
  }

  /** The card and the attention in sight, of what is shown now. */
  private askAgain(): void {
    this.requests.cardAgain();
    this.requests.attention();
  }
}
