/** `circuitscope steer`: what a dense model predicts when it is steered through a sparse one. */
import { readBridged } from '../bundles/partner';
import { Runtime } from '../runtime/runtime';
import type { BundleInfo } from '../runtime/engine';
import { Steering, type Steered } from '../steering/steering';
import { describeNode, parseNode } from '../transformer/nodes';
import { parseOptions, print, printJson, showProgress, UsageError, wholeNumber } from './command';
import type { Command } from './command';
import { percent, signed, table } from './format';
import { bundleDir, bundlesDir, workerFile } from './places';
import { placeIn, textIn, withNegative } from './where';

const options = {
  bundle: { type: 'string', default: 'python-bridge' },
  dense: { type: 'string' },
  line: { type: 'string' },
  column: { type: 'string' },
  token: { type: 'string' },
  cell: { type: 'string' },
  node: { type: 'string' },
  to: { type: 'string' },
  'to-text': { type: 'string' },
  strength: { type: 'string', default: '0,0.25,0.5,0.75,1' },
  explain: { type: 'boolean', default: false },
  measure: { type: 'string', default: '128' },
  top: { type: 'string', default: '5' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** Tokens whose probability is shown: the likeliest of each prediction. */
const TOKENS_EACH = 2;

interface TokenShare {
  id: number;
  text: string;
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
interface Report {
  sparse: { name: string; hash: string };
  dense: { name: string; hash: string };
  position: number;
  /** The likeliest token of the other text, and its probability in both texts. */
  wanted: { id: number; text: string; given: number; other: number };
  node?: string;
  curve?: Row[];
  randomNodes?: Control[];
  denseChannels?: Control[];
  explain?: Explained;
}

/** Nodes by their effect (nats), and how many differ between the texts. */
interface Explained {
  of: number;
  nodes: (Control & { effect: number })[];
}

export const steer: Command = {
  summary: 'steers a dense model through a node of the sparse model bridged to it',
  help: `circuitscope steer FILE --line L --column C --node NODE --to FILE2|--to-text TEXT [options]
circuitscope steer FILE --line L --column C --explain --to FILE2|--to-text TEXT [options]

What the node does more in another text than in FILE is put, over the bridge, into what the dense
model reads of FILE; shown is what the dense model then predicts after the token at the place. The
other text has as many tokens as FILE, or ends with the token at the place. Two controls stand
beside: random nodes of the same kind, and the best of all channels that the dense model reads there.
Nodes that steer are those of act_in, resid_delta and mlp.post_act.

  --token N             the token by its number from 0; -1 is the end-of-text before the file
  --cell N              of a notebook, the Python cell by its number from 1
  --to FILE2, --to-text TEXT
                        the other text
  --strength S,S        how much of the node's change is added, 0 to 1; 0,0.25,0.5,0.75,1 by default
  --explain             instead of --node: which nodes bring the dense model to what it predicts of
                        the other text, each alone, by the change of its log-probability (nats)
  --measure N           with --explain: how many nodes are measured, those with the largest change of
                        the dense model's read; 128 by default
  --top N               nodes and controls to show; 5 by default
  --seed N              chooses the random nodes
  --bundle NAME|DIR     the sparse model with its bridges, python-bridge by default
  --dense NAME|DIR      the dense model, where it is not found by its name
  --json                print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('steer', withNegative(args), options);
    if (positionals.length !== 1) throw new UsageError('steer takes one file; see steer --help');
    if ((values.node === undefined) === !values.explain) {
      throw new UsageError('steer: give --node NODE or --explain, one of the two');
    }
    if ((values.to === undefined) === (values['to-text'] === undefined)) {
      throw new UsageError('steer: give --to FILE2 or --to-text TEXT, one of the two');
    }
    const place = placeIn(values);
    const strengths = parseStrengths(values.strength);
    const [top, measure] = [
      wholeNumber('--top', values.top, 1),
      wholeNumber('--measure', values.measure, 1),
    ];
    const seed = wholeNumber('--seed', values.seed, 0);
    const { text: given, name } = textIn(positionals[0], values.cell);
    const other = values['to-text'] ?? textIn(values.to!, undefined).text;
    const bundles = readBridged(bundleDir(values.bundle), bundlesDir(), values.dense);
    const open = (dir: string) =>
      Runtime.open(dir, { workerFile: workerFile('runtime-worker'), engine: 'onnx' });
    const sparse = await open(bundles.sparse.dir);
    try {
      const dense = await open(bundles.dense.dir);
      try {
        const texts = { given, other, at: place(given, name) };
        const steering = await Steering.open({ sparse, dense, bundles }, texts);
        const { info } = dense;
        const report: Report = {
          ...headOf(steering, sparse.info, info),
          ...(values.node === undefined
            ? { explain: await explained(steering, measure) }
            : await steered(steering, info, values.node, strengths, seed)),
        };
        if (values.json) printJson(report);
        else print(readable(report, sparse.info, top));
      } finally {
        await dense.close();
      }
    } finally {
      await sparse.close();
    }
  },
};

function parseStrengths(text: string): number[] {
  return text.split(',').map((part) => {
    const strength = Number(part);
    if (part.trim() !== '' && strength >= 0 && strength <= 1) return strength;
    throw new UsageError(`--strength ${text}: '${part}' is not a number from 0 to 1`);
  });
}

function headOf(steering: Steering, sparse: BundleInfo, dense: BundleInfo) {
  const { wanted: id, predictions, position } = steering;
  const [given, other] = [predictions.given, predictions.other].map((row) => Math.exp(row[id]));
  const named = ({ name, hash }: BundleInfo) => ({ name, hash });
  const wanted = { id, text: dense.tokenTexts[id], given, other };
  return { sparse: named(sparse), dense: named(dense), position, wanted };
}

/** The curve of a node, and what its controls do at full strength. */
async function steered(
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
  const control = ({ name, logprobs }: Steered) => ({
    ...{ name, probability: Math.exp(logprobs[wanted]) },
  });
  const byProbability = (controls: readonly Steered[]) =>
    controls.map(control).sort((a, b) => b.probability - a.probability);
  return {
    node,
    curve: strengths.map((strength, i) => ({
      strength,
      tokens: [...shown].map((id) => ({
        ...{ id, text: info.tokenTexts[id], probability: Math.exp(curve[i][id]) },
      })),
    })),
    randomNodes: byProbability(await steering.randomNodes(node, seed)),
    denseChannels: byProbability(
      await steering.denseChannels(node, {
        onProgress: (done, total) => {
          showProgress('channels:', done, total);
        },
      }),
    ),
  };
}

async function explained(steering: Steering, count: number): Promise<Explained> {
  const { wanted, predictions } = steering;
  const { nodes, of } = await steering.explain(count, {
    onProgress: (done, total) => {
      showProgress('nodes:', done, total);
    },
  });
  const rows = nodes.map(({ name, logprobs }) => ({
    ...{ name, probability: Math.exp(logprobs[wanted]) },
    effect: logprobs[wanted] - predictions.given[wanted],
  }));
  return { of, nodes: rows.sort((a, b) => b.effect - a.effect) };
}

/** Ids of the largest log-probabilities. */
function likeliest(logprobs: Float32Array, count: number): number[] {
  const ids = Array.from(logprobs.keys()).sort((a, b) => logprobs[b] - logprobs[a]);
  return ids.slice(0, count);
}

function readable(report: Report, sparse: BundleInfo, top: number): string {
  const { wanted, dense, position } = report;
  const parts = [
    `${dense.name} ${dense.hash.slice(0, 12)} steered through ${sparse.name} ${sparse.hash.slice(0, 12)}, after token ${position}`,
    `'${wanted.text}', which the other text makes likeliest: ${percent(wanted.given).trim()} in the given text, ${percent(wanted.other).trim()} in the other`,
  ];
  const describe = (name: string) => describeNode(parseNode(name, sparse.config), sparse.config);
  if (report.curve && report.node !== undefined) {
    const tokens = report.curve[0].tokens.map(({ text }) => `'${text}'`);
    const rows = report.curve.map((row) => [
      String(row.strength),
      ...row.tokens.map(({ probability }) => percent(probability).trim()),
    ]);
    parts.push(
      `${describe(report.node)} (${report.node})`,
      table([['strength', ...tokens], ...rows]),
      `controls at strength 1: probability of '${wanted.text}'`,
      controls('random nodes', report.randomNodes ?? [], top),
      controls('channels of the dense model alone', report.denseChannels ?? [], top),
    );
  }
  if (report.explain) {
    const { nodes, of } = report.explain;
    const rows = nodes
      .slice(0, top)
      .map(({ name, effect, probability }) => [
        ...[describe(name), name, signed(effect), percent(probability).trim()],
      ]);
    parts.push(
      table([['node', 'name', 'effect (nats)', 'probability'], ...rows]),
      `measured: of the ${of} nodes that differ between the texts the ${nodes.length} whose change of the dense model's read is largest`,
    );
  }
  return parts.join('\n\n');
}

function controls(title: string, found: readonly Control[], top: number): string {
  if (found.length === 0) return `${title}: none differs between the texts`;
  const rows = found
    .slice(0, top)
    .map(({ name, probability }) => [name, percent(probability).trim()]);
  return table([[title, 'probability'], ...rows]);
}
