/** What the panel asks of the model, beyond traces. */
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { AttentionPattern } from '../../models/runtime/attention';
import type { Intervention } from '../../models/runtime/interventions';
import type { Trace } from '../../models/runtime/trace';
import type { Models } from '../model/models';
import type { TokenTrace } from '../trace/tokenTrace';
import type { NodeKnowledge } from './cardView';
import type { Measured } from './circuitView';
import { factsView } from './factsView';
import { headOf } from './nodeText';
import type { Asked } from './subject';

/** Nodes that are ablated one by one, and of them those that the panel gets to choose from. */
const NODES_MEASURED = 400;
const NODES_SENT = 300;
/** Length of a card's lists. */
const FACTS = 12;

export type OnProgress = (done: number, total: number) => void;

/** How a circuit is wanted. */
export interface CircuitWanted {
  readonly target: number;
  readonly measured: Measured;
  /** Without, the circuit is there at once, by estimates. */
  readonly measure: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress;
}

export class CircuitSource {
  constructor(private readonly models: Models) {}

  /** The circuit of a prediction, without ablations. */
  circuit({ snapshot, reader }: Asked, wanted: CircuitWanted): Promise<TokenCircuit> {
    const { target, measured, measure, signal, onProgress } = wanted;
    return this.models.useModel('circuit', snapshot.info, (runtime) =>
      runtime.circuit(
        snapshot.source.text,
        { token: reader },
        {
          ...{ ablation: measured.kind, target, threshold: 0, top: NODES_SENT },
          ...{ measure: measure ? NODES_MEASURED : 0, signal, onProgress },
        },
      ),
    );
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

  /**
   * What is known of a node whatever the document.
   * @param trace of the token at which nodes that are read count as active
   */
  async knowledge(
    { snapshot }: Asked,
    node: string,
    trace: TokenTrace,
    signal: AbortSignal,
  ): Promise<NodeKnowledge> {
    const facts = await this.models.useModel('facts', snapshot.info, (runtime) =>
      runtime.facts(node, FACTS, { signal }),
    );
    return {
      ...factsView(facts, snapshot, trace),
      head: headOf(node, snapshot.info.config),
    };
  }
}
