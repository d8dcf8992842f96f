/**
 * Circuits of older formats, taken over as nodes that claim nothing. Format 1 lists nodes that were
 * enough only with their logits scaled up, together with those that made them necessary. Format 2 was
 * found and proven with every sink and slope of attention as the model has it, beside the nodes.
 */
import * as v from 'valibot';
import { oneLine } from '../../oneLine';
import { schemaError } from '../../schemaError';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256'));

/** What is taken over of both; the rest of a file is not looked at. */
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

/** Whether a format is one before this. */
export function isOldCircuit(format: unknown): boolean {
  return format === 1 || format === 2;
}

/** The circuit of an old file, without claims of ours. */
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
