/** A file of the searches of `unique`, each saved as it ends, so that a stopped run can be resumed. */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { writeFileAtomic } from '../files';
import { readJson } from '../input';
import { schemaError } from '../schemaError';
import type { PairsIdentity } from '../tasks/source';
import type { NodeSet } from '../transformer/nodeSet';
import type { FindOptions } from './findCircuit';

/** Marks the file as one of saved searches. */
const KIND = 'searches of circuitscope unique';

const CoreSchema = v.strictObject({ nodes: v.array(v.string()), edges: v.number() });
const SearchSchema = v.strictObject({
  seed: v.number(),
  /** Nodes that the core could not have. */
  forbidden: v.array(v.string()),
  /** Null where none was found. */
  core: v.nullable(CoreSchema),
});
const FileSchema = v.strictObject({
  what: v.literal(KIND),
  of: v.looseObject({ pairs: v.looseObject({}) }),
  searches: v.array(SearchSchema),
  result: v.nullable(v.looseObject({})),
});

/** The core of a search, by the names of its nodes. */
export type NamedCore = v.InferOutput<typeof CoreSchema>;

/** Result of one search: a core, if it found one, and whether its time ran out. */
interface Outcome {
  readonly core: NamedCore | null;
  readonly stopped: boolean;
}

/** Model, pairs and settings of the searches; a file with others is refused. */
interface SearchesOf {
  readonly bundle: { readonly name: string; readonly hash: string };
  readonly pairs: PairsIdentity;
  readonly find: FindOptions;
}

/** Whether a file is one of saved searches. */
export function isKeptSearches(file: string): boolean {
  try {
    return (readJson(file) as { what?: unknown } | null)?.what === KIND;
  } catch {
    return false;
  }
}

export class KeptSearches {
  private constructor(
    private readonly file: string | null,
    private readonly of: object,
    private readonly searches: v.InferOutput<typeof SearchSchema>[],
  ) {}

  /**
   * Opens the searches of a file, if it exists; without a file they are kept in memory alone.
   * @throws one line when the file has searches of another model, task or settings
   */
  static open(file: string | null, of: SearchesOf): KeptSearches {
    // The time limit is not compared: searches that it stopped are not saved.
    const settings = { ...of.find.settings, seconds: undefined };
    // As read back from JSON, which has no undefined values.
    const own = JSON.parse(JSON.stringify({ ...of, find: { ...of.find, settings } })) as object;
    if (file === null || !existsSync(file)) return new KeptSearches(file, own, []);
    const parsed = v.safeParse(FileSchema, readJson(file));
    if (!parsed.success) throw new Error(`${file}: ${schemaError(parsed.issues[0])}`);
    const { of: other, searches } = parsed.output;
    if (isDeepStrictEqual(other, own)) return new KeptSearches(file, own, searches);
    throw new Error(
      `${file} has searches of another model, task or settings; give another --out, or remove the file`,
    );
  }

  /** The saved outcome of a search, or that of a new one, which is saved unless the time limit stopped it. */
  async outcome(
    seed: number,
    forbidden: NodeSet,
    search: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const names = forbidden.names();
    const kept = this.searches.find(
      (one) => one.seed === seed && isDeepStrictEqual(one.forbidden, names),
    );
    if (kept) return { core: kept.core, stopped: false };
    const { core, stopped } = await search();
    if (!stopped) {
      this.searches.push({ seed, forbidden: names, core });
      this.write(null);
    }
    return { core, stopped };
  }

  /** Adds the result of all searches to the file. */
  finish(result: object): void {
    this.write(result);
  }

  private write(result: object | null): void {
    if (this.file === null) return;
    const { of, searches } = this;
    writeFileAtomic(
      this.file,
      JSON.stringify({ what: KIND, of, result, searches }, null, 1) + '\n',
    );
  }
}
