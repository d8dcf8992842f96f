/** The panel at work: what it was told, what people arranged, and what they do. It draws nothing itself. */
import { t } from '../shared/l10n';
import { Client, Void } from './client';
import { contentOf } from './export/content';
import { Finder } from './find';
import type { Shown } from './filter';
import type { IsAblated } from './graph/elements';
import type { GraphView } from './graph/graphView';
import { autoGroup, isGroup } from './grouping';
import { partOf, type Part } from './part';
import type { Host } from './host';
import { headsByEffect } from './heads';
import { Slot } from './loaded';
import { emptyModel, nodeOf, take, type Model } from './model';
import { namedCircuit } from './naming';
import {
  readToPanel,
  type Asks,
  type Attention,
  type Card,
  type Format,
  type GraphEdge,
  type GraphNode,
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
  type Weight,
  type What,
} from './protocol';
import { DenseSteering } from './steering';
import { isChanged, selectedAgain, selectedNodes } from './selection';
import { groupId, groupOfId, membersOf, standingFor } from './supernodes';

export class Panel {
  readonly model: Model = emptyModel();
  readonly card: Slot<Card>;
  readonly attention: Slot<Attention>;
  readonly match: Slot<Match>;
  readonly lens: Slot<Lens>;
  readonly dense: DenseSteering;
  /** What the weight of the chosen edge does. */
  readonly weight: Slot<Weight>;
  readonly isolation: Slot<Isolation>;
  readonly finder = new Finder(this);
  /** The node whose card is in sight; null for none. */
  opened: Vertex | null = null;
  /** The edge that was chosen last, instead of a node. */
  edge: GraphEdge | null = null;
  /** The group that was chosen last, instead of a node. */
  group: string | null = null;
  /** One line on what people did and could not be done. */
  failure: string | null = null;
  lasso = false;
  /** Whether people are about to compare the prediction with another text. */
  comparing = false;
  /** Groups of a large circuit that people opened. */
  private opens: ReadonlySet<string> = new Set();
  /** The picture, as long as it is in the page. */
  graph: GraphView | null = null;
  private readonly client: Client;
  /** Names of the channels that people selected, which outlive a circuit. */
  private chosen: readonly string[] = [];
  private part: (Part & { readonly of: readonly unknown[] }) | null = null;

  private ablated: { readonly of: readonly unknown[]; readonly is: IsAblated } | null = null;

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
    this.card = new Slot(changed);
    this.attention = new Slot(changed);
    this.match = new Slot(changed);
    this.lens = new Slot(changed);
    this.dense = new DenseSteering(this.client, changed);
    this.weight = new Slot(changed);
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

  /** The part of the circuit that is shown. */
  shown(): Shown {
    const { model } = this;
    const { threshold, top, strength } = this.state;
    const { opens } = this;
    const of = [
      model.circuit,
      model.labels,
      model.meanings,
      model.changes,
      threshold,
      top,
      strength,
      opens,
      model.marks,
    ];
    if (this.part && of.every((one, i) => one === this.part!.of[i])) return this.part.shown;
    const circuit = namedCircuit(model);
    const limits = { threshold, top, strength };
    const { shown, single } = partOf(circuit, model, limits, opens);
    this.part = { of, shown, single };
    return shown;
  }

  /** The nodes of that part one by one, those of groups too. */
  single(): readonly GraphNode[] {
    this.shown();
    return this.part!.single;
  }

  /** Whether something is done to a node, or to all nodes of a group; another function when that changes. */
  isAblated(): IsAblated {
    const of = [this.model.changes, this.model.marks, this.model.circuit];
    if (this.ablated && of.every((one, i) => one === this.ablated!.of[i])) return this.ablated.is;
    const isOff = isChanged(this.model.changes);
    const groups = new Map(
      [...membersOf(this.model.circuit ?? { nodes: [] }, this.model.marks)].map(([name, own]) => [
        groupId(name),
        own.every(isOff),
      ]),
    );
    const is: IsAblated = (node) =>
      node.role === 'channel' ? isOff(node) : (groups.get(node.id) ?? false);
    this.ablated = { of, is };
    return is;
  }

  /** What stands for a node in the picture: itself, or a group that is closed. */
  standing(id: string): string {
    const named = standingFor(this.model.marks)(id);
    if (named !== id || this.shown().nodes.some((node) => node.id === id)) return named;
    const node = this.nodeOf(id);
    return node ? autoGroup(node) : id;
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
    const { model } = this;
    if (this.shown().nodes.length === 0) {
      this.fail(new Error(t('nothing is shown that could be exported; lower the threshold')));
      return;
    }
    const part = { shown: this.shown(), single: this.single() };
    contentOf(format, { model, part, isAblated: this.isAblated(), graph }).then(
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

  /** Selects nodes and opens the card of the one that was selected last. */
  select(ids: readonly string[]): void {
    const group = ids.find(isGroup);
    if (group !== undefined) {
      this.openGroup(group);
      return;
    }
    // A group means its nodes.
    const lastId = ids.at(-1);
    this.group = lastId === undefined ? null : groupOfId(lastId);
    const members = (id: string) => this.members(groupOfId(id) ?? '').map((node) => node.id);
    const all = ids.flatMap((id) => (groupOfId(id) === null ? [id] : members(id)));
    this.host.remember({ selected: [...new Set(all)] });
    const nodes = this.selected();
    this.chosen = [...new Set(nodes.flatMap(({ node }) => node ?? []))];
    this.edge = null;
    const last = nodes.at(-1);
    if (last) this.open(vertexOf(last));
    this.changed();
  }

  /** Nodes of a named group, the one that matters most first. */
  members(group: string): readonly GraphNode[] {
    const circuit = namedCircuit(this.model);
    return (circuit && membersOf(circuit, this.model.marks).get(group)) ?? [];
  }

  /** Brings a node into sight in the picture, out of the group of a large circuit that it is in. */
  reveal(id: string): void {
    const stands = this.standing(id);
    if (isGroup(stands)) this.openGroup(stands);
    // Once it is drawn.
    setTimeout(() => this.graph?.reveal(this.standing(id)));
  }

  private openGroup(group: string): void {
    this.opens = new Set([...this.opens, group]);
    this.changed();
  }

  /** Puts the selected nodes into a group. */
  groupAs(name: string): void {
    this.act('group', { vertices: this.vertices(), name });
    this.group = name;
  }

  /** Pins the selected nodes or writes a note on them. */
  mark(change: { readonly pinned?: boolean; readonly note?: string }): void {
    this.act('mark', { vertices: this.vertices(), ...change });
  }

  /** Calls a group something else. */
  renameGroup(from: string, name: string): void {
    this.act('arrange', { group: from, change: { name } });
    this.group = name;
  }

  /** Shows a named group. */
  showGroup(name: string): void {
    this.select([groupId(name)]);
  }

  /** Whether some groups are open. */
  get hasOpenGroups(): boolean {
    return this.opens.size > 0;
  }

  /** Closes all groups. */
  closeGroups(): void {
    this.opens = new Set();
    this.changed();
  }

  /** Chooses an edge. */
  selectEdge(edge: GraphEdge): void {
    this.edge = edge;
    this.group = null;
    this.weight.clear();
    this.arrange({ tab: 'node' });
  }

  /** Takes the weight of an edge out of the model, and hears what that does to the prediction. */
  weigh({ from, to }: GraphEdge): void {
    const [source, target] = [this.nodeOf(from), this.nodeOf(to)];
    if (!source?.node || !target?.node) return;
    const asks = { from: source.node, to: target.node, token: target.token };
    void this.weight.await(this.client.ask('weight', asks));
  }

  /** Opens the card of a node. */
  open(vertex: Vertex): void {
    const { opened } = this;
    this.edge = null;
    if (opened?.node !== vertex.node || opened.token !== vertex.token) this.askCard(vertex);
    if (this.state.tab !== 'node') this.host.remember({ tab: 'node' });
    this.changed();
  }

  /** @param kind null keeps the nodes as the model has them */
  ablate(kind: Kind | null): void {
    if (kind) this.host.remember({ kind });
    const vertices = this.vertices();
    if (vertices.length > 0) this.act('ablate', { vertices, kind, place: this.state.place });
  }

  /** Where nodes are ablated; an ablation that is on moves there. */
  setPlace(place: Place): void {
    this.arrange({ place });
    const [first] = this.selected();
    const kind = first && this.model.changes(first)?.kind;
    if (kind) this.ablate(kind);
  }

  isolate(): void {
    const { kind, place } = this.state;
    this.host.remember({ tab: 'list', list: 'ablations' });
    void this.isolation.await(
      this.client.ask('isolate', { vertices: this.vertices(), kind, place }),
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
    this.failure = null;
    this.client.ask(what, asks).catch((error: unknown) => {
      this.fail(error);
    });
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
        this.forgetCard();
        return;
      case 'subject':
        this.host.remember({ mode: message.subject.mode });
        this.meet(message.subject.model);
        this.edge = null;
        this.group = null;
        this.meetDense(message.subject);
        this.isolation.clear();
        this.match.clear();
        this.lens.clear();
        this.dense.clear();
        this.weight.clear();
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
        this.selectAgain();
        // Which head matters most is known only now.
        if (this.state.head === null && this.state.view === 'attention') this.askView();
        return;
      case 'ablations':
        if (this.opened) this.askCard(this.opened);
        this.askView();
        return;
      case 'problem':
        if (message.part === 'circuit') this.selectAgain();
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

  /** The selection, and the card in sight, of another circuit. */
  private selectAgain(): void {
    const { circuit, subject, seq } = this.model;
    if (circuit) {
      const selected = selectedAgain(circuit, this.state.selected, this.chosen);
      this.host.remember({ selected });
    }
    const last = this.selected().at(-1);
    const own = last ? vertexOf(last) : null;
    const { opened } = this;
    if (own) {
      if (opened?.node !== own.node || opened.token !== own.token || this.cardSeq !== seq)
        this.askCard(own);
    } else if (opened && subject && this.cardSeq !== seq) {
      this.askCard({ node: opened.node, token: subject.reader.token });
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
    this.open({ node, token: reader.token });
  }

  /** Nodes and heads of one model mean nothing in another. */
  private meet(model: string): void {
    if (this.state.model === model) return;
    this.host.remember({ model, head: null, selected: [] });
    this.chosen = [];
    this.attention.clear();
    this.forgetCard();
  }

  /** Subject that the card in sight was asked of. */
  private cardSeq = -1;

  private askCard(vertex: Vertex): void {
    this.opened = vertex;
    this.cardSeq = this.model.seq;
    void this.card.await(this.client.ask('card', vertex));
  }

  private forgetCard(): void {
    this.opened = null;
    this.card.clear();
  }

  /** What the view in sight shows beside the circuit, if it does. */
  private askView(): void {
    if (!this.model.subject) return;
    const { view } = this.state;
    if (view === 'attention') void this.attention.await(this.client.ask('attention', this.head));
    else if (view === 'lens') void this.lens.await(this.client.ask('lens', {}));
  }

  private selected(): GraphNode[] {
    return selectedNodes(this.model.circuit, this.state.selected);
  }

  private vertices(): Vertex[] {
    return this.selected().map(vertexOf);
  }

  /** What a node is about, for who reads numbers; empty where nobody knows. */
  meaningOf({ node }: Pick<GraphNode, 'node'>): string {
    return this.model.meanings.get(node ?? '') ?? '';
  }

  /** Id of a node at a token in the graph; the extension makes them alike. */
  idOf({ node, token }: Vertex): string {
    return this.model.subject?.drawn ? node : `${node}@${token}`;
  }

  /** What an end of an edge is called: a node's label, or the name of a group. */
  labelOf(id: string): string {
    return this.nodeOf(id)?.label ?? groupOfId(id) ?? id;
  }

  /** The node of an id. */
  nodeOf(id: string): GraphNode | undefined {
    return nodeOf(namedCircuit(this.model), id);
  }
}

function vertexOf({ node, token }: GraphNode): Vertex {
  return { node: node!, token };
}
