/** What `circuitscope steer FILE` prints: the curve of a node with its controls, or which nodes explain. */
import type { BundleInfo } from '../inference/engine';
import {
  denseChannels,
  explain,
  randomNodes,
  wholeStreams,
  type Steered,
} from '../steering/controls';
import type { Steering } from '../steering/steering';
import { describeNode, parseNode } from '../transformer/nodes';
import { textOf, type TokenText } from '../inference/tokenText';
import { showProgress } from './command';
import { percent, signed, table } from './format';

/** Tokens whose probability is shown: the likeliest of each prediction. */
const TOKENS_EACH = 2;

interface TokenShare extends TokenText {
  id: number;
  probability: number;
}

interface Row {
  strength: number;
  tokens: TokenShare[];
}

/** A control at full strength: the wanted token's probability. */
interface Control {
  name: string;
  probability: number;
}

/** The JSON that the command prints. */
export interface Report {
  sparse: { name: string; hash: string };
  dense: { name: string; hash: string };
  position: number;
  /** The likeliest token of the other text, and its probability in both texts. */
  wanted: TokenText & { id: number; given: number; other: number };
  node?: string;
  curve?: Row[];
  /** Each with how large its change of the dense stream is, the node's being 1. */
  randomNodes?: (Control & { size: number })[];
  denseChannels?: Control[];
  explain?: Explained;
}

type Effect = Control & { effect: number };

/** Nodes by their effect (nats), and how many differ between the texts. */
interface Explained {
  of: number;
  nodes: Effect[];
  /** What the sparse model's whole stream does at the place where it does most. */
  whole: Effect;
}

/** Both models, the place, and the token that the other text makes likeliest. */
export function headOf(steering: Steering, sparse: BundleInfo, dense: BundleInfo) {
  const { wanted: id, predictions, position } = steering;
  const [given, other] = [predictions.given, predictions.other].map((row) => Math.exp(row[id]));
  const named = ({ name, hash }: BundleInfo) => ({ name, hash });
  const wanted = { id, ...textOf(dense, id), given, other };
  return { sparse: named(sparse), dense: named(dense), position, wanted };
}

/** The curve of a node, and what its controls do at full strength. */
export async function steered(
  steering: Steering,
  info: BundleInfo,
  node: string,
  strengths: readonly number[],
  seed: number,
): Promise<Partial<Report>> {
  const curve = await steering.curve(node, strengths);
  const { wanted, predictions } = steering;
  const shown = new Set([
    wanted,
    ...[predictions.given, ...curve].flatMap((row) => likeliest(row, TOKENS_EACH)),
  ]);
  const byProbability = <T extends Steered>(controls: readonly T[]) =>
    controls
      .map(({ logprobs, ...rest }) => ({ ...rest, probability: Math.exp(logprobs[wanted]) }))
      .sort((a, b) => b.probability - a.probability);
  return {
    node,
    curve: strengths.map((strength, i) => ({
      strength,
      tokens: [...shown].map((id) => ({
        ...{ id, ...textOf(info, id), probability: Math.exp(curve[i][id]) },
      })),
    })),
    randomNodes: byProbability(await randomNodes(steering, node, seed)),
    denseChannels: byProbability(
      await denseChannels(steering, node, {
        onProgress: (done, total) => {
          showProgress('channels:', done, total);
        },
      }),
    ),
  };
}

/** Which nodes, each alone, bring the dense model to what it predicts of the other text. */
export async function explained(steering: Steering, count: number): Promise<Explained> {
  const { wanted, predictions } = steering;
  const { nodes, of } = await explain(steering, count, {
    onProgress: (done, total) => {
      showProgress('nodes:', done, total);
    },
  });
  const byEffect = (steered: readonly Steered[]): Effect[] =>
    steered
      .map(({ name, logprobs }) => ({
        ...{ name, probability: Math.exp(logprobs[wanted]) },
        effect: logprobs[wanted] - predictions.given[wanted],
      }))
      .sort((a, b) => b.effect - a.effect);
  const [whole] = byEffect(await wholeStreams(steering));
  return { of, nodes: byEffect(nodes), whole };
}

/** Ids of the largest log-probabilities. */
function likeliest(logprobs: Float32Array, count: number): number[] {
  const ids = Array.from(logprobs.keys()).sort((a, b) => logprobs[b] - logprobs[a]);
  return ids.slice(0, count);
}

/** The report for people, `top` nodes and controls of each kind. */
export function readable(report: Report, sparse: BundleInfo, top: number): string {
  const { wanted, dense, position } = report;
  const parts = [
    `${dense.name} ${dense.hash.slice(0, 12)} steered through ${sparse.name} ${sparse.hash.slice(0, 12)}, after token ${position}`,
    `'${wanted.shown}', which the other text makes likeliest: ${percent(wanted.given).trim()} in the given text, ${percent(wanted.other).trim()} in the other`,
  ];
  const describe = (name: string) => describeNode(parseNode(name, sparse.config), sparse.config);
  if (report.curve && report.node !== undefined) {
    const tokens = report.curve[0].tokens.map(({ shown }) => `'${shown}'`);
    const rows = report.curve.map((row) => [
      String(row.strength),
      ...row.tokens.map(({ probability }) => percent(probability).trim()),
    ]);
    parts.push(
      `${describe(report.node)} (${report.node})`,
      table([['strength', ...tokens], ...rows]),
      `controls at strength 1: probability of '${wanted.shown}'`,
      controls('random nodes of the same site', report.randomNodes ?? [], top),
      controls('channels of the dense model alone', report.denseChannels ?? [], top),
    );
  }
  if (report.explain) {
    const { nodes, of, whole } = report.explain;
    const rows = nodes
      .slice(0, top)
      .map(({ name, effect, probability }) => [
        ...[describe(name), name, signed(effect), percent(probability).trim()],
      ]);
    parts.push(
      table([['node', 'name', 'effect (nats)', 'probability'], ...rows]),
      `measured: of the ${of} nodes that differ between the texts the ${nodes.length} that change the dense model's residual stream most`,
      `all that differs in the sparse model's residual stream at once, at the place where it does most (${whole.name}): ${signed(whole.effect)} nats, ${percent(whole.probability).trim()}`,
    );
  }
  return parts.join('\n\n');
}

function controls(
  title: string,
  found: readonly (Control & { size?: number })[],
  top: number,
): string {
  if (found.length === 0) return `${title}: none differs between the texts`;
  const sized = found.some(({ size }) => size !== undefined);
  const rows = found
    .slice(0, top)
    .map(({ name, probability, size }) => [
      ...[name, percent(probability).trim()],
      ...(sized ? [percent(size ?? 0).trim()] : []),
    ]);
  return table([
    [title, 'probability', ...(sized ? ["size, the node's being 100 %"] : [])],
    ...rows,
  ]);
}
