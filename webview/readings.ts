/** What is read of the subject beside its circuit: attention, the lens, the dense model, nodes in isolation. */
import type { Choice } from './choice';
import type { Client } from './client';
import { headsByEffect } from './heads';
import type { Host } from './host';
import { Slot } from './loaded';
import type { Model } from './model';
import type { Attention, Isolation, Lens, Match, Subject } from './protocol';
import { DenseSteering } from './steering';

/** What readings need of the panel. */
interface Around {
  readonly model: Model;
  readonly choice: Choice;
  readonly host: Host;
  readonly client: Client;
  /** Something else is to be shown. */
  readonly changed: () => void;
}

export class Readings {
  readonly attention: Slot<Attention>;
  /** What made one score of the head in sight. */
  readonly match: Slot<Match>;
  readonly lens: Slot<Lens>;
  readonly dense: DenseSteering;
  readonly isolation: Slot<Isolation>;

  constructor(private readonly around: Around) {
    const { client, changed } = around;
    this.attention = new Slot(changed);
    this.match = new Slot(changed);
    this.lens = new Slot(changed);
    this.dense = new DenseSteering(client, changed);
    this.isolation = new Slot(changed);
  }

  /** The head in sight: the one that people chose, or the one that matters most. */
  get head(): { readonly layer: number; readonly head: number } {
    const { host, model } = this.around;
    const [first = { layer: 0, head: 0 }] = headsByEffect(model.circuit);
    const { layer, head } = host.state.head ?? first;
    return { layer, head };
  }

  /** Asks what the view in sight shows beside the circuit, if it does. */
  askView(): void {
    const { model, host, client } = this.around;
    if (!model.subject) return;
    const { view } = host.state;
    if (view === 'attention') void this.attention.await(client.ask('attention', this.head));
    else if (view === 'lens') void this.lens.await(client.ask('lens', {}));
    else if (view === 'dense') this.dense.askConcepts();
  }

  /** Asks again where the view goes by the circuit, which is another: the head that matters most. */
  followCircuit(): void {
    const { head, view } = this.around.host.state;
    if (head === null && view === 'attention') this.askView();
  }

  /** Shows the attention of a head. */
  look(layer: number, head: number): void {
    this.around.host.remember({ view: 'attention', head: { layer, head } });
    this.match.clear();
    this.askView();
  }

  /** Shows what made the score of a token that the head in sight reads. */
  explain(key: number): void {
    void this.match.await(this.around.client.ask('match', { ...this.head, key }));
  }

  /** Shows the dense model steered by a node, as it is after another line up to the token. */
  steer(node: string, line: string): void {
    this.around.host.remember({ view: 'dense' });
    this.dense.by(node, line);
  }

  /** Measures the selected nodes alone, and all but them. */
  isolate(): void {
    const { host, client, choice } = this.around;
    const { kind, place } = host.state;
    host.remember({ tab: 'list', list: 'ablations' });
    void this.isolation.await(client.ask('isolate', { vertices: choice.vertices(), kind, place }));
  }

  /** Another subject is shown: nothing that was read of the one before holds, and the view is asked anew. */
  meet({ dense, reader }: Subject): void {
    const { host, choice } = this.around;
    const node = dense?.node ?? null;
    if (node !== null) {
      host.remember({ view: 'dense' });
      choice.open({ node, token: reader.token });
    } else if (!dense && host.state.view === 'dense') host.remember({ view: 'graph' });
    this.isolation.clear();
    this.match.clear();
    this.lens.clear();
    this.dense.clear();
    this.askView();
  }

  /** Another model is in use: its heads are others. */
  forgetModel(): void {
    this.around.host.remember({ head: null });
    this.attention.clear();
    this.dense.concepts.clear();
  }
}
