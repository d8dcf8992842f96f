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
import { emptyModel, take, type Model } from './model';
import {
  readToPanel,
  type Asks,
  type Format,
  type GraphEdge,
  type Kind,
  type Mode,
  type Place,
  type Told,
  type Vertex,
  type ViewState,
  type What,
} from './protocol';
import { Readings } from './readings';

export class Panel {
  readonly model: Model = emptyModel();
  readonly drawing: Drawing;
  readonly choice: Choice;
  readonly readings: Readings;
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
    this.readings = new Readings({ model, choice: this.choice, host, client, changed });
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
    if (this.state.view !== before) this.readings.askView();
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
    const { graph, model, drawing } = this;
    // The extension has these by itself, whatever is in sight.
    if (format === 'circuit' || format === 'interventions') {
      this.act('export', { format, content: '' });
      return;
    }
    if (!graph || drawing.shown().nodes.length === 0) {
      this.fail(new Error(t('nothing shown to export; lower the threshold')));
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

  /** Puts what the selected nodes do in the other text into this one. */
  patch(): void {
    this.act('patch', { vertices: this.choice.vertices() });
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

  /** Has what failed worked out again. */
  retry(): void {
    this.act('way', { way: 'again' });
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
        this.readings.meet(message.subject);
        return;
      case 'pinned':
        this.host.remember({ pinned: message.place });
        return;
      case 'prediction':
        // It was measured with other ablations on.
        this.readings.isolation.clear();
        return;
      case 'circuit':
        this.choice.selectAgain();
        this.readings.followCircuit();
        return;
      case 'ablations':
        this.choice.askAgain();
        this.readings.askView();
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

  /** Nodes and heads of one model mean nothing in another. */
  private meet(model: string): void {
    if (this.state.model === model) return;
    this.host.remember({ model });
    this.choice.forgetModel();
    this.readings.forgetModel();
  }

  /** Id of a node at a token in the graph; the extension makes them alike. */
  idOf({ node, token }: Vertex): string {
    return this.model.subject?.drawn ? node : `${node}@${token}`;
  }
}
