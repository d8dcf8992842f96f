/** Messages between a runtime and its worker: each method's parameters and result, tied together. */
import type { Labels } from '../bundles/labels';
import type { TokenCircuit } from '../circuits/token/circuit';
import type { Encoding } from '../tokenizer/tokenizer';
import type { AttentionPattern, AttentionRequest } from './attention';
import type { CheckCircuitRequest } from './checkCircuit';
import type { CheckInterventionsRequest } from './checkInterventions';
import type { CircuitRequest } from './circuit';
import type { Concepts, ConceptsRequest } from './concepts';
import type { Effects, EffectsRequest } from './effects';
import type { BundleInfo } from '../inference/engine';
import type { Sentence } from '../labels/explain/sentence';
import type { CircuitStory } from '../labels/explain/circuit';
import type { ExplainRequest } from './explain';
import type { ExplainCircuitRequest } from './explainCircuit';
import type { Facts, FactsRequest } from './facts';
import type { Activations, ActivationsRequest, ScanRequest, Surprisal } from './scan';
import type { LabelPlaces, LabelPlacesRequest } from './labelPlaces';
import type { Lens, LensRequest } from './lens';
import type { EngineChoice } from '../engines/engineChoice';
import type {
  BridgeNodes,
  BridgeNodesRequest,
  SteerControlsRequest,
  SteeredCurve,
  SteeringControls,
  SteerRequest,
} from './steer';
import type { Trace, TraceRequest } from '../inference/trace';
import type { WeightEffect, WeightRequest } from './weight';

/** What a worker is started with. */
export interface WorkerOptions {
  readonly bundleDir: string;
  /** Folder of the shipped bundles, where a dense model may be; null for none. */
  readonly bundlesDir: string | null;
  readonly threads: number;
  readonly engine: EngineChoice;
  /** The bundle must be this one; null takes any. */
  readonly expectedHash: string | null;
}

/** Every method: what it takes and what it gives. */
export interface Methods {
  info: { params: null; result: BundleInfo };
  tokens: { params: { readonly text: string }; result: Encoding };
  trace: { params: TraceRequest; result: Trace };
  effects: { params: EffectsRequest; result: Effects };
  circuit: { params: CircuitRequest; result: TokenCircuit };
  attention: { params: AttentionRequest; result: AttentionPattern };
  lens: { params: LensRequest; result: Lens };
  weight: { params: WeightRequest; result: WeightEffect };
  explain: { params: ExplainRequest; result: Sentence[] };
  explainCircuit: { params: ExplainCircuitRequest; result: CircuitStory };
  checkCircuit: { params: CheckCircuitRequest; result: null };
  checkInterventions: { params: CheckInterventionsRequest; result: null };
  concepts: { params: ConceptsRequest; result: Concepts };
  facts: { params: FactsRequest; result: Facts };
  labels: { params: null; result: Labels | null };
  labelPlaces: { params: LabelPlacesRequest; result: LabelPlaces | null };
  surprisal: { params: ScanRequest; result: Surprisal };
  activations: { params: ActivationsRequest; result: Activations };
  steer: { params: SteerRequest; result: SteeredCurve };
  steerControls: { params: SteerControlsRequest; result: SteeringControls };
  bridgeNodes: { params: BridgeNodesRequest; result: BridgeNodes };
}
export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]['params'];
export type Result<M extends Method> = Methods[M]['result'];

/** A call of a method. */
export type Call<M extends Method = Method> = {
  [K in M]: { readonly method: K; readonly params: Params<K> };
}[M];

/** To the worker. */
export type Request =
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  | { readonly type: 'cancel'; readonly id: number }
  /** Free the model and end. */
  | { readonly type: 'close' };

/** From the worker. A call gets any number of `progress`, then one `result` or `error`; none after `failed`. */
export type Reply =
  | { readonly type: 'result'; readonly id: number; readonly result: Result<Method> }
  /** One line that says what happened and what to do. */
  | { readonly type: 'error'; readonly id: number; readonly message: string }
  /** A line for the log. */
  | { readonly type: 'note'; readonly line: string }
  /** The thread cannot go on, and ends when it has freed the model. */
  | { readonly type: 'failed'; readonly message: string }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly done: number;
      readonly total: number;
    };
