/** What is asked about the dense model beside a bridged one, and what is known of it. */
import type { Client } from './client';
import { Slot } from './loaded';
import type { BridgeNodes, Steering, SteeringControls } from './protocol';

/** An answer, with the line that was asked about. */
export type OfLine<T> = T & { readonly line: string };

export class DenseSteering {
  readonly curve: Slot<OfLine<Steering>>;
  readonly controls: Slot<OfLine<SteeringControls>>;
  readonly nodes: Slot<OfLine<BridgeNodes>>;
  /** Concepts that labels of the model's nodes name. */
  readonly concepts: Slot<string[]>;

  /** @param changed is called whenever there is something else to show */
  constructor(
    private readonly client: Client,
    changed: () => void,
  ) {
    this.curve = new Slot(changed);
    this.controls = new Slot(changed);
    this.nodes = new Slot(changed);
    this.concepts = new Slot(changed);
  }

  /** Steers by a node, as it is after another line up to the token. */
  by(node: string, line: string): void {
    this.controls.clear();
    const steered = ofLine(line, this.client.ask('steer', { node, line }));
    void this.curve.await(steered);
    // The curve comes first; its controls take many passes.
    steered.then(
      () => this.controls.await(ofLine(line, this.client.ask('steerControls', { node, line }))),
      () => undefined,
    );
  }

  /**
   * Looks for the nodes that make the dense model's difference between the texts.
   * @param concept that their labels name; null for all nodes
   */
  find(line: string, measure: number, concept: string | null): void {
    const asks = { line, measure, concept };
    void this.nodes.await(ofLine(line, this.client.ask('bridgeNodes', asks)));
  }

  /** Asks once for the concepts of the model. */
  askConcepts(): void {
    if (this.concepts.now.value === null) void this.concepts.await(this.client.ask('concepts', {}));
  }

  /** The subject is another: its concepts are those of the model. */
  clear(): void {
    this.curve.clear();
    this.controls.clear();
    this.nodes.clear();
  }
}

async function ofLine<T>(line: string, answer: Promise<T>): Promise<OfLine<T>> {
  return { ...(await answer), line };
}
