/** A circuit of one prediction that was exported: read from its JSON and drawn as it was measured. */
import * as v from 'valibot';
import { t } from '../../shared/l10n';
import type { TokenCircuit } from '../../models/circuits/token/circuit';
import { oneLine } from '../../models/oneLine';
import { parseNode } from '../../models/transformer/nodes';
import type { BundleInfo } from '../../models/inference/engine';
import { EdgeSchema, KindSchema, ModeSchema, type Kind, type Mode } from '../../webview/protocol';
import { plainName, plainNote, type Group, type Notes } from '../notes/notes';
import { anchorAt } from '../trace/anchor';
import type { Snapshot } from '../trace/documents';
import type { DrawnCircuit } from './drawn';
import type { Target } from './asked';

export const FORMAT = 'circuitscope/token-circuit';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const number = v.pipe(v.number(), v.finite());
const token = v.pipe(v.number(), v.integer(), v.minValue(-1));
const TargetSchema = v.object({ id: count });

const NodeSchema = v.object({
  node: v.string(),
  token,
  activation: number,
  effect: v.nullable(number),
  other: v.optional(number),
  part: v.optional(v.picklist(['core', 'backup'])),
  group: v.optional(v.string(), ''),
  pinned: v.optional(v.boolean(), false),
  note: v.optional(v.string(), ''),
});

const FileSchema = v.object({
  format: v.literal(FORMAT),
  bundle: v.object({ name: v.string(), hash: v.string() }),
  mode: v.optional(ModeSchema, 'next'),
  /** The document up to the token that is predicted. */
  text: v.string(),
  token: v.object({ index: token }),
  target: TargetSchema,
  contrast: v.optional(TargetSchema),
  /** Another text that it was compared with. */
  other: v.optional(v.object({ text: v.string() })),
  measured: v.object({ ...v.object({ kind: KindSchema }).entries }),
  /** Of a task's circuit. */
  task: v.optional(
    v.object({ name: v.string(), description: v.string(), ablation: v.picklist(['mean', 'zero']) }),
  ),
  groups: v.optional(
    v.array(
      v.object({
        name: v.string(),
        collapsed: v.optional(v.boolean(), true),
        note: v.optional(v.string(), ''),
      }),
    ),
    [],
  ),
  nodes: v.array(NodeSchema),
  edges: v.array(EdgeSchema),
});
type File = v.InferOutput<typeof FileSchema>;

/** A circuit that was exported, of a prediction. */
export interface RecordedCircuit {
  /** What it is called: the file's name. */
  readonly name: string;
  /** Hash of the model whose nodes it has. */
  readonly model: string;
  readonly text: string;
  readonly mode: Mode;
  /** Token at which the prediction is made. */
  readonly reader: number;
  readonly target: Target;
  /** Text that it was compared with; null without one. */
  readonly other: string | null;
  /** What was done to a node to measure its effect. */
  readonly kind: Kind;
  readonly file: File;
}

/** Whether data is an exported circuit of a prediction. */
export function isRecorded(data: unknown): boolean {
  return (data as { format?: unknown } | null)?.format === FORMAT;
}

/**
 * A circuit from what was exported: of a prediction, or a task's.
 * @param where what errors call the source
 * @throws one line that names the first wrong field, or the model that it is of
 */
export function readRecorded(
  data: unknown,
  where: string,
  info: BundleInfo,
): { readonly recorded: RecordedCircuit } | { readonly drawn: DrawnCircuit } {
  const read = v.safeParse(FileSchema, data);
  if (!read.success) {
    const [issue] = read.issues;
    const at = v.getDotPath(issue) ?? 'top level';
    throw new Error(
      oneLine(t('{0}: {1}: {2}; export the circuit again', where, at, issue.message)),
    );
  }
  const file = read.output;
  const { bundle, text, mode, target, contrast, measured } = file;
  if (bundle.hash !== info.hash) {
    const model = `${bundle.name} ${bundle.hash.slice(0, 12)}`;
    throw new Error(t('{0} is a circuit of the model {1}; choose that model first', where, model));
  }
  for (const { node } of file.nodes) parseNode(node, info.config);
  for (const id of [target.id, contrast?.id ?? 0]) {
    if (id >= info.config.vocab) throw new Error(t('{0}: the model has no token {1}', where, id));
  }
  if (file.task) return { drawn: drawnTask(file, file.task, info) };
  return {
    recorded: {
      ...{ name: where, model: bundle.hash, text, mode, reader: file.token.index, file },
      other: file.other?.text ?? null,
      target: { id: target.id, contrast: contrast?.id ?? null },
      kind: measured.kind,
    },
  };
}

/** A task's circuit as it was drawn; the text that it was seen on is its prompt. */
function drawnTask(
  { bundle, nodes, edges, text, target, contrast }: File,
  { name, description, ablation }: NonNullable<File['task']>,
  { texts, tokenTexts }: BundleInfo,
): DrawnCircuit {
  const of = (wanted: 'core' | 'backup') =>
    nodes.filter(({ part = 'core' }) => part === wanted).map(({ node }) => node);
  const weights = edges.filter(({ kind }) => kind === 'weight');
  const textOf = (id: number) => texts[id] ?? tokenTexts[id];
  return {
    ...{ name, description, ablation, model: bundle.hash },
    ...{ core: of('core'), backups: of('backup'), edges: weights, edgeCount: weights.length },
    facts: [],
    prompts: contrast
      ? [{ prompt: text, answer: textOf(target.id), other: textOf(contrast.id) }]
      : [],
  };
}

/** The document that an exported circuit is of. */
export function recordedDocument({ name, text }: RecordedCircuit) {
  const uri = `circuitscope-recorded:${encodeURIComponent(name)}`;
  return { uri: { toString: () => uri }, version: 1, getText: () => text };
}

/** The circuit as it was measured, for whoever draws circuits. */
export function circuitOf(
  { file, reader, model, target }: RecordedCircuit,
  logprobs: Float32Array,
): TokenCircuit {
  const end = (id: string): { readonly name: string; readonly token: number } => {
    const at = id.lastIndexOf('@');
    return at < 0
      ? { name: id, token: reader }
      : { name: id.slice(0, at), token: Number(id.slice(at + 1)) };
  };
  const ids = target.contrast === null ? [target.id] : [target.id, target.contrast];
  return {
    ...{ bundle: model, position: reader, window: { start: -1, end: reader + 1 }, target },
    value: logprobs[target.id] - (target.contrast === null ? 0 : logprobs[target.contrast]),
    nodes: file.nodes.map(({ node, token: at, activation, other, effect }) => ({
      ...{ node, token: at, activation, effect, estimate: effect ?? 0 },
      ...(other === undefined ? {} : { other }),
    })),
    edges: file.edges.map(({ kind, from, to, weight, contribution }) => ({
      ...{ kind, weight, contribution },
      ...{ from: end(from).name, fromToken: end(from).token },
      ...{ to: end(to).name, toToken: end(to).token },
    })),
    inputs: [],
    outputs: ids.map((id) => ({ id, node: `logit.${id}`, logprob: logprobs[id] })),
    hidden: { nodes: 0, measured: 0 },
  };
}

/** The groups, pins and notes that an exported circuit carries. */
export function recordedNotes({ file }: RecordedCircuit, snapshot: Snapshot): Notes {
  const { length } = snapshot.encoding.ids;
  const nodes = file.nodes
    .filter(
      ({ group, pinned, note, token: at }) =>
        at < length && (group !== '' || pinned || note !== ''),
    ) // prettier-ignore
    .map(({ node, token: at, group, pinned, note }) => ({
      ...{ node, at: anchorAt(snapshot, at), pinned },
      ...{ group: plainName(group), note: plainNote(note) },
    }));
  const used = new Set(nodes.map(({ group }) => group).filter((name) => name !== ''));
  const groups = [...used].map((name): Group => {
    const { collapsed = true, note = '' } =
      file.groups.find((group) => plainName(group.name) === name) ?? {};
    return { name, collapsed, note: plainNote(note) };
  });
  return { groups, nodes };
}
