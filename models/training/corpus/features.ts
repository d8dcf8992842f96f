/** Which parts of newer Python a file has, by patterns: good enough to say how much of a corpus has them. */

const PATTERNS = {
  /** A function with the type of a parameter or of its result. */
  'type hints': /^[ \t]*(?:async )?def [^#\n]*(?:->|\w: ?[A-Za-z"'])|^[ \t]*\) ->/m,
  dataclasses: /^[ \t]*@(?:dataclasses\.)?dataclass\b/m,
  'f-strings': /(?<!\w)[rR]?[fF][rR]?(?:"[^"\n]*\{|'[^'\n]*\{|"""|''')/,
  match: /^([ \t]*)match [^#\n]+:[ \t]*\n\1[ \t]+case .*:/m,
  async: /^[ \t]*async (?:def|with|for) /m,
} as const;

/** A part of newer Python. */
export type Feature = keyof typeof PATTERNS;

/** All of them. */
export const FEATURES = Object.keys(PATTERNS) as Feature[];

/** Those that a file has. */
export function featuresOf(text: string): Feature[] {
  return FEATURES.filter((feature) => PATTERNS[feature].test(text));
}
