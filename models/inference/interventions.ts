/** Interventions: what a person switches off or sets, and the numbers that the graph takes for it. */
import * as v from 'valibot';
import type { Means } from '../bundles/weights';
import { schemaError } from '../schemaError';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { nodeName, parseNode, siteName, type NodeId } from '../transformer/nodes';
import { oneLine } from '../oneLine';

/** The largest value or scale of a node: larger ones overflow 32 bits on the way through the model. */
export const LARGEST = 1e9;

const number = v.pipe(
  v.number(),
  v.minValue(-LARGEST, `is below ${-LARGEST}`),
  v.maxValue(LARGEST, `is above ${LARGEST}`),
);
const position = v.pipe(v.number(), v.integer(), v.minValue(-1));

const AblationSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('zero') }),
  /** The node's mean over the training distribution. */
  v.strictObject({ kind: v.literal('mean') }),
  v.strictObject({ kind: v.literal('value'), value: number }),
  v.strictObject({ kind: v.literal('scale'), scale: number }),
]);

const KindSchema = v.variant('kind', [
  AblationSchema,
  /** Activations from another text, one for each node. */
  v.strictObject({ kind: v.literal('patch'), values: v.array(number) }),
]);

const fields = {
  /** Node names, e.g. `0.mlp.post_act.118`. */
  nodes: v.pipe(v.array(v.string()), v.minLength(1, 'name at least one node')),
  /** Only what this node reads of them through its weights is changed; nobody else reads otherwise. */
  into: v.optional(v.string()),
  /** Everywhere, at one token, or from a token on; -1 is the end-of-text before the text. */
  positions: v.union(
    [v.literal('all'), v.strictObject({ at: position }), v.strictObject({ from: position })],
    'write "all", {"at": TOKEN} or {"from": TOKEN}',
  ),
  kind: KindSchema,
};

/** What the token of a saved intervention was, so that it is found in a text that has changed since. */
const PlaceSchema = v.strictObject({
  /** The file, below the folder of the workspace. */
  file: v.string(),
  /** Line from 1. */
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Where it begins in the text (UTF-16, lines ending with `\n`), and what stands there and around. */
  offset: position,
  text: v.string(),
  before: v.string(),
  after: v.string(),
  /** Which token of a character that several make up; 0 otherwise. */
  part: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

const SavedInterventionSchema = v.pipe(
  v.strictObject({ ...fields, place: v.optional(PlaceSchema) }),
  v.check(
    ({ kind, nodes }) => kind.kind !== 'patch' || kind.values.length === nodes.length,
    'patch needs one value for each node',
  ),
);

const InterventionSetSchema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty('give the set a name')),
  /** The model whose nodes are named; that of whoever reads the set when it is not said. */
  bundle: v.optional(v.strictObject({ name: v.string(), hash: v.string() })),
  interventions: v.array(SavedInterventionSchema),
});

/** How one node is switched off or changed, whichever node it is. */
export type Ablation = v.InferOutput<typeof AblationSchema>;
/** One change of some nodes at some positions. */
export type Intervention = Omit<SavedIntervention, 'place'>;
/** The same in a file. */
export type SavedIntervention = v.InferOutput<typeof SavedInterventionSchema>;
/** Interventions with one name; where two meet, the later changes what the earlier left. */
export type InterventionSet = v.InferOutput<typeof InterventionSetSchema>;

/**
 * An intervention set from plain data, of a JSON file for instance.
 * @param where what the error message calls the source
 * @throws one line that names the first wrong field
 */
export function parseInterventionSet(data: unknown, where: string): InterventionSet {
  const result = v.safeParse(InterventionSetSchema, data);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(oneLine(`${where}: ${schemaError(issue)}`));
}

/** A site's intervention as the graph takes it: activation · keep + add, each [batch, rows, node]. */
export interface SiteEdit {
  readonly batch: number;
  /** 1 for every position alike, else one row a position. */
  readonly rows: number;
  /** Number of nodes of the site. */
  readonly width: number;
  readonly keep: Float32Array;
  readonly add: Float32Array;
}

/** Edits by site name; sites that are not there stay as they are. */
export type SiteEdits = ReadonlyMap<string, SiteEdit>;

/** What compiling needs to know of a model. */
export interface NodeSource {
  readonly config: TransformerConfig;
  readonly means: Means;
}

/** An edit that changes nothing. */
export function neutralEdit(batch: number, rows: number, width: number): SiteEdit {
  const size = batch * rows * width;
  return { batch, rows, width, keep: new Float32Array(size).fill(1), add: new Float32Array(size) };
}

/** What an edit [1, rows, node] does from a row on; one alike at every position stays as it is. */
export function rowsFrom(edit: SiteEdit, row: number): SiteEdit {
  const { rows, width, keep, add } = edit;
  if (rows === 1) return edit;
  return {
    batch: 1,
    rows: rows - row,
    width,
    keep: keep.slice(row * width),
    add: add.slice(row * width),
  };
}

/** A change of one number x to x · keep + add. */
export interface Change {
  readonly keep: number;
  readonly add: number;
}

/** What an ablation does to one node. */
export function changeOf(ablation: Ablation, mean: number): Change {
  switch (ablation.kind) {
    case 'zero':
      return { keep: 0, add: 0 };
    case 'mean':
      return { keep: 0, add: mean };
    case 'value':
      return { keep: 0, add: ablation.value };
    case 'scale':
      return { keep: ablation.scale, add: 0 };
  }
}

/** What an ablation does to any node of a model. */
export function ablating(
  { means }: Pick<NodeSource, 'means'>,
  ablation: Ablation,
): (node: NodeId) => Change {
  return ({ layer, site, index }) => changeOf(ablation, means.get(siteName(layer, site))![index]);
}

/** Whether a change makes another number of an activation, in 32 bits. */
export function alters({ keep, add }: Change, activation: number): boolean {
  return Math.fround(activation * keep + add) !== activation;
}

/** Changes entry `at` of an edit after what the edit already does to it. */
export function compose(edit: SiteEdit, at: number, { keep, add }: Change): void {
  edit.keep[at] *= keep;
  edit.add[at] = edit.add[at] * keep + add;
  if (Math.max(Math.abs(edit.keep[at]), Math.abs(edit.add[at])) <= LARGEST) return;
  throw new Error(
    `the interventions on one node multiply to more than ${LARGEST}; use smaller values or scales`,
  );
}

/**
 * The edits of nodes that a list of interventions makes in the tokens `start` to `end` of a text; those
 * of single weights are compiled apart (edgeEdits.ts).
 * @throws when a node is not the model's
 */
export function compileInterventions(
  interventions: readonly Intervention[],
  { config, means }: NodeSource,
  { start, end }: { readonly start: number; readonly end: number },
): SiteEdits {
  const length = end - start;
  const edits = new Map<string, SiteEdit>();
  // Many tokens often share one list of nodes, whose names are read once.
  const known = new Map<readonly string[], NamedNodes>();
  const parsed = interventions
    .filter(({ into }) => into === undefined)
    .map((intervention) => {
      const { nodes } = intervention;
      const named = known.get(nodes) ?? namedNodes(nodes, config);
      known.set(nodes, named);
      return { intervention, named };
    });
  for (const { intervention, named } of parsed) {
    for (const [name, width] of named.widths) {
      const rows = intervention.positions === 'all' ? (edits.get(name)?.rows ?? 1) : length;
      if (edits.get(name)?.rows === rows) continue;
      edits.set(name, neutralEdit(1, rows, width));
    }
  }
  for (const { intervention, named } of parsed) {
    const { kind } = intervention;
    if (kind.kind === 'patch' && named.twice !== null) {
      throw new Error(`patch names ${named.twice} twice; give each node one value`);
    }
    for (const { site, index, at } of named.nodes) {
      const edit = edits.get(site)!;
      const change =
        kind.kind === 'patch'
          ? { keep: 0, add: kind.values[at] }
          : changeOf(kind, means.get(site)![index]);
      const [first, last] = rowsOf(intervention.positions, start, edit.rows);
      for (let row = first; row < last; row++) compose(edit, row * edit.width + index, change);
    }
  }
  return edits;
}

/** The nodes of a list of names. */
interface NamedNodes {
  /** Each once, by its site's name, with its place in the list: an intervention is on a set of nodes. */
  readonly nodes: readonly { readonly site: string; readonly index: number; readonly at: number }[];
  /** Widths of their sites, by name. */
  readonly widths: ReadonlyMap<string, number>;
  /** A node that is named more than once; null for none. */
  readonly twice: string | null;
}

function namedNodes(names: readonly string[], config: TransformerConfig): NamedNodes {
  const nodes = new Map<string, NamedNodes['nodes'][0]>();
  const widths = new Map<string, number>();
  let twice: string | null = null;
  for (const [at, given] of names.entries()) {
    const node = parseNode(given, config);
    const name = nodeName(node);
    if (nodes.has(name)) {
      twice ??= name;
      continue;
    }
    const site = siteName(node.layer, node.site);
    nodes.set(name, { site, index: node.index, at });
    widths.set(site, siteWidth(config, node.site));
  }
  return { nodes: [...nodes.values()], widths, twice };
}

/** Rows of an edit that the positions mean: the first, and the one after the last. */
export function rowsOf(positions: Intervention['positions'], start: number, rows: number) {
  if (positions === 'all') return [0, rows] as const;
  const first = ('at' in positions ? positions.at : positions.from) - start;
  if ('from' in positions) return [Math.max(0, first), rows] as const;
  const inside = first >= 0 && first < rows;
  return inside ? ([first, first + 1] as const) : ([0, 0] as const);
}
