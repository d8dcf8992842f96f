/**
 * Circuits of older formats: their nodes are read, their claims are dropped. In format 1 nodes were
 * sufficient only with their logits scaled up, and were listed together with the backups. In format 2
 * every sink and slope of attention was left as in the model, beside the nodes.
 */
import * as v from 'valibot';
import { oneLine } from '../../oneLine';
import { schemaError } from '../../schemaError';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));

/** Fields that are read of both formats; the rest is ignored. */
const common = {
  bundle: v.strictObject({ name: v.string(), hash: sha256 }),
  pairs: v.union([
    v.strictObject({ task: v.string() }),
    v.strictObject({ file: v.string(), sha256 }),
  ]),
  ablation: v.picklist(['mean', 'zero']),
  unlisted: v.optional(count),
  edges: v.array(
    v.strictObject({
      from: v.string(),
      to: v.string(),
      weight: v.pipe(v.number(), v.finite()),
    }),
  ),
};
const names = v.array(v.string());
const OldSchema = v.variant('format', [
  v.object({ format: v.literal(1), ...common, nodes: names }),
  v.object({ format: v.literal(2), ...common, core: names, backups: names, cut: names }),
]);

/** Whether a format is an older one. */
export function isOldCircuit(format: unknown): boolean {
  return format === 1 || format === 2;
}

/** The circuit of an old file, without search and proof. */
export function takeOver(data: unknown, where: string) {
  const result = v.safeParse(OldSchema, data);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Error(`${oneLine(`${where}: ${schemaError(issue)}`)}; prune again`);
  }
  const old = result.output;
  const { bundle, pairs, ablation, edges, unlisted } = old;
  const nodes =
    old.format === 1
      ? { core: old.nodes, backups: [], cut: [] }
      : { core: old.core, backups: old.backups, cut: old.cut };
  return {
    ...{ format: 3 as const, bundle, pairs, ablation, search: null, ...nodes, edges },
    allEdges: edges.length + (unlisted ?? 0),
    ...(unlisted !== undefined && { unlisted }),
    ...{ proof: null, repeats: [] },
  };
}

/** Fields that decide whether a circuit can be proven, and the remedy if not. */
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

/** The error for a circuit that was not found by a search of this version, with the remedy. */
export function renewal({ pairs, bundle, published }: Renewed, where: string): Error {
  if (published) {
    return new Error(
      `${where} was published by ${published.project}, so the settings of a search are missing; find a circuit with circuitscope prune`,
    );
  }
  const source = 'task' in pairs ? pairs.task : `--file ${pairs.file}`;
  return new Error(
    `${where} has an older format, which cannot be verified; make it again: circuitscope prune ${source} --bundle ${bundle.name} --out FILE`,
  );
}
