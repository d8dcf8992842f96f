/** What the panel asks of the model, beyond traces. */
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import type { Intervention } from '../../models/runtime/interventions';
import type { Runtime } from '../../models/runtime/runtime';
import type { Trace } from '../../models/runtime/trace';
import { parseNode } from '../../models/transformer/nodes';
import { abortError } from '../cancel';
import type { Models } from '../model/models';
import type { Snapshot } from '../trace/documents';
import type { NodeFacts } from './cardView';
import type { Measured } from './circuitView';
import type { Asked } from './subject';

export type OnProgress = (done: number, total: number) => void;

export class CircuitSource {
  constructor(private readonly models: Models) {}

  /** The circuit of a prediction, without ablations. */
  async circuit(
    { snapshot, reader }: Asked,
    target: number,
    { kind }: Measured,
    signal: AbortSignal,
    onProgress: OnProgress,
  ): Promise<TokenCircuit> {
    const made = await this.run('circuit', snapshot, (runtime) =>
      runtime.effects(
        snapshot.source.text,
        { token: reader },
        { ablation: kind, positions: 'here', target, signal, onProgress },
      ),
    );
    const nodes = made.nodes.map((node, i) => ({
      ...{
        node,
        token: reader,
        activation: made.activations[i],
        effect: made.effects[i],
        estimate: 0,
      },
    }));
    return {
      bundle: made.bundle,
      position: reader,
      window: { start: 0, end: reader + 1 },
      target: { id: target, contrast: null },
      value: made.logprob,
      nodes,
      edges: [],
      inputs: [],
      outputs: [{ id: target, node: `logit.${target}`, logprob: made.logprob }],
      hidden: { nodes: 0, measured: 0 },
    };
  }

  /** Every activation of the reader's window under some ablations. */
  whole(
    { snapshot, reader }: Asked,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<Trace> {
    const options = { interventions, signal, whole: true };
    return this.run('trace', snapshot, (runtime) =>
      runtime.trace(snapshot.source.text, { token: reader }, options),
    );
  }

  /** What is known of a node whatever the document. */
  facts({ snapshot }: Asked, node: string, _signal: AbortSignal): Promise<NodeFacts> {
    const { config } = snapshot.info;
    const { layer, site, index } = parseNode(node, config);
    const inHead = site === 'attn.q' || site === 'attn.k' || site === 'attn.v';
    return Promise.resolve({
      ...{ name: null, mean: null, reads: [], writes: [], promotes: [], suppresses: [] },
      heldOut: { positive: [], negative: [] },
      head: inHead ? { layer, head: Math.floor(index / config.dHead) } : null,
    });
  }

  private run<T>(
    what: string,
    snapshot: Snapshot,
    request: (runtime: Runtime) => Promise<T>,
  ): Promise<T> {
    return this.models.use(what, (runtime) => {
      // Another model has other tokens; the panel will ask again.
      if (runtime.info.hash !== snapshot.info.hash) return Promise.reject(abortError());
      return request(runtime);
    });
  }
}
