/**
 * An index of the circuits of a bundle, in one small file beside their folder, so that a list of them
 * does not have to read megabytes. It is updated whenever a circuit is written there; an entry is ignored
 * when the size of its file has changed.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { CIRCUITS } from '../../bundles/bundle';
import { writeFileAtomic } from '../../files';
import { readJson } from '../../input';
import { judge } from './criteria';
import type { Proof } from './schema';

const INDEX = 'circuits.json';
const FORMAT = 'circuitscope/circuits';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const EntrySchema = v.object({
  /** Size of the file. */
  bytes: count,
  bundle: v.object({ name: v.string(), hash: v.string() }),
  /** Of the core. */
  nodes: count,
  edges: count,
  backups: count,
  /**
   * Loss (nats) on the pairs that nodes were selected on, or the published loss of a published circuit;
   * null for a circuit of an older format.
   */
  loss: v.nullable(v.number()),
  /** Whether all criteria of its proof hold; null when it has none. */
  passes: v.nullable(v.boolean()),
});
const IndexSchema = v.object({
  format: v.literal(FORMAT),
  circuits: v.record(v.string(), EntrySchema),
});
/** Entry of one circuit. */
export type IndexEntry = v.InferOutput<typeof EntrySchema>;

/** The fields of a circuit that an entry is made from. */
interface Indexed {
  readonly bundle: IndexEntry['bundle'];
  readonly core: readonly string[];
  readonly backups: readonly string[];
  readonly edges: readonly unknown[];
  readonly unlisted?: number | undefined;
  readonly search: { readonly loss: { readonly core: number } } | null;
  readonly published?: { readonly loss: { readonly circuit: number } } | undefined;
  readonly proof: Proof | null;
  readonly repeats: readonly Proof[];
}

/** The entry of a circuit whose file has this many bytes. */
export function indexEntry(
  { bundle, core, edges, unlisted = 0, backups, search, published, proof, repeats }: Indexed,
  bytes: number,
): IndexEntry {
  const { name, hash } = bundle;
  const size = { nodes: core.length, edges: edges.length + unlisted, backups: backups.length };
  const loss = search?.loss.core ?? published?.loss.circuit ?? null;
  const passes = proof && judge([proof, ...repeats]).passes;
  return { bytes, bundle: { name, hash }, ...size, loss, passes };
}

/** The index of a bundle by file name; empty when there is none that can be read. */
export function readIndex(bundleDir: string): ReadonlyMap<string, IndexEntry> {
  try {
    const data: unknown = readJson(join(bundleDir, INDEX));
    return new Map(Object.entries(v.parse(IndexSchema, data).circuits));
  } catch {
    return new Map(); // Every circuit is read by itself then.
  }
}

/** Updates the index for a circuit just written, if it lies in a bundle. */
export function updateIndex(file: string, circuit: Indexed, bytes: number): void {
  const folder = dirname(file);
  const bundleDir = dirname(folder);
  if (basename(folder) !== CIRCUITS || !existsSync(join(bundleDir, 'bundle.json'))) return;
  const entries = new Map(readIndex(bundleDir));
  entries.set(basename(file), indexEntry(circuit, bytes));
  const there = [...entries].filter(([name]) => existsSync(join(folder, name)));
  there.sort(([a], [b]) => (a < b ? -1 : 1));
  const index = { format: FORMAT, circuits: Object.fromEntries(there) };
  writeFileAtomic(join(bundleDir, INDEX), `${JSON.stringify(index, null, 2)}\n`);
}
