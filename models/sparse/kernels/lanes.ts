// Arithmetic on four float32 lanes, and how kernels read their operands.
//
// Every kernel takes (p, a, task, tasks): p points at the addresses of its arrays, a at its integers
// (sizes and strides, in entries of four bytes), and it does its share `task` of `tasks`.

/** Address number i. */
// @ts-ignore: decorator
@inline
export function at(p: usize, i: i32): usize {
  return <usize>load<u32>(p + (<usize>i << 2));
}

/** Integer number i. */
// @ts-ignore: decorator
@inline
export function int(a: usize, i: i32): i32 {
  return load<i32>(a + (<usize>i << 2));
}

/** Address of entry i of an array. */
// @ts-ignore: decorator
@inline
export function entry(array: usize, i: i32): usize {
  return array + (<usize>i << 2);
}

/** Where the share of a task starts; that of the next task is where it ends. */
// @ts-ignore: decorator
@inline
export function shareStart(count: i32, task: i32, tasks: i32): i32 {
  return <i32>((<i64>count * <i64>task) / <i64>tasks);
}

/** e to what is left of x beside n times ln 2: a polynomial good to 3e-9 within half of ln 2. */
// @ts-ignore: decorator
@inline
function expRest(x: v128, n: v128): v128 {
  // ln 2 in two parts, so that the product with the first is exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.add(f32x4.mul(r, f32x4.splat(0.00138145866)), f32x4.splat(0.00836872736));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(0.0416683889));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(0.166665205));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(0.499999934));
  return f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), f32x4.splat(1.0));
}

/** e^x, to 2 units in the last place; 0 below -87.3, infinite above 88.72. */
// @ts-ignore: decorator
@inline
export function exp4(given: v128): v128 {
  // Within bounds, for what is beyond them makes numbers that processors are slow with.
  const x = f32x4.max(f32x4.min(given, f32x4.splat(89.0)), f32x4.splat(-87.3));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  let y = expRest(x, n);
  // The power of two in two factors: one alone would overflow at 128.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const rest = i32x4.sub(whole, half);
  const bias = i32x4.splat(127);
  y = f32x4.mul(y, i32x4.shl(i32x4.add(half, bias), 23));
  y = f32x4.mul(y, i32x4.shl(i32x4.add(rest, bias), 23));
  y = v128.andnot(y, f32x4.lt(given, f32x4.splat(-87.3)));
  return v128.bitselect(f32x4.splat(Infinity), y, f32x4.gt(x, f32x4.splat(88.72)));
}

/**
 * e^x for x from 0 down, as softmax takes it; 0 where the share is below 1e-30. That is nothing beside
 * 1, and smaller ones would make products too small for a normal float32, which processors are slow with.
 */
// @ts-ignore: decorator
@inline
export function share4(given: v128): v128 {
  const x = f32x4.max(given, f32x4.splat(-69.0));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  const y = expRest(x, n);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.and(f32x4.mul(y, power), f32x4.ge(given, f32x4.splat(-69.0)));
}

/** The error function: x · P(x²) / Q(x²), fitted to 3e-8 on [0, 4], beyond which it is 1. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const z = f32x4.max(f32x4.min(x, f32x4.splat(4.0)), f32x4.splat(-4.0));
  const t = f32x4.mul(z, z);
  let p = f32x4.add(f32x4.mul(t, f32x4.splat(1.98682287e-6)), f32x4.splat(0.000284555821));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.00388297937));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.0531006253));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.193536823));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.12837914));
  let q = f32x4.add(f32x4.mul(t, f32x4.splat(3.74200634e-5)), f32x4.splat(0.00118547897));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(0.0152065267));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(0.115346564));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(0.504850102));
  q = f32x4.add(f32x4.mul(q, t), f32x4.splat(1.0));
  return f32x4.div(f32x4.mul(z, p), q);
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}
