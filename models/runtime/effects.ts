/** Effects of nodes on a prediction: each node is ablated and the model run again, in batches. */
import { siteWidth } from '../transformer/config';
import { allSites, nodeName, parseNode, siteName } from '../transformer/nodes';
import type { Control, Engine } from './engine';
import { compileInterventions, type Ablation, type Intervention } from './interventions';
import { LOGPROBS } from '../transformer/graphs';
import type { Position } from './textTokens';
import { activeNodes } from './trace';
import { everywhere, onlyHere, type Prefix, type SiteNodes } from './variants';
import { wholePass, type WholePass } from './wholePass';

export interface EffectsRequest {
  readonly text: string;
  readonly position: Position;
  /** What is done to each node in turn. */
  readonly ablation: Ablation;
  /** At every position up to the token, or only at the token. */
  readonly positions: 'all' | 'here';
  /** Token whose log-probability counts; by default the next one, at the text's end the likeliest. */
  readonly target?: number;
  /** Node names; by default every node that is active at the token. */
  readonly nodes?: readonly string[];
  /** In force all the while; a node's ablation acts on what they leave. */
  readonly interventions: readonly Intervention[];
}

/** Effects by decreasing magnitude. */
export interface Effects {
  /** Hash of the bundle. */
  readonly bundle: string;
  readonly target: number;
  /** Log-probability (nats) of the target with no node ablated. */
  readonly logprob: number;
  /** Node names. */
  readonly nodes: readonly string[];
  /** Activation of each node at the token, [node]. */
  readonly activations: Float32Array;
  /** Log-probability of the target with the node ablated minus that without (nats), [node]. */
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
  const prefix: Prefix = { tokens: tokens.ids(range), edits };
  const pass = await wholePass(engine, tokens, window, request.interventions);
  const before = unablated(engine, pass, position - window.start, request.nodes);
  const observed = position + 1 < tokens.count ? tokens.id(position + 1) : undefined;
  const target = request.target ?? observed ?? likeliest(before.logprobs);
  if (!Number.isInteger(target) || target < 0 || target >= engine.config.vocab) {
    throw new Error(`target ${target} is no token; give 0 to ${engine.config.vocab - 1}`);
  }
  const variants =
    request.positions === 'here'
      ? await onlyHere(engine, prefix, request.ablation, target, pass)
      : everywhere(engine, prefix, request.ablation, target);
  const total = before.sites.reduce((sum, { indices }) => sum + indices.length, 0);
  const found: { node: string; activation: number; effect: number }[] = [];
  for (const site of before.sites) {
    for (const part of batches(site, variants.size)) {
      await control.pause();
      const logprobs = await variants.run(part);
      part.indices.forEach((index, i) => {
        const { layer, site } = part;
        const effect = logprobs[i] - before.logprobs[target];
        found.push({ node: nodeName({ layer, site, index }), activation: part.values[i], effect });
      });
      control.progress(found.length, total);
    }
  }
  found.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  return {
    bundle: engine.info.hash,
    target,
    logprob: before.logprobs[target],
    nodes: found.map(({ node }) => node),
    activations: Float32Array.from(found, ({ activation }) => activation),
    effects: Float32Array.from(found, ({ effect }) => effect),
  };
}

/** The prediction with no node ablated [vocab], and the nodes to ablate with their activations. */
function unablated(
  { config }: Engine,
  pass: WholePass,
  row: number,
  names: readonly string[] | undefined,
) {
  const chosen = names?.map((name) => parseNode(name, config));
  const rowOf = (name: string, width: number) =>
    pass.get(name)!.subarray(row * width, (row + 1) * width);
  const sites = allSites(config).map(({ layer, site, name }): SiteNodes => {
    const values = rowOf(name, siteWidth(config, site));
    if (!chosen) return { ...activeNodes(name, values), layer, site, name };
    const own = chosen.filter((node) => siteName(node.layer, node.site) === name);
    const indices = Int32Array.from(new Set(own.map(({ index }) => index)));
    return { layer, site, name, indices, values: Float32Array.from(indices, (i) => values[i]) };
  });
  return { logprobs: rowOf(LOGPROBS, config.vocab), sites };
}

/** Parts of a site's nodes, each as many as fit into a pass. */
function batches(site: SiteNodes, size: number): SiteNodes[] {
  const count = Math.ceil(site.indices.length / size);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * size, (i + 1) * size];
    const { indices, values } = site;
    return { ...site, indices: indices.subarray(from, to), values: values.subarray(from, to) };
  });
}

function likeliest(logprobs: Float32Array): number {
  return logprobs.reduce((best, value, id) => (value > logprobs[best] ? id : best), 0);
}
