/** What people chose: nodes, of which the last has its card in sight, or an edge or a group instead. */
import type { Client } from './client';
import type { Drawing } from './drawing';
import { isGroup } from './grouping';
import type { Host } from './host';
import { Slot } from './loaded';
import type { Model } from './model';
import type { Card, GraphEdge, GraphNode, Vertex, Weight } from './protocol';
import { selectedAgain, selectedNodes } from './selection';
import { groupId, groupOfId } from './supernodes';

/** What a choice needs of the panel. */
interface Around {
  readonly model: Model;
  readonly drawing: Drawing;
  readonly host: Host;
  readonly client: Client;
  /** Something else is to be shown. */
  readonly changed: () => void;
}

export class Choice {
  readonly card: Slot<Card>;
  /** What the weight of the chosen edge does. */
  readonly weight: Slot<Weight>;
  /** The node whose card is in sight; null for none. */
  opened: Vertex | null = null;
  /** The edge that was chosen last, instead of a node. */
  edge: GraphEdge | null = null;
  /** The group that was chosen last, instead of a node. */
  group: string | null = null;
  /** Names of the channels that people selected, which outlive a circuit. */
  private chosen: readonly string[] = [];
  /** Subject that the card in sight was asked of. */
  private cardSeq = -1;

  constructor(private readonly around: Around) {
    this.card = new Slot(around.changed);
    this.weight = new Slot(around.changed);
  }

  /** Selects nodes and opens the card of the one that was selected last. */
  select(ids: readonly string[]): void {
    const { drawing, host, changed } = this.around;
    const group = ids.find(isGroup);
    if (group !== undefined) {
      drawing.open(group);
      changed();
      return;
    }
    // A group means its nodes.
    const lastId = ids.at(-1);
    this.group = lastId === undefined ? null : groupOfId(lastId);
    const members = (id: string) => drawing.members(groupOfId(id) ?? '').map((node) => node.id);
    const all = ids.flatMap((id) => (groupOfId(id) === null ? [id] : members(id)));
    host.remember({ selected: [...new Set(all)] });
    const nodes = this.nodes();
    this.chosen = [...new Set(nodes.flatMap(({ node }) => node ?? []))];
    this.edge = null;
    const last = nodes.at(-1);
    if (last) this.open(vertexOf(last));
    changed();
  }

  /** Shows a named group. */
  showGroup(name: string): void {
    this.select([groupId(name)]);
  }

  /** Chooses an edge. */
  selectEdge(edge: GraphEdge): void {
    this.edge = edge;
    this.group = null;
    this.weight.clear();
    this.around.host.remember({ tab: 'node' });
    this.around.changed();
  }

  /** Takes the weight of an edge out of the model, and hears what that does to the prediction. */
  weigh(edge: GraphEdge): void {
    const { drawing, client } = this.around;
    const weight = drawing.weightOf(edge);
    if (weight) void this.weight.await(client.ask('weight', weight));
  }

  /** Opens the card of a node. */
  open(vertex: Vertex): void {
    const { opened } = this;
    const { host, changed } = this.around;
    this.edge = null;
    if (opened?.node !== vertex.node || opened.token !== vertex.token) this.askCard(vertex);
    if (host.state.tab !== 'node') host.remember({ tab: 'node' });
    changed();
  }

  /** The node whose card is in sight, where the dense model can be steered by it; null otherwise. */
  get steering(): string | null {
    const { value } = this.card.now;
    return value?.steers && value.node === this.opened?.node ? value.node : null;
  }

  /** The selected nodes. */
  nodes(): GraphNode[] {
    const { model, host } = this.around;
    return selectedNodes(model.circuit, host.state.selected);
  }

  /** The same by node and token. */
  vertices(): Vertex[] {
    return this.nodes().map(vertexOf);
  }

  /** Another subject is shown: what was chosen beside nodes is none of its. */
  meet(): void {
    this.edge = null;
    this.group = null;
    this.weight.clear();
  }

  /** Nodes of one model mean nothing in another. */
  forgetModel(): void {
    this.around.host.remember({ selected: [] });
    this.chosen = [];
    this.forgetCard();
  }

  forgetCard(): void {
    this.opened = null;
    this.card.clear();
  }

  /** Asks for the card in sight anew. */
  askAgain(): void {
    if (this.opened) this.askCard(this.opened);
  }

  /** The selection, and the card in sight, of another circuit. */
  selectAgain(): void {
    const { model, host } = this.around;
    const { circuit, subject, seq } = model;
    if (circuit) {
      host.remember({ selected: selectedAgain(circuit, host.state.selected, this.chosen) });
    }
    const last = this.nodes().at(-1);
    const own = last ? vertexOf(last) : null;
    const { opened } = this;
    if (own) {
      if (opened?.node !== own.node || opened.token !== own.token || this.cardSeq !== seq)
        this.askCard(own);
    } else if (opened && subject && this.cardSeq !== seq) {
      this.askCard({ node: opened.node, token: subject.reader.token });
    }
  }

  private askCard(vertex: Vertex): void {
    const { model, client } = this.around;
    this.opened = vertex;
    this.cardSeq = model.seq;
    void this.card.await(client.ask('card', vertex));
  }
}

function vertexOf({ node, token }: GraphNode): Vertex {
  return { node: node!, token };
}
