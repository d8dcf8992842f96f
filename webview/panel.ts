/** The panel at work: what it was told, what people arranged, and what they do. It draws nothing itself. */
import { t } from '../shared/l10n';
import { Choice } from './choice';
import { Client, Void } from './client';
import { Drawing } from './drawing';
import { contentOf } from './export/content';
import { Finder } from './find';
import type { GraphView } from './graph/graphView';
import { isGroup } from './grouping';
import type { Host } from './host';
import { headsByEffect } from './heads';
import { Slot } from './loaded';
import { emptyModel, take, type Model } from './model';
import {
  readToPanel,
  type Asks,
  type Attention,
  type Format,
  type GraphEdge,
  type Isolation,
  type Kind,
  type Lens,
  type Match,
  type Mode,
  type Place,
  type Subject,
  type Told,
  type Vertex,
  type ViewState,
  type What,
} from './protocol';
import { DenseSteering } from './steering';

export class Panel {
  readonly model: Model = emptyModel();
  readonly drawing: Drawing;
  readonly choice: Choice;
  readonly attention: Slot<Attention>;
  readonly match: Slot<Match>;
  readonly lens: Slot<Lens>;
  readonly dense: DenseSteering;
  readonly isolation: Slot<Isolation>;
  readonly finder: Finder;
  /** One line on what people did and could not be done. */
  failure: string | null = null;
  lasso = false;
  /** Whether people are about to compare the prediction with another text. */
  comparing = false;
  /** The picture, as long as it is in the page. */
  graph: GraphView | null = null;
  private readonly client: Client;

  /** @param changed is called whenever there is something else to show */
  constructor(
    private readonly host: Host,
    readonly changed: () => void,
  ) {
    this.client = new Client(
      (message) => {
        host.send(message);
      },
      () => Math.max(0, this.model.seq),
    );
    const { model, client } = this;
    this.drawing = new Drawing(model, () => host.state);
    this.choice = new Choice({ model, drawing: this.drawing, host, client, changed });
    this.finder = new Finder(this);
    this.attention = new Slot(changed);
    this.match = new Slot(changed);
    this.lens = new Slot(changed);
    this.dense = new DenseSteering(this.client, changed);
    this.isolation = new Slot(changed);
    host.send({ type: 'ready' });
  }

  get state(): ViewState {
    return this.host.state;
  }

  /** Takes one message; what is malformed or stale changes nothing. */
  receive(data: unknown): void {
    const message = readToPanel(data);
    if (typeof message === 'string') {
      console.warn(`circuit panel: a message was ignored: ${message}`);
    } else if (message.type === 'answer' || message.type === 'failed' || message.type === 'void') {
      this.client.take(message);
    } else if (take(this.model, message)) {
      this.follow(message);
      this.changed();
    }
  }

  /** Keeps something over a reload, without another look. */
  remember(change: Partial<ViewState>): void {
    this.host.remember(change);
  }

  /** Arranges something that outlives a reload. */
  arrange(change: Partial<ViewState>): void {
    const before = this.state.view;
    this.host.remember(change);
    if (this.state.view !== before) this.askView();
    this.changed();
  }

  setMode(mode: Mode): void {
    this.act('mode', { mode });
  }

  pin(on: boolean): void {
    this.act('pin', { on });
  }

  measure(kind: Kind): void {
    this.act('measure', { kind });
  }

  /** Opens the fields for another text, or closes them and shows this text alone. */
  toggleComparison(): void {
    if (this.comparing || this.model.subject?.other) this.endComparison();
    else {
      this.comparing = true;
      this.changed();
    }
  }

  endComparison(): void {
    this.comparing = false;
    if (this.model.subject?.other) this.act('compare', { line: null });
    this.changed();
  }

  /** Asks about other tokens of the prediction. */
  aim(id: number | null, contrast: number | null): void {
    this.act('target', { id, contrast });
  }

  export(format: Format): void {
    const { graph } = this;
    if (!graph) return;
    const { model, drawing } = this;
    if (drawing.shown().nodes.length === 0) {
      this.fail(new Error(t('nothing is shown that could be exported; lower the threshold')));
      return;
    }
    const part = { shown: drawing.shown(), single: drawing.single() };
    contentOf(format, { model, part, isAblated: drawing.isAblated(), graph }).then(
      (content) => {
        this.act('export', { format, content });
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  setLasso(on: boolean): void {
    this.lasso = on;
    this.changed();
  }

  /** Brings a node into sight in the picture, out of the group of a large circuit that it is in. */
  reveal(id: string): void {
    const { drawing } = this;
    const stands = drawing.standing(id);
    if (isGroup(stands)) {
      drawing.open(stands);
      this.changed();
    }
    // Once it is drawn.
    setTimeout(() => this.graph?.reveal(drawing.standing(id)));
  }

  /** Puts the selected nodes into a group. */
  groupAs(name: string): void {
    this.act('group', { vertices: this.choice.vertices(), name });
    this.choice.group = name;
  }

  /** Pins the selected nodes or writes a note on them. */
  mark(change: { readonly pinned?: boolean; readonly note?: string }): void {
    this.act('mark', { vertices: this.choice.vertices(), ...change });
  }

  /** Calls a group something else. */
  renameGroup(from: string, name: string): void {
    this.act('arrange', { group: from, change: { name } });
    this.choice.group = name;
  }

  /** Closes all groups. */
  closeGroups(): void {
    this.drawing.close();
    this.changed();
  }

  /** @param kind null keeps the nodes as the model has them */
  async ablate(kind: Kind | null): Promise<void> {
    if (kind) this.host.remember({ kind });
    const vertices = this.choice.vertices();
    if (vertices.length > 0) await this.done('ablate', { vertices, kind, place: this.state.place });
  }

  /** @param kind null keeps the weight of the edge as the model has it */
  async ablateWeight(edge: GraphEdge, kind: Kind | null, place: Place): Promise<void> {
    const weight = this.drawing.weightOf(edge);
    if (weight) await this.done('ablateWeight', { ...weight, kind, place });
  }

  /** Where nodes are ablated; an ablation that is on moves there. */
  setPlace(place: Place): void {
    this.arrange({ place });
    const [first] = this.choice.nodes();
    const kind = first && this.model.changes(first)?.kind;
    if (kind) void this.ablate(kind);
  }

  isolate(): void {
    const { kind, place } = this.state;
    this.host.remember({ tab: 'list', list: 'ablations' });
    void this.isolation.await(
      this.client.ask('isolate', { vertices: this.choice.vertices(), kind, place }),
    );
  }

  /** The head in sight: the one that people chose, or the one that matters most. */
  get head(): { readonly layer: number; readonly head: number } {
    const [first = { layer: 0, head: 0 }] = headsByEffect(this.model.circuit);
    const { layer, head } = this.state.head ?? first;
    return { layer, head };
  }

  /** Shows the attention of a head. */
  look(layer: number, head: number): void {
    this.host.remember({ view: 'attention', head: { layer, head } });
    this.match.clear();
    this.askView();
  }

  /** Shows what made the score of a token that the head in sight reads. */
  explain(key: number): void {
    void this.match.await(this.client.ask('match', { ...this.head, key }));
  }

  /** Shows the dense model steered by a node, as it is after another line up to the token. */
  steer(node: string, line: string): void {
    this.host.remember({ view: 'dense' });
    this.dense.by(node, line);
  }

  /** Does something; what goes wrong is said in one line. */
  act<W extends What>(what: W, asks: Asks<W>): void {
    void this.done(what, asks);
  }

  /** Does something, and ends when what came of it has been told. */
  private async done<W extends What>(what: W, asks: Asks<W>): Promise<void> {
    this.failure = null;
    try {
      await this.client.ask(what, asks);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (error instanceof Void) return;
    this.failure = (error as Error).message;
    this.changed();
  }

  dismiss(): void {
    this.failure = null;
    this.changed();
  }

  /** What else changes when something was told. */
  private follow(message: Told): void {
    switch (message.type) {
      case 'empty':
        this.choice.forgetCard();
        return;
      case 'subject':
        this.host.remember({ mode: message.subject.mode });
        this.meet(message.subject.model);
        this.choice.meet();
        this.meetDense(message.subject);
        this.isolation.clear();
        this.match.clear();
        this.lens.clear();
        this.dense.clear();
        this.askView();
        return;
      case 'pinned':
        this.host.remember({ pinned: message.place });
        return;
      case 'prediction':
        // It was measured with other ablations on.
        this.isolation.clear();
        return;
      case 'circuit':
        this.choice.selectAgain();
        // Which head matters most is known only now.
        if (this.state.head === null && this.state.view === 'attention') this.askView();
        return;
      case 'ablations':
        this.choice.askAgain();
        this.askView();
        return;
      case 'problem':
        if (message.part === 'circuit') this.choice.selectAgain();
        return;
      case 'story':
      case 'now':
      case 'labels':
      case 'notes':
      case 'meanings':
      case 'colored':
      case 'progress':
    }
  }

  /** Shows the dense model where it is to be steered by a node. */
  private meetDense({ dense, reader }: Subject): void {
    const node = dense?.node ?? null;
    if (node === null) {
      if (!dense && this.state.view === 'dense') this.host.remember({ view: 'graph' });
      return;
    }
    this.host.remember({ view: 'dense' });
    this.choice.open({ node, token: reader.token });
  }

  /** Nodes and heads of one model mean nothing in another. */
  private meet(model: string): void {
    if (this.state.model === model) return;
    this.host.remember({ model, head: null });
    this.choice.forgetModel();
    this.attention.clear();
  }

  /** What the view in sight shows beside the circuit, if it does. */
  private askView(): void {
    if (!this.model.subject) return;
    const { view } = this.state;
    if (view === 'attention') void this.attention.await(this.client.ask('attention', this.head));
    else if (view === 'lens') void this.lens.await(this.client.ask('lens', {}));
  }

  /** Id of a node at a token in the graph; the extension makes them alike. */
  idOf({ node, token }: Vertex): string {
    return this.model.subject?.drawn ? node : `${node}@${token}`;
  }
}
