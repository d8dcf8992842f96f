/** Steering the dense model beside a bridged one, and which nodes explain a difference of it. */
import { noBridges } from '../bundles/partner';
import { nodesOfConcept } from '../labels/byConcept';
import { denseChannels, explain, randomNodes, type Steered } from '../steering/controls';
import { steerable, type SteerableModel } from '../steering/models';
import { Steering, type SteeringControl } from '../steering/steering';
import { noneOfConcept } from '../steering/texts';
import type { Control, Engine } from '../inference/engine';
import type { Position } from '../inference/textTokens';
import { trace } from '../inference/trace';
import { labelsOf } from './concepts';

/**
 * A text, the place in it after which is predicted, and another text, which ends at that place and says
 * how nodes would be.
 */
interface TwoTexts {
  readonly text: string;
  readonly other: string;
  readonly position: Position;
}

export interface SteerRequest extends TwoTexts {
  readonly node: string;
  /** From 0 to 1. */
  readonly strengths: readonly number[];
}

/** What the dense model predicts; log-probabilities in nats [vocab]. */
export interface SteeredCurve {
  /** The token that it finds likeliest in the other text. */
  readonly wanted: number;
  readonly given: Float32Array;
  readonly other: Float32Array;
  /** By strength. */
  readonly curve: readonly Float32Array[];
}

/** Controls of a node, each with the probability of the wanted token at full strength. */
export interface SteeringControls {
  readonly randomNodes: readonly SteeredShare[];
  readonly denseChannels: readonly SteeredShare[];
}

export interface SteeredShare {
  readonly name: string;
  readonly probability: number;
}

export interface SteerControlsRequest extends TwoTexts {
  readonly node: string;
  /** Of the random nodes. */
  readonly seed: number;
}

export interface BridgeNodesRequest extends TwoTexts {
  /** Nodes that are measured: those that change the dense model's residual stream most. */
  readonly measure: number;
  /** Of the nodes whose label names it; of all nodes without. */
  readonly concept?: string | null;
}

/** Nodes that bring the dense model to what it finds likeliest in the other text, the best first. */
export interface BridgeNodes {
  readonly wanted: number;
  /** Probability of the wanted token without any node's change. */
  readonly shareWithout: number;
  readonly nodes: readonly SteeredShare[];
  /** Number of nodes that differ between the texts. */
  readonly differing: number;
}

/** What the dense model predicts with a node's change added at each strength. */
export async function steer(
  engine: Engine,
  { node, strengths, ...texts }: SteerRequest,
  control: Control,
): Promise<SteeredCurve> {
  const steering = await open(engine, texts, control);
  const curve = await steering.curve(node, strengths, controlOf(control));
  const { wanted, predictions } = steering;
  return { wanted, given: predictions.given.slice(), other: predictions.other.slice(), curve };
}

/** Random nodes and the dense model's own channels in a node's place. */
export async function steerControls(
  engine: Engine,
  { node, seed, ...texts }: SteerControlsRequest,
  control: Control,
): Promise<SteeringControls> {
  const steering = await open(engine, texts, control);
  const shares = sharesOf(steering.wanted);
  return {
    randomNodes: shares(await randomNodes(steering, node, seed, controlOf(control))),
    denseChannels: shares(await denseChannels(steering, node, controlOf(control))),
  };
}

/**
 * Which nodes explain what differs for the dense model.
 * @throws one line when no node of the concept can steer and differs between the texts
 */
export async function bridgeNodes(
  engine: Engine,
  { measure, concept = null, ...texts }: BridgeNodesRequest,
  control: Control,
): Promise<BridgeNodes> {
  const among =
    concept === null
      ? undefined
      : new Set(nodesOfConcept(labelsOf(engine), concept).map(({ node }) => node));
  const steering = await open(engine, texts, control);
  const { wanted, predictions } = steering;
  const { nodes, of: differing } = await explain(steering, measure, controlOf(control), among);
  if (concept !== null && differing === 0) throw noneOfConcept(concept);
  const shareWithout = Math.exp(predictions.given[wanted]);
  return { wanted, shareWithout, differing, nodes: sharesOf(wanted)(nodes) };
}

async function open(
  engine: Engine,
  { text, other, position }: TwoTexts,
  { pause }: Control,
): Promise<Steering> {
  const { bridges, info } = engine;
  if (!bridges) throw noBridges(info.name);
  const models = {
    ...{ sparse: asModel(engine, pause), dense: asModel(await engine.dense(), pause) },
    bridges: bridges.weights,
  };
  return await Steering.open(models, { given: text, other, at: position, isCut: true });
}

/** The probability of a token, the largest first. */
const sharesOf = (token: number) => (steered: readonly Steered[]) =>
  steered
    .map(({ name, logprobs }) => ({ name, probability: Math.exp(logprobs[token]) }))
    .sort((a, b) => b.probability - a.probability);

function asModel(engine: Engine, pause: Control['pause']): SteerableModel {
  return steerable(
    {
      info: engine.info,
      tokens: async (text) => {
        await engine.readTokens(text, pause);
        const tokens = engine.tokensOf(text);
        return tokens.slice({ start: 0, end: tokens.count });
      },
      trace: (text, position, { interventions = [], whole = false }) =>
        trace(engine, { text, position, interventions, whole }),
    },
    { weights: engine.edges.weights, means: engine.means },
  );
}

function controlOf({ progress, pause }: Control): SteeringControl {
  return { onProgress: progress, pause };
}
