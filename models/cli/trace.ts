/** `circuitscope trace`: what the model predicts after one token of a file, and by which nodes. */
import { describeNode, parseNode } from '../transformer/nodes';
import type { Ablation, Intervention } from '../inference/interventions';
import type { BundleInfo } from '../inference/engine';
import { checkNodes } from '../runtime/checkInterventions';
import type { Runtime } from '../runtime/runtime';
import type { Position } from '../inference/textTokens';
import type { Trace } from '../inference/trace';
import { readConfig } from '../bundles/bundle';
import { checkSet, KINDS, parseKind, parseNodes, readInterventions } from './ablations';
import { parseOptions, print, printJson, showProgress, UsageError, wholeNumber } from './command';
import type { Command } from './command';
import { bar, percent, signed, table } from './format';
import { ownLabels } from './ownLabels';
import { bundleDir, ENGINE_HELP, page, runtimeOptions, withRuntime } from './places';
import { placeOf } from './text';
import { knownText, labelled, type Labelled } from './labelled';
import { lensOf, readableLens, type LensReport } from './lens';
import { textOf, type TokenText } from '../inference/tokenText';
import { placeIn, textIn } from './where';

const options = {
  ...runtimeOptions,
  line: { type: 'string' },
  column: { type: 'string' },
  token: { type: 'string' },
  cell: { type: 'string' },
  top: { type: 'string', default: '5' },
  effects: { type: 'boolean', default: false },
  everywhere: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  of: { type: 'string' },
  lens: { type: 'boolean', default: false },
  ablate: { type: 'string' },
  kind: { type: 'string' },
  interventions: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Nodes whose effects are measured unless all are asked for. */
const LEADING = 256;

/** A token that may come next. Its log-probability is in nats. */
interface Candidate extends TokenText {
  id: number;
  logprob: number;
}

/** What the model predicts at a token. */
interface Prediction {
  predictions: Candidate[];
  /** The token that really follows; null at the end of the file. */
  next: Candidate | null;
}

/** An active node; its effect is in nats. */
interface ActiveNode {
  node: string;
  activation: number;
  effect?: number;
}

/** The JSON that the command prints. */
interface Report extends Prediction {
  bundle: { name: string; hash: string };
  /** Token indices of the window that was run; -1 is the end-of-text before the file. */
  window: { start: number; end: number };
  token: TokenText & { index: number; id: number; start: number; end: number };
  /** Without the interventions. */
  before?: Prediction;
  /** The token whose log-probability effects are of: the likeliest, or what the file has next. */
  target?: TokenText & { id: number };
  /** With effects: nodes that were ablated, of those that the ablation changes. */
  measured?: { nodes: number; of: number };
  /** What the residual stream after each layer would predict, when asked for. */
  lens?: LensReport;
  nodes: Labelled<ActiveNode>[];
}

/** What was asked for. */
interface Task {
  readonly file: string;
  readonly text: string;
  readonly at: Position;
  /** How many predictions and nodes; 0 for all. */
  readonly top: number;
  readonly effects: boolean;
  /** Effects of ablating at every position, not at the token alone. */
  readonly everywhere: boolean;
  /** Effects and lens of the token that follows, not of the likeliest. */
  readonly ofNext: boolean;
  /** Effects of every node that the ablation changes, not only of those that are likely to matter. */
  readonly all: boolean;
  readonly lens: boolean;
  readonly kind: Ablation;
  readonly interventions: readonly Intervention[];
}

export const trace: Command = {
  summary: 'show what the model predicts at one token of a file, and the active nodes',
  help: `circuitscope trace FILE --line L --column C|--token N [options]

Shows what the model predicts after the token at a place, and the nodes that are active there, each with its
label for that activation (its scores are in the JSON), or with the tokens that its weights read and raise
most. Labels that you gave nodes in the editor take precedence and are in “quotes”.
Lines and columns count from 1; columns are UTF-16 units, as in editors. The place after the last character
is the end of the text, where the last token predicts what comes next.

  --token N             token by its number from 0, even one that is part of a character; -1 is the
                        end-of-text before the file
  --cell N              for a notebook: the Python cell by its number from 1
  --top N               predictions and nodes to show, 5 by default; 0 for all
  --effects             ablate nodes one by one at this token, and rank them by their effect on the
                        log-probability (nats) of the likeliest token
  --everywhere          with --effects: ablate at every token, which takes much longer
  --of likeliest|next   with --effects or --lens: the token to measure; likeliest by default, or next,
                        the one that follows in the file
  --all                 with --effects: measure every node that the ablation changes; by default only
                        the ${LEADING} nodes that gradients rank first
  --lens                what the residual stream would predict after each layer (logit lens), through
                        the model's final norm, unembedding and bigram table
  --ablate NODE,NODE    ablate nodes at every token, e.g. 0.mlp.post_act.118
  --kind KIND           how --ablate and --effects ablate: ${KINDS};
                        mean by default
  --interventions FILE  apply interventions from a JSON file before --ablate; its format is in
                        ${page('interventions.md')}
  --bundle NAME|DIR     model, python-sparse by default
${ENGINE_HELP}
  --json                print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('trace', args, options);
    if (positionals.length !== 1) {
      throw new UsageError('trace takes one file; see circuitscope trace --help');
    }
    const [file] = positionals;
    const place = placeIn(values);
    const kind = parseKind(values.kind ?? 'mean');
    const ablated: Intervention[] =
      values.ablate !== undefined
        ? [{ nodes: parseNodes(values.ablate), positions: 'all', kind }]
        : [];
    const set = values.interventions !== undefined ? readInterventions(values.interventions) : null;
    const interventions = [...(set?.interventions ?? []), ...ablated];
    const top = wholeNumber('--top', values.top, 0);
    for (const flag of ['everywhere', 'all'] as const) {
      if (values[flag] && !values.effects)
        throw new UsageError(`--${flag} needs --effects; add it`);
    }
    const ofNext = isOfNext(values);
    if (values.kind !== undefined && !values.effects && values.ablate === undefined) {
      throw new UsageError('--kind needs --effects or --ablate; add one of them');
    }
    const { text, name } = textIn(file, values.cell);
    const at = place(text, name);
    const { effects, everywhere, all, lens } = values;
    // A set that names its model is checked against that first.
    const named = set?.bundle ? ablated : interventions;
    if (named.length > 0) checkNodes(named, readConfig(bundleDir(values.bundle)));
    const wanted = { effects, everywhere, ofNext, all, lens };
    const task = { file, text, at, top, ...wanted, kind, interventions };
    await withRuntime(values, async (runtime) => {
      if (set) checkSet(set, runtime.info);
      const report = await makeReport(runtime, task);
      if (values.json) printJson(report);
      else print(readable(report, text, runtime));
    });
  },
};

/** Whether effects and lens are of the token that follows. */
function isOfNext(values: { of?: string; effects: boolean; lens: boolean }): boolean {
  const { of, effects, lens } = values;
  if (of === undefined) return false;
  if (!effects && !lens) throw new UsageError('--of needs --effects or --lens; add one of them');
  if (of !== 'likeliest' && of !== 'next') {
    throw new UsageError(`--of ${of}: give likeliest or next`);
  }
  return of === 'next';
}

async function makeReport(runtime: Runtime, task: Task): Promise<Report> {
  const { text, at, interventions, top } = task;
  const after = await runtime.trace(text, at, { interventions });
  const before = interventions.length > 0 ? await runtime.trace(text, at) : null;
  const { name, hash } = runtime.info;
  const { start, end } = after.window;
  const own = after.position - Math.max(0, start);
  const beforeText = after.position < 0; // The end-of-text before the text.
  if (task.ofNext && after.next === null) {
    throw new Error('--of next: the text ends here, so no token follows; leave it out');
  }
  const target = task.ofNext ? after.next! : undefined;
  const found = await nodesOf(runtime, task, after, target);
  const id = beforeText ? runtime.info.endOfText : after.tokens.ids[own];
  return {
    bundle: { name, hash },
    window: { start, end },
    token: {
      index: after.position,
      id,
      ...textOf(runtime.info, id),
      start: beforeText ? 0 : after.tokens.starts[own],
      end: beforeText ? 0 : after.tokens.ends[own],
    },
    ...prediction(after, runtime.info, top),
    ...(before && { before: prediction(before, runtime.info, top) }),
    ...(task.lens && { lens: await lensOf(runtime, { ...task, target }) }),
    ...found,
    nodes: await labelled(runtime, found.nodes, ownLabels(task.file, runtime.info)),
  };
}

function prediction(trace: Trace, info: BundleInfo, top: number): Prediction {
  const candidate = (id: number) => ({
    id,
    ...textOf(info, id),
    logprob: trace.logprobs[id],
  });
  const ids = Array.from(trace.logprobs.keys());
  ids.sort((a, b) => trace.logprobs[b] - trace.logprobs[a]);
  return {
    predictions: first(top, ids).map(candidate),
    next: trace.next === null ? null : candidate(trace.next),
  };
}

function byActivation({ sites }: Trace): ActiveNode[] {
  const nodes = sites.flatMap(({ site, indices, values }) =>
    Array.from(indices, (index, i) => ({ node: `${site}.${index}`, activation: values[i] })),
  );
  return nodes.sort((a, b) => Math.abs(b.activation) - Math.abs(a.activation));
}

/** The nodes that the report lists: by their effect on the target, or by activation. */
async function nodesOf(
  runtime: Runtime,
  task: Task,
  trace: Trace,
  of: number | undefined,
): Promise<Pick<Report, 'measured' | 'target'> & { readonly nodes: ActiveNode[] }> {
  const { text, at, everywhere, all, kind, interventions, top } = task;
  if (!task.effects) return { nodes: first(top, byActivation(trace)) };
  const { target, nodes, count, activations, effects } = await runtime.effects(text, at, {
    ablation: kind,
    positions: everywhere ? 'all' : 'here',
    ...(of !== undefined && { target: of }),
    ...(!all && { top: LEADING }),
    interventions,
    onProgress: (done, total) => {
      showProgress('nodes ablated:', done, total);
    },
  });
  const rows = nodes.map((node, i) => ({ node, activation: activations[i], effect: effects[i] }));
  return {
    target: { id: target, ...textOf(runtime.info, target) },
    measured: { nodes: nodes.length, of: count },
    nodes: first(top, rows),
  };
}

function first<T>(top: number, items: readonly T[]): T[] {
  return items.slice(0, top === 0 ? items.length : top);
}

function readable(report: Report, text: string, { info }: Runtime): string {
  const { bundle, token, window, nodes } = report;
  const { line, column } = placeOf(text, token.start);
  const parts = [
    `${bundle.name} ${bundle.hash.slice(0, 12)} · tokens ${window.start} to ${window.end - 1}`,
    `token ${token.index} '${token.shown}' at line ${line}, column ${column}`,
  ];
  if (report.before) parts.push(readablePrediction('without interventions', report.before));
  parts.push(readablePrediction(report.before ? 'with interventions' : 'next token', report));
  if (report.lens) parts.push(readableLens(report.lens));
  const hasLabels = nodes.some(({ label }) => label !== undefined);
  const areKnown = hasLabels || nodes.some(({ about, own }) => (about ?? own) !== undefined);
  const rows = nodes.map(({ node, activation, effect, ...known }) => [
    describeNode(parseNode(node, info.config), info.config),
    node,
    ...(areKnown ? [knownText(known)] : []),
    signed(activation),
    ...(effect === undefined ? [] : [signed(effect)]),
  ]);
  const of = report.target ? [`effect on '${report.target.shown}' (nats)`] : [];
  const header = ['node', 'name', ...(areKnown ? ['label'] : []), 'activation', ...of];
  parts.push(table([header, ...rows]));
  if (nodes.length > 0 && !hasLabels) {
    parts.push(`${bundle.name} has no labels: its nodes are described by site and weights alone`);
  }
  const { measured } = report;
  if (measured && measured.nodes < measured.of) {
    parts.push(
      `measured: of the ${measured.of} nodes that the ablation changes the ${measured.nodes} that gradients rank first; --all measures every one`,
    );
  }
  return parts.join('\n\n');
}

function readablePrediction(title: string, { predictions, next }: Prediction): string {
  const width = Math.max(...predictions.map(({ shown }) => shown.length));
  const lines = predictions.map(({ shown, logprob }) => {
    const share = Math.exp(logprob);
    return `  ${`'${shown}'`.padEnd(width + 2)} ${percent(share)} ${bar(share)}`;
  });
  const observed = next
    ? `  observed: '${next.shown}' ${percent(Math.exp(next.logprob)).trim()} (${next.logprob.toFixed(3)} nats)`
    : '  observed: the file ends here';
  return [title, ...lines, observed].join('\n');
}
