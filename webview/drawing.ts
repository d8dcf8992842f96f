/** What of the circuit is drawn, and what stands for a node in it: itself, or a group that is closed. */
import { series } from '../shared/l10n';
import type { Shown } from './filter';
import type { IsAblated } from './graph/elements';
import { autoGroup } from './grouping';
import { nodeOf, type Model } from './model';
import { namedCircuit } from './naming';
import { partOf, type Part } from './part';
import type { GraphEdge, GraphNode, ViewState } from './protocol';
import { isChanged } from './selection';
import { groupId, groupOfId, membersOf, standingFor } from './supernodes';

/** A weight, at the token of the node that reads through it. */
interface Weight {
  readonly from: string;
  readonly to: string;
  readonly token: number;
}

export class Drawing {
  /** Groups of a large circuit that people opened. */
  private opens: ReadonlySet<string> = new Set();
  private part: (Part & { readonly of: readonly unknown[] }) | null = null;
  private ablated: { readonly of: readonly unknown[]; readonly is: IsAblated } | null = null;

  constructor(
    private readonly model: Model,
    private readonly state: () => ViewState,
  ) {}

  /** The part of the circuit that is shown. */
  shown(): Shown {
    const { model, opens } = this;
    const { threshold, top, strength } = this.state();
    const of = [
      ...[model.circuit, model.labels, model.meanings, model.changes, model.marks],
      ...[threshold, top, strength, opens],
    ];
    if (this.part && of.every((one, i) => one === this.part!.of[i])) return this.part.shown;
    const limits = { threshold, top, strength };
    const { shown, single } = partOf(namedCircuit(model), model, limits, opens);
    this.part = { of, shown, single };
    return shown;
  }

  /** The nodes of that part one by one, those of groups too. */
  single(): readonly GraphNode[] {
    this.shown();
    return this.part!.single;
  }

  /**
   * The weight that an edge stands for: from which node, into which, at the token of that one. Null for
   * what is no entry of a matrix, or several edges in one.
   */
  weightOf({ from, to, kind, count }: GraphEdge): Weight | null {
    if (count !== undefined || (kind !== 'weight' && kind !== 'attention')) return null;
    const [source, target] = [nodeOf(this.model.circuit, from), nodeOf(this.model.circuit, to)];
    if (!source?.node || !target?.node) return null;
    return { from: source.node, to: target.node, token: target.token };
  }

  /** What is done to the weight of an edge; null for nothing. */
  weightChange(edge: GraphEdge) {
    const weight = this.weightOf(edge);
    if (!weight) return null;
    return this.model.changes({ node: weight.from, token: weight.token, into: weight.to });
  }

  /**
   * Whether something is done to a node, to all nodes of a group, or to the weight of an edge; another
   * function when that changes.
   */
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
    const is: IsAblated = (one) => {
      if ('from' in one) return this.weightChange(one) !== null;
      return one.role === 'channel' ? isOff(one) : (groups.get(one.id) ?? false);
    };
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

  /** Nodes of a named group, the one that matters most first. */
  members(group: string): readonly GraphNode[] {
    const circuit = namedCircuit(this.model);
    return (circuit && membersOf(circuit, this.model.marks).get(group)) ?? [];
  }

  /** Opens a group of a large circuit. */
  open(group: string): void {
    this.opens = new Set([...this.opens, group]);
  }

  /** Whether some of these are open. */
  get hasOpenGroups(): boolean {
    return this.opens.size > 0;
  }

  /** Closes all of them. */
  close(): void {
    this.opens = new Set();
  }

  /** The node of an id. */
  nodeOf(id: string): GraphNode | undefined {
    return nodeOf(namedCircuit(this.model), id);
  }

  /** What an end of an edge is called: a node's label, or the name of a group. */
  labelOf(id: string): string {
    return this.nodeOf(id)?.label ?? groupOfId(id) ?? id;
  }

  /** The same with what it is about. */
  nameOf(id: string): string {
    const node = this.nodeOf(id);
    const about = node ? this.meaningOf(node) : '';
    return series([this.labelOf(id), ...(about === '' ? [] : [about])]);
  }

  /** What a node is about, for who reads numbers; empty where nobody knows. */
  meaningOf({ node }: Pick<GraphNode, 'node'>): string {
    return this.model.meanings.get(node ?? '') ?? '';
  }
}
