/** Floating-point numbers of 16 bits (IEEE 754 binary16): sign, 5 bits of exponent, 10 of fraction. */

/** The bits of such numbers. */
export class HalfArray extends Uint16Array {}

/** The number of some bits. */
export function numberOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of 32 bits of such numbers. */
export function fromHalves(bits: HalfArray): Float32Array {
  return Float32Array.from(bits, numberOfHalf);
}

/** The nearest halves of numbers, of two equally near the even one; beyond 65504 they are infinite. */
export function toHalves(numbers: Float32Array): HalfArray {
  return HalfArray.from(numbers, half) as HalfArray;
}

function half(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Infinity) return sign | 0x7c00;
  // The step between halves: fixed below the smallest with a whole fraction.
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = roundedToEven(size / 2 ** (exponent - 10));
  // As steps of a fraction that has run over count on into the next exponent, so do the bits.
  const bits = steps + (exponent + 14) * 1024;
  return sign | Math.min(bits, 0x7c00);
}

function roundedToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
