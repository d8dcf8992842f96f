/** What the panel asks of the extension about the subject that is shown. */
import type { Host } from './host';
import type { Newest } from './newest';
import type { Format, GraphNode, Kind, Place, Vertex } from './protocol';

/** A head of the model. */
export interface HeadAt {
  readonly layer: number;
  readonly head: number;
}

export class Requests {
  private node: string | null = null;

  constructor(
    private readonly host: Host,
    private readonly newest: Newest,
  ) {}

  /** Node whose card was asked for; null for none. */
  get asked(): string | null {
    return this.node;
  }

  card(node: string): void {
    this.node = node;
    this.host.send({ type: 'card', seq: this.seq, node });
  }

  /** The card that is in sight, of another subject or under other ablations. */
  cardAgain(): void {
    if (this.node !== null) this.card(this.node);
  }

  /** There is no card in sight any more. */
  forgetCard(): void {
    this.node = null;
  }

  /** Attention of the head in sight, if one is. */
  attention(): void {
    const { view, head } = this.host.state;
    if (view === 'attention') this.host.send({ type: 'attention', seq: this.seq, ...head });
  }

  /** What makes the score of a token that the head in sight reads. */
  match({ layer, head }: HeadAt, key: number): void {
    this.host.send({ type: 'match', seq: this.seq, layer, head, key });
  }

  reveal(token: number): void {
    this.host.send({ type: 'reveal', seq: this.seq, token });
  }

  label(node: string, text: string): void {
    this.host.send({ type: 'label', seq: this.seq, node, text });
  }

  /** @param kind null keeps the nodes as the model has them */
  ablate(nodes: readonly GraphNode[], kind: Kind | null, place: Place): void {
    this.host.send({ type: 'ablate', seq: this.seq, vertices: verticesOf(nodes), kind, place });
  }

  isolate(nodes: readonly GraphNode[], kind: Kind, place: Place): void {
    this.host.send({ type: 'isolate', seq: this.seq, vertices: verticesOf(nodes), kind, place });
  }

  export(format: Format, content: string): void {
    this.host.send({ type: 'export', seq: this.seq, format, content });
  }

  private get seq(): number {
    return this.newest.current;
  }
}

/** Nodes as requests name them. */
function verticesOf(nodes: readonly GraphNode[]): Vertex[] {
  return nodes.flatMap(({ node, token }) => (node === null ? [] : [{ node, token }]));
}
