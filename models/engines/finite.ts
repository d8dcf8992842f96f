/** Numbers that went beyond what 32 bits hold are an error, never a result. */

/**
 * Throws unless every number is finite.
 * @param what the numbers are, for the error
 */
export function requireFinite(what: string, values: Float32Array | Float64Array): void {
  let sum = 0;
  // Zero times a number is zero, and NaN where the number is not finite.
  // By index: an iterator takes several times as long, and this looks at every prediction.
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  if (sum === 0) return;
  throw new Error(
    `${what} went beyond the largest number that the model can compute with; use smaller values or scales`,
  );
}
