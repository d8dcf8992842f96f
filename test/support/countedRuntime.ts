/** A model on this thread in the shape of a runtime on another, its passes counted. */
import { circuit } from '../../models/runtime/circuit';
import { attention } from '../../models/runtime/attention';
import { Engine } from '../../models/inference/engine';
import { explain } from '../../models/runtime/explain';
import { facts } from '../../models/runtime/facts';
import type { Runtime } from '../../models/runtime/runtime';
import { activations } from '../../models/runtime/scan';
import { trace } from '../../models/inference/trace';

/** What the panel asks for. */
type Asked = Pick<
  Runtime,
  | 'info'
  | 'tokens'
  | 'trace'
  | 'circuit'
  | 'explain'
  | 'attention'
  | 'facts'
  | 'activations'
  | 'close'
>;

/** A runtime, and how often ONNX Runtime was called for a pass over a window. */
export interface CountedRuntime {
  readonly runtime: Runtime;
  readonly forwards: () => number;
}

/** Opens a bundle on this thread. */
export async function countedRuntime(bundleDir: string, threads = 1): Promise<CountedRuntime> {
  const engine = await Engine.open(bundleDir, threads);
  let forwards = 0;
  const run = engine.model.run.bind(engine.model);
  engine.model.run = (...passes) => {
    forwards++;
    return run(...passes);
  };
  const control = {
    progress: () => undefined,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  const runtime: Asked = {
    info: engine.info,
    tokens: (text) => {
      const tokens = engine.tokensOf(text);
      return Promise.resolve(tokens.slice({ start: 0, end: tokens.count }));
    },
    trace: (text, position, { interventions = [], whole = false } = {}) =>
      trace(engine, { text, position, interventions, whole }),
    circuit: (text, position, { interventions = [], ...rest }) =>
      circuit(engine, { text, position, interventions, ...rest }, control),
    explain: (text, circuit, { interventions = [] } = {}) =>
      explain(engine, { text, circuit, interventions }),
    attention: (text, position, head, { interventions = [] } = {}) =>
      attention(engine, { text, position, interventions, ...head }),
    facts: (node, count) => Promise.resolve(facts(engine, { node, count })),
    activations: (text, nodes, { interventions = [], range = { start: 0, end: 1 } } = {}) =>
      activations(engine, { text, nodes, interventions, range }, control),
    close: () => engine.model.release(),
  };
  return { runtime: runtime as Runtime, forwards: () => forwards };
}
