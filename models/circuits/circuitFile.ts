/** Circuits on disk: JSON that a schema checks and a diff shows well, tied to one model. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { writeFileAtomic } from '../files';
import { oneLine } from '../runtime/oneLine';
import { parseNode } from '../transformer/nodes';
import type { TransformerConfig } from '../transformer/config';
import { MOST_SCALE } from './calibration';
import type { Edge } from './edges';

/** Version of the layout. */
const FORMAT = 1;

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Verification repeats what a file says was done, so a file must not ask for the endless. */
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));

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
  options: v.strictObject({
    /** Nats. */
    targetLoss: number,
    /** Share of the target that the search aimed at. */
    margin: number,
    seed: count,
    /** Pairs that were pruned on. */
    trainPairs: upTo(100_000),
    runs: upTo(10_000),
    steps: upTo(1_000_000),
    seconds: number,
    tied: v.boolean(),
    pruneEdges: v.boolean(),
  }),
  effort: v.strictObject({
    runs: upTo(10_000),
    steps: upTo(1_000_000),
    tokens: count,
    seconds: number,
    complete: v.boolean(),
    gentle: v.optional(v.boolean()),
  }),
  /** Command that made it. */
  command: v.string(),
  /** Of the difference between the two answers' logits. */
  calibration: v.strictObject({
    scale: v.pipe(
      number,
      v.minValue(0, 'is negative'),
      v.maxValue(MOST_SCALE, `is above ${MOST_SCALE}, which makes much of next to nothing`),
    ),
    shift: number,
  }),
  /** On the pairs pruned on, nats: the whole model, and the circuit after calibration. */
  loss: v.strictObject({ full: number, circuit: number }),
  /** In the order of computation. */
  nodes: v.array(v.string()),
  /** Number of edges where they are so many that none is listed: all that the model has there. */
  unlisted: v.optional(count),
  /** Nonzero weights between the nodes. */
  edges: v.array(v.strictObject({ from: v.string(), to: v.string(), weight: number })),
});

/** A circuit as its file has it. */
export type Circuit = v.InferOutput<typeof CircuitSchema>;

/** Edges up to which a file lists them: more say nothing to a reader, and take tens of megabytes. */
const LISTED_EDGES = 50_000;

/**
 * Edges in the form of a file.
 * @param pruned some of the weights between the nodes are not among them, so they must be listed
 */
export function edgesForFile(
  edges: readonly Edge[],
  pruned: boolean,
): Pick<Circuit, 'edges' | 'unlisted'> {
  const listed = pruned || edges.length <= LISTED_EDGES;
  return listed ? { edges: [...edges] } : { unlisted: edges.length, edges: [] };
}

/** Number of a circuit's edges, listed or not. */
export function edgeCount({ edges, unlisted = 0 }: Pick<Circuit, 'edges' | 'unlisted'>): number {
  return edges.length + unlisted;
}

/** The fewest digits that mean the same 32-bit number: weights are no finer, and files shorter. */
function shortest(weight: number): number {
  const exact = Math.fround(weight);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(exact.toPrecision(digits));
    if (Math.fround(short) === exact) return short;
  }
  return Number(exact.toPrecision(9));
}

/** Text of a circuit's file: one node and one edge a line. */
export function circuitText(circuit: Circuit): string {
  const { nodes, edges, ...rest } = v.parse(CircuitSchema, { ...circuit, format: FORMAT });
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  const list = (items: readonly unknown[]) =>
    items.length === 0
      ? '[]'
      : `[\n${items.map((x) => `    ${JSON.stringify(x)}`).join(',\n')}\n  ]`;
  const short = edges.map((edge) => ({ ...edge, weight: shortest(edge.weight) }));
  return `${head},\n  "nodes": ${list(nodes)},\n  "edges": ${list(short)}\n}\n`;
}

/** Writes a circuit, whole or not at all. */
export function writeCircuit(file: string, circuit: Circuit): void {
  writeFileAtomic(file, circuitText(circuit));
}

/**
 * Reads a circuit without asking which model it is of.
 * @throws one line that names file, field and remedy
 */
export function readCircuit(file: string): Circuit {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new Error(`${file} does not exist; check the path`, { cause: error });
    const what = code === undefined ? 'is not JSON' : `cannot be read (${code})`;
    throw new Error(`${file} ${what}; give a file that circuitscope prune wrote`, { cause: error });
  }
  return parseCircuit(data, file);
}

/** A circuit from plain data; `where` is what errors call its source. */
export function parseCircuit(data: unknown, where: string): Circuit {
  const format = (data as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format !== FORMAT) {
    throw new Error(`${where} has format ${format}, this version reads ${FORMAT}; prune again`);
  }
  const result = v.safeParse(CircuitSchema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'top level';
  const what = oneLine(`${where}: ${path}: ${issue.message}`);
  throw new Error(`${what}; give a file that circuitscope prune wrote`);
}

/**
 * Checks that a circuit is of a model.
 * @throws one line that names both models, or the first node or edge that does not fit
 */
export function checkModel(
  circuit: Circuit,
  { name, hash, config }: { name: string; hash: string; config: TransformerConfig },
  where: string,
): void {
  const { bundle, nodes, edges } = circuit;
  if (bundle.hash !== hash) {
    throw new Error(
      `${where} is a circuit of ${bundle.name} ${bundle.hash.slice(0, 12)}, not of ${name} ${hash.slice(0, 12)}; choose its model with --bundle, or prune again`,
    );
  }
  for (const node of nodes) {
    try {
      parseNode(node, config);
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
  const known = new Set(nodes);
  const stray = edges.find(({ from, to }) => !known.has(from) || !known.has(to));
  if (!stray) return;
  throw new Error(oneLine(`${where}: edge ${stray.from} to ${stray.to} joins no two of its nodes`));
}
