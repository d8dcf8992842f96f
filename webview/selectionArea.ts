/** The selected nodes, and what becomes of them. */
import { Drawn } from './dom';
import type { Host } from './host';
import { nodeOf, type Model } from './model';
import { namedCircuit } from './naming';
import type { Page } from './page';
import type { GraphNode, Kind } from './protocol';
import type { Requests } from './requests';
import { showSelection, type Selection } from './views/selection';

export class SelectionArea {
  /** Names of the nodes that people selected, which outlive a circuit. */
  private chosen: readonly string[] = [];
  private readonly drawn = new Drawn();

  /** @param clear unselects everything */
  constructor(
    private readonly page: Page,
    private readonly host: Host,
    private readonly model: Model,
    private readonly requests: Requests,
    private readonly clear: () => void,
  ) {}

  /** Name of the channel that was selected last; undefined without one. */
  get last(): string | undefined {
    return this.names().at(-1);
  }

  /** Takes up what people selected. */
  select(ids: readonly string[]): void {
    this.host.remember({ selected: [...ids] });
    this.chosen = this.names();
  }

  /** The same nodes in another circuit. */
  selectAgain(): void {
    const { circuit } = this.model;
    if (!circuit) return;
    const kept = this.host.state.selected.filter((id) => nodeOf(circuit, id));
    const here = circuit.nodes.filter(
      ({ node, at }) => node !== null && at === null && this.chosen.includes(node),
    );
    this.host.remember({ selected: kept.length > 0 ? kept : here.map(({ id }) => id) });
  }

  /** Shows what is selected. */
  show(): void {
    const selection = this.selection();
    if (!this.drawn.differs(selection, this.model.colored)) return;
    const { nodes } = selection;
    showSelection(this.page.selection, this.model, selection, {
      ablate: (kind) => {
        this.ablate(nodes, kind);
      },
      place: (place) => {
        this.host.remember({ place });
        // An ablation that is on moves to the place that was chosen.
        const on = this.selection().states[0];
        if (on?.kind) this.ablate(nodes, on.kind);
        else this.show();
      },
      isolate: () => {
        const { kind, place } = this.host.state;
        this.requests.isolate(nodes, kind, place);
      },
      color: (node) => {
        this.host.send({ type: 'color', node });
      },
      clear: this.clear,
    });
  }

  private ablate(nodes: readonly GraphNode[], kind: Kind | null): void {
    if (kind) this.host.remember({ kind });
    this.requests.ablate(nodes, kind, this.host.state.place);
  }

  private selection(): Selection {
    const nodes = this.nodes();
    const states = nodes.map((node) => this.model.changes(node));
    const kind = states.length === 1 ? states[0]?.kind : null;
    const [first] = nodes;
    const value = kind?.kind === 'value' ? kind.value : (first?.activation ?? 0);
    const scale = kind?.kind === 'scale' ? kind.scale : 1;
    const reach = Math.max(1, 2 * Math.abs(first?.activation ?? 0), Math.abs(value));
    const places = new Set(states.map((state) => state?.place));
    const own = places.size === 1 ? [...places][0] : undefined;
    return { nodes, states, place: own ?? this.host.state.place, value, scale, reach };
  }

  /** The selected channels, at their tokens. */
  private nodes(): GraphNode[] {
    const circuit = namedCircuit(this.model);
    const nodes = this.host.state.selected.flatMap((id) => nodeOf(circuit, id) ?? []);
    return nodes.filter(({ role }) => role === 'channel');
  }

  /** Names of the selected channels, each once. */
  private names(): string[] {
    return [...new Set(this.nodes().flatMap(({ node }) => node ?? []))];
  }
}
