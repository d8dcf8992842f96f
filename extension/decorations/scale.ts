/**
 * What the strongest color of a document stands for: measured once, on more than is in sight, so that no
 * token changes its color while a person scrolls.
 */
import type { TokenRange } from '../../models/inference/textTokens';
import type { Snapshot } from '../trace/documents';
import { around } from '../trace/tokens';

/** Tokens that a scale is measured on: all of most files, and a second's work. */
const MEASURED_TOKENS = 4000;

/** What was measured. */
export interface Measured {
  /** The largest magnitude that there is. */
  readonly largest: number;
  /** Spread of each node, in whose units its distances count; null where a single node is shown. */
  readonly spreads: Float32Array | null;
}

/** The tokens to measure on, those in sight in the middle. */
export function measuredOn({ encoding }: Snapshot, { start, end }: TokenRange): TokenRange {
  const whole = { start: 0, end: encoding.ids.length };
  return around(whole, (start + end) >> 1, Math.max(MEASURED_TOKENS, end - start));
}

/** The scales of documents, for as long as one thing colors them. */
export class Scales {
  private readonly known = new Map<string, Scale>();

  /** That of a document, which is measured unless it is known. */
  async of({ uri, version }: Snapshot, measure: () => Promise<Measured>): Promise<Scale> {
    const known = this.known.get(uri);
    if (known) return known;
    const measured = new Scale(await measure(), version);
    // Two editors may show one document: what was there first counts.
    const first = this.known.get(uri) ?? measured;
    this.known.set(uri, first);
    return first;
  }
}

export class Scale {
  readonly spreads: Float32Array | null;
  private top: number;

  /** @param version of the document that was measured */
  constructor(
    { largest, spreads }: Measured,
    private version: number,
  ) {
    [this.top, this.spreads] = [largest, spreads];
  }

  /**
   * What the strongest color stands for. What is in sight counts after an edit, and where nothing was
   * found to measure by: if it counted always, scrolling would change what is painted.
   * @param inSight the largest magnitude in sight
   */
  largest({ version }: Snapshot, inSight: number): number {
    if (version !== this.version || this.top === 0) this.top = Math.max(this.top, inSight);
    this.version = version;
    return this.top;
  }
}
