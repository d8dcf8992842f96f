/**
 * Circuits of format 1. They list nodes that were enough only with their logits scaled up, together
 * with those that made them necessary, so they are taken over as nodes that claim nothing.
 */
import * as v from 'valibot';
import { oneLine } from '../runtime/oneLine';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));

/** What is taken over; the rest of a file is not looked at. */
const OldSchema = v.object({
  bundle: v.strictObject({ name: v.string(), hash: sha256 }),
  pairs: v.union([
    v.strictObject({ task: v.string() }),
    v.strictObject({ file: v.string(), sha256 }),
  ]),
  ablation: v.picklist(['mean', 'zero']),
  nodes: v.array(v.string()),
  unlisted: v.optional(count),
  edges: v.array(
    v.strictObject({
      from: v.string(),
      to: v.string(),
      weight: v.pipe(v.number(), v.finite()),
    }),
  ),
});

/** Whether a format is the one before this. */
export function isOldCircuit(format: unknown): boolean {
  return format === 1;
}

/** The circuit of an old file, without claims. */
export function takeOver(data: unknown, where: string) {
  const result = v.safeParse(OldSchema, data);
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue) ?? 'top level';
    throw new Error(`${oneLine(`${where}: ${path}: ${issue.message}`)}; prune again`);
  }
  const { bundle, pairs, ablation, nodes, edges, unlisted } = result.output;
  return {
    ...{
      format: 2 as const,
      bundle,
      pairs,
      ablation,
      search: null,
      core: nodes,
      backups: [],
      cut: [],
      edges,
    },
    allEdges: edges.length + (unlisted ?? 0),
    ...(unlisted !== undefined && { unlisted }),
    ...{ proof: null, repeats: [] },
  };
}

/** What tells whether a circuit can be proven, and what else would help. */
interface Renewed {
  readonly search: object | null;
  readonly pairs: v.InferOutput<typeof OldSchema>['pairs'];
  readonly bundle: { readonly name: string };
  readonly published?: { readonly project: string } | undefined;
}

/** Whether a circuit can be proven: it was searched here, or published by others. */
export function isProvable({ search, published }: Pick<Renewed, 'search' | 'published'>): boolean {
  return search !== null || published !== undefined;
}

/** Why something cannot be done with a circuit that no search of this version found, and what helps. */
export function renewal({ pairs, bundle, published }: Renewed, where: string): Error {
  if (published) {
    return new Error(
      `${where} was published by ${published.project} and not searched for here; find one of your own: circuitscope prune`,
    );
  }
  const source = 'task' in pairs ? pairs.task : `--file ${pairs.file}`;
  return new Error(
    `${where} is of an older format, which proves nothing; renew it: circuitscope prune ${source} --bundle ${bundle.name} --out FILE`,
  );
}
