/** What is said of a prediction: how likely its tokens are, its circuit, and both under the ablations. */
import type { Intervention } from '../../models/runtime/interventions';
import type { Ablations, Circuit, Prediction } from '../../webview/protocol';
import type { TokenTrace } from '../trace/tokenTrace';
import { ablationsView } from './ablationsView';
import { circuitView } from './circuitView';
import { nowOf } from './now';
import type { SessionParts } from './parts';
import { predictionView } from './predictionView';
import type { CircuitWanted } from './source';
import { observedAfter, type Asked, type Target } from './subject';

export class Answers {
  constructor(private readonly parts: SessionParts) {}

  /** The prediction without ablations. */
  before({ snapshot, reader }: Asked, signal: AbortSignal): Promise<TokenTrace> {
    return this.parts.traces.trace({ snapshot, token: reader, interventions: [] }, signal);
  }

  /** The prediction without and with the ablations: one pass of the model each, unless it is known. */
  async prediction(question: Asked, target: Target, signal: AbortSignal): Promise<Prediction> {
    const { snapshot, reader } = question;
    const interventions = this.interventions(question);
    const before = await this.before(question, signal);
    const now =
      interventions.length === 0
        ? before
        : await this.parts.traces.trace({ snapshot, token: reader, interventions }, signal);
    const observed = observedAfter(question);
    const ablations = interventions.length;
    return predictionView(snapshot, { before, now, target, observed, ablations });
  }

  /** The circuit, without the ablations. */
  async circuit(question: Asked, wanted: CircuitWanted): Promise<Circuit> {
    const circuit = await this.parts.source.circuit(question, wanted);
    return circuitView(circuit, question.snapshot, wanted.kind);
  }

  /** Activations of a circuit under the ablations by id, by the pass that the prediction came from. */
  async now(
    question: Asked,
    circuit: Circuit,
    signal: AbortSignal,
  ): Promise<Record<string, number>> {
    const interventions = this.interventions(question);
    if (interventions.length === 0) return {};
    return nowOf(circuit, await this.parts.source.whole(question, interventions, signal), question);
  }

  /** The ablations that act on a prediction. */
  interventions({ snapshot }: Asked): readonly Intervention[] {
    return this.parts.store.active(snapshot);
  }

  /** The ablations of the workspace, as seen from a prediction where there is one. */
  ablations(question: Asked | null): Ablations {
    const { store, models } = this.parts;
    const info = models.state.kind === 'ready' ? models.state.info : null;
    return ablationsView(store, { info, snapshot: question?.snapshot ?? null });
  }

  /** Labels of the nodes of the model; those that are still in its file are told when they are there. */
  labels({ snapshot: { info } }: Asked): Record<string, string> {
    const { labels } = this.parts;
    void labels.load(info);
    return Object.fromEntries(labels.of(info));
  }
}
