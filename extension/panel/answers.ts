/** What is said of a prediction: how likely its tokens are, its circuit, and both under the ablations. */
import { countAblations } from '../../shared/ablations';
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { Intervention } from '../../models/inference/interventions';
import type { Ablations, Circuit, Prediction, Story } from '../../webview/protocol';
import type { TokenTrace } from '../trace/tokenTrace';
import { ablationsView } from './ablationsView';
import { circuitView } from './circuitView';
import { nowOf } from './now';
import { circuitOf, type RecordedCircuit } from './recorded';
import type { SessionParts } from './parts';
import { predictionView } from './predictionView';
import type { DrawnCircuit } from './drawn';
import type { HowMeasured } from './source';
import type { Asked } from './asked';
import { observedAfter, type Current } from './subject';
import { storyView } from './storyView';
import { taskCircuitView } from './taskView';

/** Nodes of a task's circuit that are ablated one by one, each at every token. */
const MOST_MEASURED = 300;
/** Nodes of which it is told what they are about. */
const MOST_MEANINGS = 150;

/** Whether an exported circuit was measured as it is asked for now: of these tokens, in this way. */
function isAsRecorded(
  current: Current,
): current is Current & { readonly recorded: RecordedCircuit } {
  const { recorded, target, kind, other } = current;
  return (
    recorded !== null &&
    recorded.target.id === target.id &&
    recorded.target.contrast === target.contrast &&
    recorded.other === (other?.snapshot.source.text ?? null) &&
    JSON.stringify(recorded.kind) === JSON.stringify(kind)
  );
}

export class Answers {
  /** The circuits of predictions that views were made of. */
  private readonly told = new WeakMap<Circuit, TokenCircuit>();

  constructor(private readonly parts: SessionParts) {}

  /** The prediction without ablations. */
  before(
    { snapshot, reader }: Pick<Asked, 'snapshot' | 'reader'>,
    signal: AbortSignal,
  ): Promise<TokenTrace> {
    return this.parts.traces.trace({ snapshot, token: reader, interventions: [] }, signal);
  }

  /** The prediction without and with the ablations, and of the other text: one pass of the model each, unless it is known. */
  async prediction(current: Current, signal: AbortSignal): Promise<Prediction> {
    const { question, target, other } = current;
    const { snapshot, reader } = question;
    const interventions = this.interventions(question);
    const before = await this.before(question, signal);
    const ablated =
      interventions.length === 0
        ? null
        : await this.parts.traces.trace({ snapshot, token: reader, interventions }, signal);
    const observed = observedAfter(question);
    const inForce = countAblations(interventions);
    const known = { before, target, observed, inForce };
    if (!other)
      return predictionView(question, { ...known, now: ablated ?? before, compared: false });
    const now = await this.before(other, signal);
    return predictionView(question, { ...known, now, ablated, compared: true });
  }

  /** The circuit, without the ablations: the prediction's own, or the task's that is drawn. */
  async circuit(current: Current, how: HowMeasured): Promise<Circuit> {
    const { question, target, kind, drawn } = current;
    if (drawn) return await this.task(current, drawn.circuit, how);
    if (isAsRecorded(current)) return await this.asRecorded(current, how.signal);
    const { other } = current;
    const circuit = await this.parts.source.circuit(question, { target, kind, other, ...how });
    const view = circuitView(circuit, question.snapshot, kind);
    // What it tells is what ablations do.
    if (how.measure && !other) this.told.set(view, circuit);
    return view;
  }

  private async asRecorded(
    { question, recorded }: Current & { readonly recorded: RecordedCircuit },
    signal: AbortSignal,
  ): Promise<Circuit> {
    const { logprobs } = await this.before(question, signal);
    const circuit = circuitOf(recorded, logprobs);
    const view = circuitView(circuit, question.snapshot, recorded.kind);
    if (recorded.other === null) this.told.set(view, circuit);
    return view;
  }

  /** Why the model expects the token, from its measured circuit; null of a task's. */
  async story(question: Asked, view: Circuit, signal: AbortSignal): Promise<Story | null> {
    const circuit = this.told.get(view);
    if (!circuit) return null;
    const { info } = question.snapshot;
    const sentences = await this.parts.source.story(question, circuit, signal);
    return storyView(sentences, info.config);
  }

  private async task(
    { question, target }: Current,
    circuit: DrawnCircuit,
    { measure, signal, onProgress }: HowMeasured,
  ): Promise<Circuit> {
    const trace = await this.before(question, signal);
    const nodes = [...new Set([...circuit.core, ...circuit.backups])];
    const kind = { kind: circuit.ablation };
    const effects =
      measure && nodes.length <= MOST_MEASURED
        ? await this.parts.source.effects(question, nodes, { target, kind, signal, onProgress })
        : new Map<string, number>();
    const { config } = question.snapshot.info;
    return taskCircuitView(circuit, { token: question.reader, trace, effects }, config);
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

  /** What the nodes that matter most are about, by name. */
  async meanings(
    { snapshot: { info } }: Asked,
    { nodes }: Circuit,
    signal: AbortSignal,
  ): Promise<Record<string, string>> {
    const channels = nodes
      .flatMap(({ node, activation, effect }) =>
        node === null ? [] : [{ node, activation, size: Math.abs(effect ?? 0) }],
      )
      .sort((a, b) => b.size - a.size)
      .slice(0, MOST_MEANINGS);
    return Object.fromEntries(await this.parts.meanings.of(info, channels, signal));
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
