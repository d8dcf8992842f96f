/** What the panel asks of the model, beyond traces. */
import { t } from '../../shared/l10n';
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { Sentence } from '../../models/labels/explain/sentence';
import type { AttentionPattern } from '../../models/runtime/attention';
import type { Facts } from '../../models/runtime/facts';
import type { Intervention } from '../../models/inference/interventions';
import type {
  BridgeNodes,
  BridgeNodesRequest,
  SteeredCurve,
  SteeringControls,
} from '../../models/runtime/steer';
import type { Lens } from '../../models/runtime/lens';
import type { Trace } from '../../models/inference/trace';
import type { WeightEffect } from '../../models/runtime/weight';
import type { Kind } from '../../webview/protocol';
import type { Models } from '../model/models';
import type { OtherText } from './otherText';
import type { Asked, Target } from './asked';

/** Nodes that are ablated one by one, and of them those that the panel gets to choose from. */
const NODES_MEASURED = 400;
const NODES_SENT = 300;
/** Length of a card's lists. */
const FACTS = 12;

/** Whether effects are measured, and who hears of it. */
export interface HowMeasured {
  /** Without, the circuit is there at once, by estimates. */
  readonly measure: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** How a circuit is wanted. */
export interface CircuitWanted extends HowMeasured {
  readonly target: Target;
  /** What is done to a node to measure its effect. */
  readonly kind: Kind;
  /** Another text, whose activations are put into this one in the place of the ablation. */
  readonly other?: OtherText | null;
}

export class CircuitSource {
  constructor(private readonly models: Models) {}

  /** The circuit of a prediction, without ablations. */
  circuit({ snapshot, reader }: Asked, wanted: CircuitWanted): Promise<TokenCircuit> {
    const { target, kind, other, measure, signal, onProgress } = wanted;
    return this.models.useModel('circuit', snapshot.info, (runtime) =>
      runtime.circuit(
        snapshot.source.text,
        { token: reader },
        {
          ...{ ablation: kind, target: target.id, threshold: 0, top: NODES_SENT },
          ...(target.contrast === null ? {} : { contrast: target.contrast }),
          ...(other && {
            other: { text: other.snapshot.source.text, position: { token: other.reader } },
          }),
          ...{ measure: measure ? NODES_MEASURED : 0, signal, onProgress },
        },
      ),
    );
  }

  /** Why the model expects the token, from its circuit. */
  story({ snapshot }: Asked, circuit: TokenCircuit, signal: AbortSignal): Promise<Sentence[]> {
    return this.models.useModel('explain', snapshot.info, (runtime) =>
      runtime.explain(snapshot.source.text, circuit, { signal }),
    );
  }

  /** Effects (nats) by name of ablating each of some nodes at every token. */
  async effects(
    { snapshot, reader }: Asked,
    nodes: readonly string[],
    { target, kind, signal, onProgress }: Omit<CircuitWanted, 'measure'>,
  ): Promise<Map<string, number>> {
    const { nodes: names, effects } = await this.models.useModel(
      'effects',
      snapshot.info,
      (runtime) =>
        runtime.effects(
          snapshot.source.text,
          { token: reader },
          {
            ...{ ablation: kind, positions: 'all', nodes, target: target.id, signal, onProgress },
            ...(target.contrast === null ? {} : { contrast: target.contrast }),
          },
        ),
    );
    return new Map(names.map((name, i) => [name, effects[i]]));
  }

  /** Every activation of the reader's window under some ablations. */
  whole(
    { snapshot, reader }: Asked,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<Trace> {
    const options = { interventions, signal, whole: true };
    return this.models.useModel('trace', snapshot.info, (runtime) =>
      runtime.trace(snapshot.source.text, { token: reader }, options),
    );
  }

  /** Attention of one head over the reader's window. */
  attention(
    { snapshot, reader }: Asked,
    head: { readonly layer: number; readonly head: number },
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<AttentionPattern> {
    const options = { interventions, signal };
    return this.models.useModel('attention', snapshot.info, (runtime) =>
      runtime.attention(snapshot.source.text, { token: reader }, head, options),
    );
  }

  /** What the residual stream at the reader would predict after each layer, and where a token ranks. */
  lens(
    { snapshot, reader }: Asked,
    target: number,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<Lens> {
    return this.models.useModel('lens', snapshot.info, (runtime) =>
      runtime.lens(snapshot.source.text, { token: reader }, { target, interventions, signal }),
    );
  }

  /** What the dense model predicts with a node's change between two texts added. */
  steer(
    { snapshot, reader }: Asked,
    other: string,
    node: string,
    strengths: readonly number[],
    signal: AbortSignal,
  ): Promise<SteeredCurve> {
    const { text } = snapshot.source;
    return this.models.useModel('steer', snapshot.info, (runtime) =>
      runtime.steer({ text, other, position: { token: reader }, node, strengths, signal }),
    );
  }

  /** Controls of a node: random nodes, and the dense model's own channels. */
  steerControls(
    { snapshot, reader }: Asked,
    other: string,
    node: string,
    signal: AbortSignal,
  ): Promise<SteeringControls> {
    const { text } = snapshot.source;
    return this.models.useModel('steer controls', snapshot.info, (runtime) =>
      runtime.steerControls({ text, other, position: { token: reader }, node, seed: 1, signal }),
    );
  }

  /** Which nodes, of a concept or of all, make the difference between two texts for the dense model. */
  bridgeNodes(
    { snapshot, reader }: Asked,
    other: string,
    how: Pick<BridgeNodesRequest, 'measure' | 'concept'>,
    signal: AbortSignal,
  ): Promise<BridgeNodes> {
    const { text } = snapshot.source;
    return this.models.useModel('bridge nodes', snapshot.info, (runtime) =>
      runtime.bridgeNodes({ text, other, position: { token: reader }, ...how, signal }),
    );
  }

  /** Concepts that labels of the model's nodes name; the model must have labels. */
  async concepts({ snapshot }: Asked): Promise<string[]> {
    const { concepts } = await this.models.useModel('concepts', snapshot.info, (runtime) =>
      runtime.concepts(null),
    );
    return concepts.map(({ concept }) => concept);
  }

  /** What the weight between two nodes does to the prediction, taken out at a token and everywhere. */
  weight(
    { snapshot, reader }: Asked,
    { id, contrast }: Target,
    of: { readonly from: string; readonly to: string; readonly token: number },
    signal: AbortSignal,
  ): Promise<WeightEffect> {
    const target = { target: id, ...(contrast === null ? {} : { contrast }) };
    return this.models.useModel('weight', snapshot.info, (runtime) =>
      runtime.weight(snapshot.source.text, { token: reader }, { ...of, ...target }, { signal }),
    );
  }

  /** @throws one line when no weight leads from one node to another */
  checkWeight({ snapshot }: Asked, from: string, to: string): Promise<void> {
    return this.models.useModel('interventions', snapshot.info, (runtime) =>
      runtime.checkInterventions([{ nodes: [from], into: to }], t('the weight')),
    );
  }

  /** What is known of a node whatever the document. */
  facts({ snapshot }: Asked, node: string, signal: AbortSignal): Promise<Facts> {
    return this.models.useModel('facts', snapshot.info, (runtime) =>
      runtime.facts(node, FACTS, { signal }),
    );
  }
}
