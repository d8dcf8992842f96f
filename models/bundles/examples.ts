/**
 * What held-out text shows of every node: where it is strongest, where it is as usual, and how often it
 * is how active. Windows of tokens, and by node places in them.
 */
/** Strongest examples of a node and sign; at most one a window. */
export const EXAMPLES_A_SIGN = 4;
/** Of a node's activations of one sign, by magnitude: examples stand around these, too. */
export const PERCENTILES = [99, 90, 50] as const;
/** Examples around a percentile. */
export const EXAMPLES_A_PERCENTILE = 2;
/** Examples of a node and sign: the strongest, then those around each percentile. */
export const PER_SIGN = EXAMPLES_A_SIGN + PERCENTILES.length * EXAMPLES_A_PERCENTILE;
/** All of them but the strongest, whose activation is stored as it is. */
export const PARTS = PER_SIGN - 1;
/** Bins of a node's histogram. */
export const BINS = 16;
/** Places are stored in 16 bits. */
export const MOST_TOKENS = 2 ** 16;
/** The largest magnitude, in parts of which the others are stored. */
const WHOLE = 2 ** 16 - 1;
/** Steps in which a bin's count doubles. */
const STEPS = 15;
export const SIGNS = 2;

/** Examples of all nodes. */
export interface Examples {
  /** Token ids of the windows, [window, context]. */
  readonly tokens: Uint16Array;
  /** By site name. */
  readonly sites: ReadonlyMap<string, SiteExamples>;
}

/** Examples of a site's nodes; the first sign is positive, the second negative. */
export interface SiteExamples {
  /** Index into `tokens`, [node, sign, example]. */
  readonly places: Uint16Array;
  /** Activation at the first example, which is the strongest; 0 without one, [node, sign]. */
  readonly peaks: Float32Array;
  /** Magnitude at the others, in 65535ths of the peak's; 0 for none, [node, sign, example]. */
  readonly parts: Uint16Array;
  /** How often it is how active; null in files of earlier versions. */
  readonly activity: {
    /** Tokens at which it has the sign, [node, sign]. */
    readonly active: Uint16Array;
    /** Counts between its smallest and its largest activation as `codeOf` has them, [node, bin]. */
    readonly bins: Uint8Array;
  } | null;
}

/** One place in held-out text. */
export interface Example {
  readonly activation: number;
  /** Token ids of the window around it, [context], and the place in them. */
  readonly tokens: Uint16Array;
  readonly at: number;
}

/** Examples of one node and sign that belong together. */
export interface ExampleGroup {
  /** That they stand around; null for the strongest. */
  readonly percentile: number | null;
  /** Never none; the strongest go from the first down. */
  readonly examples: readonly Example[];
}

/** How often a node is how active. */
export interface Activity {
  /** Tokens that were looked at, and those at which it was active. */
  readonly tokens: number;
  readonly positive: number;
  readonly negative: number;
  /** Smallest and largest activation, and 0. */
  readonly low: number;
  readonly high: number;
  /** Tokens by activation from `low` to `high`, those without left out, within 4 %. */
  readonly bins: number[];
}

/** What is known of a node; of a head's numbers, which are the same at every token, nothing. */
export interface NodeExamples {
  readonly positive: ExampleGroup[];
  readonly negative: ExampleGroup[];
  readonly activity: Activity | null;
}

/** Tokens of a window that nothing is looked for at: what stands there tells of the cut before them. */
export const unreadTokens = (context: number): number => context >> 1;

/** An activation in 16 bits, in parts of the largest of its sign; not 0, which stands for none. */
export const partOf = (activation: number, peak: number): number =>
  activation === 0 ? 0 : Math.max(1, Math.round((WHOLE * activation) / peak));

/** A count in 8 bits, exact to 24, else within 4 %. */
export const codeOf = (count: number): number => Math.round(STEPS * Math.log2(1 + count));
const countOf = (code: number): number => Math.round(2 ** (code / STEPS) - 1);

/** Examples of one node. */
export function examplesOf(
  { tokens, sites }: Examples,
  context: number,
  site: string,
  index: number,
): NodeExamples {
  const found = sites.get(site);
  if (!found) return { positive: [], negative: [], activity: null };
  const groups = (sign: 0 | 1): ExampleGroup[] => {
    const row = SIGNS * index + sign;
    const examples = Array.from({ length: PER_SIGN }, (_, i): Example => {
      const part = i === 0 ? 1 : found.parts[row * PARTS + i - 1] / WHOLE;
      const place = found.places[row * PER_SIGN + i];
      const at = place % context;
      const window = tokens.slice(place - at, place - at + context);
      return { activation: part * found.peaks[row], tokens: window, at };
    });
    const group = (percentile: number | null, from: number, count: number) => ({
      percentile,
      examples: examples.slice(from, from + count).filter(({ activation }) => activation !== 0),
    });
    return [
      group(null, 0, EXAMPLES_A_SIGN),
      ...PERCENTILES.map((percentile, i) =>
        group(percentile, EXAMPLES_A_SIGN + i * EXAMPLES_A_PERCENTILE, EXAMPLES_A_PERCENTILE),
      ),
    ].filter(({ examples }) => examples.length > 0);
  };
  return {
    positive: groups(0),
    negative: groups(1),
    activity: found.activity && {
      tokens: readTokens(tokens, context),
      positive: found.activity.active[SIGNS * index],
      negative: found.activity.active[SIGNS * index + 1],
      high: found.peaks[SIGNS * index],
      low: found.peaks[SIGNS * index + 1],
      bins: Array.from(found.activity.bins.subarray(index * BINS, (index + 1) * BINS), countOf),
    },
  };
}

/** Tokens of the windows that are looked at. */
export function readTokens(tokens: Uint16Array, context: number): number {
  return (tokens.length / context) * (context - unreadTokens(context));
}

/** Room for the examples of a site's nodes. */
export function emptySite(width: number) {
  return {
    places: new Uint16Array(width * SIGNS * PER_SIGN),
    peaks: new Float32Array(width * SIGNS),
    parts: new Uint16Array(width * SIGNS * PARTS),
    activity: {
      active: new Uint16Array(width * SIGNS),
      bins: new Uint8Array(width * BINS),
    },
  } satisfies SiteExamples;
}
