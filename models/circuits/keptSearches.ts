/** Searches of `unique` in a file, each kept as it ends, so that a run goes on where it was stopped. */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { writeFileAtomic } from '../files';
import { readJson } from '../input';
import { schemaError } from '../schemaError';
import type { PairsIdentity } from '../tasks/source';
import type { NodeSet } from '../transformer/nodeSet';
import type { FindOptions } from './findCircuit';

/** What the file says it is. */
const WHAT = 'searches of circuitscope unique';

const CoreSchema = v.strictObject({ nodes: v.array(v.string()), edges: v.number() });
const SearchSchema = v.strictObject({
  seed: v.number(),
  /** Nodes that the core could not have. */
  forbidden: v.array(v.string()),
  /** Null where none was found. */
  core: v.nullable(CoreSchema),
});
const FileSchema = v.strictObject({
  what: v.literal(WHAT),
  of: v.looseObject({ pairs: v.looseObject({}) }),
  searches: v.array(SearchSchema),
  result: v.nullable(v.looseObject({})),
});

/** The core of a search, by the names of its nodes. */
export type NamedCore = v.InferOutput<typeof CoreSchema>;

/** What one search came to: a core, if it found one, and whether its time ran out. */
interface Outcome {
  readonly core: NamedCore | null;
  readonly stopped: boolean;
}

/** What searches are of; those of another model, other pairs or other settings do not count. */
interface SearchesOf {
  readonly bundle: { readonly name: string; readonly hash: string };
  readonly pairs: PairsIdentity;
  readonly find: FindOptions;
}

/** Whether a file holds kept searches. */
export function isKeptSearches(file: string): boolean {
  try {
    return (readJson(file) as { what?: unknown } | null)?.what === WHAT;
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
   * Those of a file, or none yet; without a file they are kept in memory alone.
   * @throws one line when the file holds searches of something else
   */
  static open(file: string | null, of: SearchesOf): KeptSearches {
    // The time that a search may take is no part of what it is, since what ran out of it is not kept.
    const settings = { ...of.find.settings, seconds: undefined };
    // As a file has it, in which what is undefined is not.
    const own = JSON.parse(JSON.stringify({ ...of, find: { ...of.find, settings } })) as object;
    if (file === null || !existsSync(file)) return new KeptSearches(file, own, []);
    const parsed = v.safeParse(FileSchema, readJson(file));
    if (!parsed.success) throw new Error(`${file}: ${schemaError(parsed.issues[0])}`);
    const { of: other, searches } = parsed.output;
    if (isDeepStrictEqual(other, own)) return new KeptSearches(file, own, searches);
    throw new Error(
      `${file} has searches of another model, task or settings; give another --out, or remove it`,
    );
  }

  /** The outcome of a search that is kept, or that is made now and then kept, unless the clock stopped it. */
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

  /** Puts what they came to into the file. */
  finish(result: object): void {
    this.write(result);
  }

  private write(result: object | null): void {
    if (this.file === null) return;
    const { of, searches } = this;
    writeFileAtomic(
      this.file,
      JSON.stringify({ what: WHAT, of, result, searches }, null, 1) + '\n',
    );
  }
}
