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

const OutcomeSchema = v.strictObject({
  seed: v.number(),
  /** Nodes that the core could not have. */
  forbidden: v.array(v.string()),
  /** Null where none was found. */
  core: v.nullable(v.strictObject({ nodes: v.array(v.string()), edges: v.number() })),
  /** The time of the search ran out. */
  stopped: v.boolean(),
});
const FileSchema = v.strictObject({
  what: v.literal(WHAT),
  of: v.looseObject({ pairs: v.looseObject({}) }),
  searches: v.array(OutcomeSchema),
  result: v.nullable(v.looseObject({})),
});

/** What one search came to. */
export type Outcome = v.InferOutput<typeof OutcomeSchema>;

/** What searches are of; those of another model, other pairs or other settings do not count. */
export interface SearchesOf {
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
    private readonly searches: Outcome[],
  ) {}

  /**
   * Those of a file, or none yet; without a file they are kept in memory alone.
   * @throws one line when the file holds searches of something else
   */
  static open(file: string | null, of: SearchesOf): KeptSearches {
    // As a file has it, in which what is undefined is not.
    const own = JSON.parse(JSON.stringify(of)) as object;
    if (file === null || !existsSync(file)) return new KeptSearches(file, own, []);
    const parsed = v.safeParse(FileSchema, readJson(file));
    if (!parsed.success) throw new Error(`${file}: ${schemaError(parsed.issues[0])}`);
    const { of: other, searches } = parsed.output;
    if (isDeepStrictEqual(other, own)) return new KeptSearches(file, own, searches);
    throw new Error(
      `${file} has searches of another model, task or settings; give another --out, or remove it`,
    );
  }

  /** The outcome of a search that is kept, or that is made now and then kept. */
  async outcome(
    seed: number,
    forbidden: NodeSet,
    search: () => Promise<Pick<Outcome, 'core' | 'stopped'>>,
  ): Promise<Outcome> {
    const names = forbidden.names();
    const kept = this.searches.find(
      (one) => one.seed === seed && isDeepStrictEqual(one.forbidden, names),
    );
    if (kept) return kept;
    const made = { seed, forbidden: names, ...(await search()) };
    this.searches.push(made);
    this.write(null);
    return made;
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
