/** Circuits on disk: JSON that a schema checks and a diff shows well, tied to one model. */
import * as v from 'valibot';
import { writeFileAtomic } from '../../files';
import { readJson } from '../../input';
import { updateIndex } from './circuitIndex';
import { oneLine } from '../../oneLine';
import { schemaError } from '../../schemaError';
import type { TransformerConfig } from '../../transformer/config';
import { parseNode } from '../../transformer/nodes';
import type { Weights } from '../../transformer/parameters';
import { ModelEdges, type Edge } from '../../weights/edges';
import { isOldCircuit, takeOver } from './oldCircuit';
import { ProofSchema, type Proof } from './schema';

/** Version of the layout. */
const FORMAT = 3;

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Bounds numbers of a file: a proof repeats the search of the file, which must not be endless. */
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));

const SettingsSchema = v.strictObject({
  /** Nats. */
  targetLoss: number,
  /** Shares of the target that the search aimed at, for nodes and for weights. */
  margin: number,
  edgeMargin: v.optional(number),
  seed: count,
  /** Pairs that masks were trained on, and those that nodes were selected on. */
  pairs: v.strictObject({ masks: upTo(100_000), selection: upTo(100_000) }),
  runs: upTo(10_000),
  /** Searches for edges alone, between the nodes of an earlier search (`prune --nodes-of`). */
  edgeRuns: v.optional(upTo(10_000)),
  steps: upTo(1_000_000),
  seconds: number,
  tied: v.boolean(),
  pruneEdges: v.boolean(),
});

const SearchSchema = v.strictObject({
  settings: v.pipe(
    SettingsSchema,
    // Files from before weights had a margin of their own.
    v.transform((settings) => ({
      ...settings,
      edgeMargin: settings.edgeMargin ?? settings.margin,
    })),
  ),
  effort: v.strictObject({
    runs: count,
    steps: count,
    tokens: count,
    seconds: number,
    /** The time ran out before the schedule did. */
    stopped: v.boolean(),
    /** No node more could be dropped. */
    complete: v.boolean(),
  }),
  /** Command that made it. */
  command: v.string(),
  /** Cautious loss (nats) that was to be kept, and the shift of the core's logit difference. */
  goal: number,
  shift: number,
  /** Whether the model fails without core and backups on the prompts that nodes were selected on. */
  backupsDone: v.boolean(),
  /** Losses on those prompts, nats: of the whole model, uncalibrated, and of the core by the strict rule. */
  loss: v.strictObject({ full: number, core: number }),
});

/** Origin and losses (nats) of a circuit published by others, as they give them. */
const PublishedSchema = v.strictObject({
  project: v.string(),
  /** Where it lies in the project's release, as far as known, and its SHA-256. */
  file: v.string(),
  sha256,
  /** Of the whole model and of the circuit, with the publisher's means and calibration. */
  loss: v.strictObject({ model: number, circuit: number }),
  /** Of the circuit without each node of the core, in its order; null where not published. */
  lossWithout: v.array(v.nullable(number)),
  /** Number of published edges. */
  edges: count,
});

const CircuitSchema = v.strictObject({
  format: v.literal(FORMAT),
  bundle: v.strictObject({ name: v.string(), hash: sha256 }),
  /** One of the twenty tasks, or a file of pairs. */
  pairs: v.union([
    v.strictObject({ task: v.string() }),
    v.strictObject({ file: v.string(), sha256 }),
  ]),
  /** Closed nodes are at their mean over the training data, or at zero. */
  ablation: v.picklist(['mean', 'zero']),
  /** How it was found; null in circuits of older formats and in published ones. */
  search: v.nullable(SearchSchema),
  /** Who published it, if it was imported. */
  published: v.optional(PublishedSchema),
  /** Nodes that solve the task alone, in the order of computation. */
  core: v.array(v.string()),
  /** Further nodes that must be ablated with the core for the model to fail. */
  backups: v.array(v.string()),
  /** The fewest nodes of core and backups found whose ablation makes the model fail. */
  cut: v.array(v.string()),
  /** Nonzero weights between the core's nodes that the model has; fewer may be kept. */
  allEdges: count,
  /** Number of edges, when they are too many to list; all of the model's edges are then kept. */
  unlisted: v.optional(count),
  /** Weights between the core's nodes that are kept. */
  edges: v.array(v.strictObject({ from: v.string(), to: v.string(), weight: number })),
  /** Measurements of `verify`; null before. */
  proof: v.nullable(ProofSchema),
  /** Further proofs with other seeds, so with other prompts and controls. */
  repeats: v.optional(v.array(ProofSchema), []),
});

/** A circuit as its file has it. */
export type Circuit = v.InferOutput<typeof CircuitSchema>;

/** Most edges that a file lists: more would take tens of megabytes and nobody reads them. */
const LISTED_EDGES = 50_000;

/** Edges in the form of a file; `all` is how many the model has between the nodes. */
export function edgesForFile(
  edges: readonly Edge[],
  all: number,
): Pick<Circuit, 'allEdges' | 'edges' | 'unlisted'> {
  const listed = edges.length < all || edges.length <= LISTED_EDGES;
  return listed
    ? { allEdges: all, edges: [...edges] }
    : { allEdges: all, unlisted: edges.length, edges: [] };
}

/** Number of a core's edges, listed or not. */
export function edgeCount({ edges, unlisted = 0 }: Pick<Circuit, 'edges' | 'unlisted'>): number {
  return edges.length + unlisted;
}

/** A model with its weights. */
interface WeighedModel {
  readonly config: TransformerConfig;
  readonly weights: Weights;
}

/** Names of the nodes at either end of some edges. */
export function joinedBy(edges: readonly Edge[]): Set<string> {
  return new Set(edges.flatMap(({ from, to }) => [from, to]));
}

/**
 * Nodes of a core that its edges join. The others have no input and are constant: once edges are
 * pruned, most nodes of a large core are.
 */
export function joinedNodes({ core, edges, unlisted = 0 }: Circuit, model: WeighedModel): string[] {
  const joined = unlisted > 0 ? new ModelEdges(model).degrees(core) : joinedBy(edges);
  return core.filter((node) => joined.has(node));
}

/** All proofs of a circuit, each of another seed. */
export function proofsOf({ proof, repeats }: Pick<Circuit, 'proof' | 'repeats'>): Proof[] {
  return proof ? [proof, ...repeats] : [];
}

/** The task that a circuit is of, or its file of pairs. */
export function pairsName({ pairs }: Pick<Circuit, 'pairs'>): string {
  return 'task' in pairs ? pairs.task : pairs.file;
}

/** Core and backups, each node once; the cut is of them. */
export function circuitNodes({ core, backups }: Pick<Circuit, 'core' | 'backups'>): string[] {
  return [...new Set([...core, ...backups])];
}

/** The kept edges; null when all edges between the nodes are kept. */
export function prunedEdges(circuit: Circuit): readonly Edge[] | null {
  return edgeCount(circuit) < circuit.allEdges ? circuit.edges : null;
}

/** A weight with the fewest digits that give the same 32-bit number, to keep files short. */
function shortest(weight: number): number {
  const exact = Math.fround(weight);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(exact.toPrecision(digits));
    if (Math.fround(short) === exact) return short;
  }
  return Number(exact.toPrecision(9));
}

/** Text of a circuit's file: one node, one edge and one measurement a line. */
export function circuitText(circuit: Circuit): string {
  const { core, backups, cut, edges, proof, repeats, ...rest } = v.parse(CircuitSchema, circuit);
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  const list = (items: readonly unknown[], indent = '  ') =>
    items.length === 0
      ? '[]'
      : `[\n${items.map((x) => `${indent}  ${JSON.stringify(x)}`).join(',\n')}\n${indent}]`;
  const short = edges.map((edge) => ({ ...edge, weight: shortest(edge.weight) }));
  const proved = (one: Proof, indent: string) => {
    const parts = Object.entries(one).map(([key, value]) => {
      const text = Array.isArray(value) ? list(value, `${indent}  `) : JSON.stringify(value);
      return `${indent}  ${JSON.stringify(key)}: ${text}`;
    });
    return `{\n${parts.join(',\n')}\n${indent}}`;
  };
  const again = repeats.map((one) => `    ${proved(one, '    ')}`);
  return [
    head,
    `  "core": ${list(core)}`,
    `  "backups": ${list(backups)}`,
    `  "cut": ${list(cut)}`,
    `  "edges": ${list(short)}`,
    `  "proof": ${proof === null ? 'null' : proved(proof, '  ')}`,
    `  "repeats": [${again.length === 0 ? '' : `\n${again.join(',\n')}\n  `}]\n}\n`,
  ].join(',\n');
}

/** Writes a circuit, whole or not at all. */
export function writeCircuit(file: string, circuit: Circuit): void {
  const text = circuitText(circuit);
  writeFileAtomic(file, text);
  updateIndex(file, circuit, Buffer.byteLength(text));
}

/**
 * Reads a circuit of any model.
 * @throws one line that names file, field and remedy
 */
export function readCircuit(file: string): Circuit {
  return parseCircuit(readJson(file, 'give a file that circuitscope prune wrote'), file);
}

/** Whether a file is a circuit, of any model. */
export function isCircuitFile(file: string): boolean {
  try {
    readCircuit(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * A circuit from plain data; `where` names its source in errors. Of older formats only nodes and edges
 * are kept, without search and proof.
 */
export function parseCircuit(data: unknown, where: string): Circuit {
  const format = (data as { format?: unknown } | null)?.format;
  if (isOldCircuit(format)) return takeOver(data, where);
  if (typeof format === 'number' && format !== FORMAT) {
    throw new Error(
      `${where} has format ${format}, but this version reads ${FORMAT}; use a newer version, or prune again`,
    );
  }
  const result = v.safeParse(CircuitSchema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const what = oneLine(`${where}: ${schemaError(issue)}`);
  throw new Error(`${what}; give a file that circuitscope prune wrote`);
}

/** What a circuit is checked against. */
export interface CircuitModelInfo {
  readonly name: string;
  readonly hash: string;
  readonly config: TransformerConfig;
}

/**
 * Checks that a circuit is of a model.
 * @throws one line that names both models, or the first node or edge that does not fit
 */
export function checkModel(circuit: Circuit, model: CircuitModelInfo, where: string): void {
  const { bundle, edges, core } = circuit;
  const { name, hash, config } = model;
  if (bundle.hash !== hash) {
    throw new Error(
      `${where} is a circuit of ${bundle.name} ${bundle.hash.slice(0, 12)}, not of ${name} ${hash.slice(0, 12)}; choose its model with --bundle, or prune again`,
    );
  }
  for (const node of circuitNodes(circuit)) {
    try {
      parseNode(node, config);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
  const both = new Set(circuitNodes(circuit));
  const outside = circuit.cut.find((node) => !both.has(node));
  if (outside !== undefined) {
    throw new Error(
      oneLine(`${where}: ${outside} is in its cut, but in neither core nor backups; prune again`),
    );
  }
  const known = new Set(core);
  const stray = edges.find(({ from, to }) => !known.has(from) || !known.has(to));
  if (!stray) return;
  throw new Error(
    oneLine(
      `${where}: the edge from ${stray.from} to ${stray.to} does not join two nodes of its core; prune again`,
    ),
  );
}

/**
 * Checks a circuit's edges against the model's weights instead of trusting the file.
 * @throws one line that names the first difference
 */
export function checkEdges(circuit: Circuit, model: WeighedModel, where: string): void {
  const all = checkWeights(circuit, model, where);
  if (circuit.allEdges !== all) {
    throw differs(
      where,
      `it gives ${circuit.allEdges} weights between the nodes of its core, but the model has ${all}`,
    );
  }
  const { unlisted } = circuit;
  if (unlisted !== undefined && (unlisted !== all || circuit.edges.length > 0)) {
    throw differs(where, `it leaves ${unlisted} edges unlisted, but the core has ${all}`);
  }
}

/**
 * Checks the listed edges of a core.
 * @returns how many weights the model has between the nodes of the core
 * @throws one line that names the first difference
 */
export function checkWeights(
  circuit: Pick<Circuit, 'core' | 'edges'>,
  model: WeighedModel,
  where: string,
): number {
  const weights = new ModelEdges(model).edgesBetween(circuit.core);
  const own = new Map(weights.map(({ from, to, weight }) => [`${from} ${to}`, weight]));
  const seen = new Set<string>();
  for (const { from, to, weight } of circuit.edges) {
    const key = `${from} ${to}`;
    const real = own.get(key);
    if (real === undefined) throw differs(where, `the model has no weight from ${from} to ${to}`);
    if (Math.fround(weight) !== Math.fround(real)) {
      throw differs(
        where,
        `it gives the weight from ${from} to ${to} as ${weight}, but in the model it is ${real}`,
      );
    }
    if (seen.has(key)) throw differs(where, `it lists the edge from ${from} to ${to} twice`);
    seen.add(key);
  }
  return weights.length;
}

function differs(where: string, what: string): Error {
  return new Error(oneLine(`${where}: ${what}; prune again`));
}
