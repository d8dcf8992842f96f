/** Effects of nodes on a prediction: each node is ablated and the model run again, in batches. */
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { nodeName, parseNode, searchedSites, siteName, type NodeId } from '../transformer/nodes';
import { compileEdges } from '../inference/edgeEdits';
import type { Control, Engine, WholePass } from '../inference/engine';
import { rankNodes } from './estimates';
import {
  ablating,
  alters,
  changeOf,
  compileInterventions,
  type Ablation,
  type Intervention,
} from '../inference/interventions';
import { LOGPROBS } from '../transformer/graphs';
import type { Prediction } from '../inference/slopes';
import { chooseTarget, targetValue, type TargetRequest } from '../inference/target';
import type { Position } from '../inference/textTokens';
import { everywhere, onlyAt, type Prefix } from './variants';
import { rowOf, wholePass } from '../inference/wholePass';

export interface EffectsRequest extends TargetRequest {
  readonly text: string;
  readonly position: Position;
  /** What is done to each node in turn. */
  readonly ablation: Ablation;
  /** At every position up to the token, or only at the token. */
  readonly positions: 'all' | 'here';
  /** Node names; by default every node whose activation the ablation changes, active or not. */
  readonly nodes?: readonly string[];
  /** Of these only so many: those that an estimate, one gradient pass, ranks first. */
  readonly top?: number;
  /** In force all the while; a node's ablation acts on what they leave. */
  readonly interventions: readonly Intervention[];
}

/** Effects by decreasing magnitude. */
export interface Effects {
  /** Hash of the bundle. */
  readonly bundle: string;
  readonly target: number;
  readonly contrast: number | null;
  /** Log-probability (nats) of the target, less that of the contrast, with no node ablated. */
  readonly logprob: number;
  /** Nodes that the ablation changes, or that were asked for: the first of them, by rank, were ablated. */
  readonly count: number;
  /** Node names. */
  readonly nodes: readonly string[];
  /** Activation of each node at the token, [node]. */
  readonly activations: Float32Array;
  /** `logprob` with the node ablated minus that without (nats), [node]. */
  readonly effects: Float32Array;
}

/** Runs every node's ablation and returns the exact effects. */
export async function effects(
  engine: Engine,
  request: EffectsRequest,
  control: Control,
): Promise<Effects> {
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const window = tokens.window(position);
  // Later tokens cannot matter to the prediction.
  const range = { start: window.start, end: position + 1 };
  const edits = compileInterventions(request.interventions, engine, range);
  const edges = compileEdges(request.interventions, engine, range);
  const prefix: Prefix = { tokens: tokens.ids(range), edits, edges };
  const pass = await wholePass(engine, tokens, window, request.interventions);
  const row = position - window.start;
  const logprobs = rowOf(pass, LOGPROBS, row, engine.config.vocab);
  const target = chooseTarget(request, logprobs);
  const before = targetValue(target, logprobs);
  const measure = { change: ablating(engine, request.ablation), target };
  const variants =
    request.positions === 'here'
      ? await onlyAt(engine, prefix, row, measure, pass)
      : everywhere(engine, prefix, measure);
  const { nodes, count } = await chosenNodes(engine, request, { ...prefix, target }, pass, row);
  const without = (await variants.unablated()) ?? before;
  const found: { node: string; activation: number; effect: number }[] = [];
  const add = (node: NodeId, effect: number) => {
    const activation = activationOf(engine.config, pass, row, node);
    found.push({ node: nodeName(node), activation, effect });
  };
  const isAltered = altered(engine, pass, request, row);
  // What changes nothing has no effect, and no rounding of one.
  for (const node of nodes) if (!isAltered(node)) add(node, 0);
  const measured = nodes.filter(isAltered);
  for (let from = 0; from < measured.length; from += variants.size) {
    await control.pause();
    const part = measured.slice(from, from + variants.size);
    const values = await variants.run(part);
    for (const [i, node] of part.entries()) add(node, values[i] - without);
    control.progress(found.length, nodes.length);
  }
  found.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  return {
    bundle: engine.info.hash,
    target: target.id,
    contrast: target.contrast,
    logprob: before,
    count,
    nodes: found.map(({ node }) => node),
    activations: Float32Array.from(found, ({ activation }) => activation),
    effects: Float32Array.from(found, ({ effect }) => effect),
  };
}

/** The nodes that a request is about. */
async function chosenNodes(
  engine: Engine,
  request: EffectsRequest,
  prediction: Prediction,
  pass: WholePass,
  row: number,
): Promise<{ nodes: NodeId[]; count: number }> {
  const { top, ablation } = request;
  const nodes = request.nodes
    ? [...new Set(request.nodes)].map((name) => parseNode(name, engine.config))
    : alteredNodes(engine, pass, request, row);
  const count = nodes.length;
  if (request.nodes || top === undefined || count <= top) return { nodes, count };
  const from = request.positions === 'here' ? row : 0;
  const ranked = await rankNodes(engine, prediction, pass, ablation, nodes, from);
  return { nodes: ranked.slice(0, top), count };
}

function activationOf(
  config: TransformerConfig,
  pass: WholePass,
  row: number,
  node: NodeId,
): number {
  const { layer, site, index } = node;
  return pass.get(siteName(layer, site))![row * siteWidth(config, site) + index];
}

/** Nodes that the ablation changes at one of the tokens that it is made at, in the order of computation. */
function alteredNodes(
  engine: Engine,
  pass: WholePass,
  request: EffectsRequest,
  row: number,
): NodeId[] {
  const { config } = engine;
  const all = searchedSites(config).flatMap(({ layer, site }) =>
    Array.from({ length: siteWidth(config, site) }, (_, index) => ({ layer, site, index })),
  );
  return all.filter(altered(engine, pass, request, row));
}

/** Whether the ablation changes a node at one of the tokens that it is made at. */
function altered(
  { config, means }: Engine,
  pass: WholePass,
  { ablation, positions }: EffectsRequest,
  row: number,
): (node: NodeId) => boolean {
  const first = positions === 'here' ? row : 0;
  return ({ layer, site, index }) => {
    const name = siteName(layer, site);
    const width = siteWidth(config, site);
    const values = pass.get(name)!;
    const change = changeOf(ablation, means.get(name)![index]);
    for (let at = first; at <= row; at++) {
      if (alters(change, values[at * width + index])) return true;
    }
    return false;
  };
}
