// What one row of an axis decides together: sums, softmax, the largest magnitudes. Rows lie beside
// each other, so that four of them go at once where the axis across them is contiguous.
import { at, entry, share4, int, shareStart, sumLanes } from './lanes';

/**
 * Sums over up to three axes. a: [sizes of three kept axes, strides in the result, in x, sizes of
 * three summed axes, strides in x].
 */
export function sum(p: usize, a: usize, task: i32, tasks: i32): void {
  const n1 = int(a, 1);
  const n2 = int(a, 2);
  const so2 = int(a, 5);
  const sx2 = int(a, 8);
  const wide = so2 == 1 && sx2 == 1;
  const blocks = wide ? (n2 + 15) >> 4 : n2;
  const units = int(a, 0) * n1 * blocks;
  const last = shareStart(units, task + 1, tasks);
  const m0 = int(a, 9);
  const m1 = int(a, 10);
  const m2 = int(a, 11);
  const s0 = int(a, 12);
  const s1 = int(a, 13);
  const s2 = int(a, 14);
  for (let unit = shareStart(units, task, tasks); unit < last; unit++) {
    const block = unit % blocks;
    const i1 = (unit / blocks) % n1;
    const i0 = unit / blocks / n1;
    let i2 = wide ? block << 4 : block;
    const end = wide ? min(n2, i2 + 16) : i2 + 1;
    const o = entry(at(p, 0), i0 * int(a, 3) + i1 * int(a, 4));
    const x = entry(at(p, 1), i0 * int(a, 6) + i1 * int(a, 7));
    if (wide) {
      for (; i2 + 4 <= end; i2 += 4) {
        let total = f32x4.splat(0);
        for (let j0 = 0; j0 < m0; j0++) {
          for (let j1 = 0; j1 < m1; j1++) {
            let from = entry(x, i2 + j0 * s0 + j1 * s1);
            for (let j2 = 0; j2 < m2; j2++) {
              total = f32x4.add(total, v128.load(from));
              from = entry(from, s2);
            }
          }
        }
        v128.store(entry(o, i2), total);
      }
    }
    for (; i2 < end; i2++) {
      let total: f32 = 0;
      for (let j0 = 0; j0 < m0; j0++) {
        for (let j1 = 0; j1 < m1; j1++) {
          let from = entry(x, i2 * sx2 + j0 * s0 + j1 * s1);
          let j2 = 0;
          if (s2 == 1) {
            let four = f32x4.splat(0);
            for (; j2 + 4 <= m2; j2 += 4) four = f32x4.add(four, v128.load(entry(from, j2)));
            total += sumLanes(four);
            from = entry(from, j2);
          }
          for (; j2 < m2; j2++) {
            total += load<f32>(from);
            from = entry(from, s2);
          }
        }
      }
      store<f32>(entry(o, i2 * so2), total);
    }
  }
}

// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  let y = f32x4.splat(Mathf.log(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, Mathf.log(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, Mathf.log(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, Mathf.log(f32x4.extract_lane(x, 3)));
}

/**
 * Softmax of sixteen rows at once, entries n apart by strides: a whole cache line at each step. The
 * entries of neighbouring steps lie far apart, often at the same place of the cache.
 */
function softmaxSixteen(log: bool, n: i32, o: usize, so: i32, x: usize, sx: i32): void {
  const stepX = <usize>(sx << 2);
  const stepO = <usize>(so << 2);
  let t0 = v128.load(x);
  let t1 = v128.load(x, 16);
  let t2 = v128.load(x, 32);
  let t3 = v128.load(x, 48);
  let from = x;
  for (let i = 1; i < n; i++) {
    from += stepX;
    t0 = f32x4.max(t0, v128.load(from));
    t1 = f32x4.max(t1, v128.load(from, 16));
    t2 = f32x4.max(t2, v128.load(from, 32));
    t3 = f32x4.max(t3, v128.load(from, 48));
  }
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  from = x;
  let to = o;
  for (let i = 0; i < n; i++) {
    const y0 = share4(f32x4.sub(v128.load(from), t0));
    s0 = f32x4.add(s0, y0);
    if (!log) v128.store(to, y0);
    const y1 = share4(f32x4.sub(v128.load(from, 16), t1));
    s1 = f32x4.add(s1, y1);
    if (!log) v128.store(to, y1, 16);
    const y2 = share4(f32x4.sub(v128.load(from, 32), t2));
    s2 = f32x4.add(s2, y2);
    if (!log) v128.store(to, y2, 32);
    const y3 = share4(f32x4.sub(v128.load(from, 48), t3));
    s3 = f32x4.add(s3, y3);
    if (!log) v128.store(to, y3, 48);
    from += stepX;
    to += stepO;
  }
  to = o;
  if (log) {
    t0 = f32x4.add(t0, log4(s0));
    t1 = f32x4.add(t1, log4(s1));
    t2 = f32x4.add(t2, log4(s2));
    t3 = f32x4.add(t3, log4(s3));
    from = x;
    for (let i = 0; i < n; i++) {
      v128.store(to, f32x4.sub(v128.load(from), t0));
      v128.store(to, f32x4.sub(v128.load(from, 16), t1), 16);
      v128.store(to, f32x4.sub(v128.load(from, 32), t2), 32);
      v128.store(to, f32x4.sub(v128.load(from, 48), t3), 48);
      from += stepX;
      to += stepO;
    }
    return;
  }
  s0 = f32x4.div(f32x4.splat(1), s0);
  s1 = f32x4.div(f32x4.splat(1), s1);
  s2 = f32x4.div(f32x4.splat(1), s2);
  s3 = f32x4.div(f32x4.splat(1), s3);
  for (let i = 0; i < n; i++) {
    v128.store(to, f32x4.mul(v128.load(to), s0));
    v128.store(to, f32x4.mul(v128.load(to, 16), s1), 16);
    v128.store(to, f32x4.mul(v128.load(to, 32), s2), 32);
    v128.store(to, f32x4.mul(v128.load(to, 48), s3), 48);
    to += stepO;
  }
}

/** Softmax of one row. */
function softmaxOne(log: bool, n: i32, o: usize, so: i32, x: usize, sx: i32): void {
  let top: f32 = -Infinity;
  for (let i = 0; i < n; i++) top = max(top, load<f32>(entry(x, i * sx)));
  const top4 = f32x4.splat(top);
  let total: f32 = 0;
  let i = 0;
  if (sx == 1 && so == 1) {
    let four = f32x4.splat(0);
    for (; i + 4 <= n; i += 4) {
      const y = share4(f32x4.sub(v128.load(entry(x, i)), top4));
      four = f32x4.add(four, y);
      if (!log) v128.store(entry(o, i), y);
    }
    total = sumLanes(four);
  }
  for (; i < n; i++) {
    const y = f32x4.extract_lane(share4(f32x4.sub(v128.load32_splat(entry(x, i * sx)), top4)), 0);
    total += y;
    if (!log) store<f32>(entry(o, i * so), y);
  }
  if (log) {
    const norm = top + Mathf.log(total);
    for (i = 0; i < n; i++) store<f32>(entry(o, i * so), load<f32>(entry(x, i * sx)) - norm);
  } else {
    const scale: f32 = 1 / total;
    for (i = 0; i < n; i++) store<f32>(entry(o, i * so), load<f32>(entry(o, i * so)) * scale);
  }
}

/** Where the next threshold is tried: in the middle, or where an even spread of counts has it. */
// @ts-ignore: decorator
@inline
function between(low: v128, high: v128, above: v128, below: v128, wanted: v128, halve: bool): v128 {
  // Bits of positive floats are ordered as the floats are.
  const gap = i32x4.sub(high, low);
  if (halve) return i32x4.add(low, i32x4.shr_s(gap, 1));
  const share = f32x4.div(
    f32x4.convert_i32x4_s(i32x4.sub(above, wanted)),
    f32x4.convert_i32x4_s(i32x4.max_s(i32x4.sub(above, below), i32x4.splat(1))),
  );
  const step = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.convert_i32x4_s(gap), share));
  const one = i32x4.splat(1);
  return i32x4.add(low, i32x4.max_s(i32x4.min_s(step, i32x4.sub(gap, one)), one));
}

/** Masks of the k largest magnitudes of sixteen rows; ties are in. */
function largestSixteen(k: i32, n: i32, o: usize, so: i32, x: usize, sx: i32): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const one = i32x4.splat(1);
  const stepX = <usize>(sx << 2);
  const wanted = i32x4.splat(k);
  // At least k reach the low threshold, fewer the high one; they count `above` and `below`.
  let l0 = i32x4.splat(0);
  let l1 = l0;
  let l2 = l0;
  let l3 = l0;
  let h0 = l0;
  let h1 = l0;
  let h2 = l0;
  let h3 = l0;
  let from = x;
  for (let i = 0; i < n; i++) {
    h0 = i32x4.max_s(h0, v128.and(v128.load(from), magnitude));
    h1 = i32x4.max_s(h1, v128.and(v128.load(from, 16), magnitude));
    h2 = i32x4.max_s(h2, v128.and(v128.load(from, 32), magnitude));
    h3 = i32x4.max_s(h3, v128.and(v128.load(from, 48), magnitude));
    from += stepX;
  }
  h0 = i32x4.add(h0, one);
  h1 = i32x4.add(h1, one);
  h2 = i32x4.add(h2, one);
  h3 = i32x4.add(h3, one);
  let a0 = i32x4.splat(n);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = i32x4.splat(0);
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  // Four binary orders below the largest hold the threshold most often.
  let m0 = i32x4.max_s(i32x4.sub(h0, i32x4.splat(4 << 23)), one);
  let m1 = i32x4.max_s(i32x4.sub(h1, i32x4.splat(4 << 23)), one);
  let m2 = i32x4.max_s(i32x4.sub(h2, i32x4.splat(4 << 23)), one);
  let m3 = i32x4.max_s(i32x4.sub(h3, i32x4.splat(4 << 23)), one);
  for (let round = 0; ; round++) {
    let c0 = i32x4.splat(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    from = x;
    for (let i = 0; i < n; i++) {
      c0 = i32x4.sub(c0, i32x4.ge_s(v128.and(v128.load(from), magnitude), m0));
      c1 = i32x4.sub(c1, i32x4.ge_s(v128.and(v128.load(from, 16), magnitude), m1));
      c2 = i32x4.sub(c2, i32x4.ge_s(v128.and(v128.load(from, 32), magnitude), m2));
      c3 = i32x4.sub(c3, i32x4.ge_s(v128.and(v128.load(from, 48), magnitude), m3));
      from += stepX;
    }
    let enough = i32x4.ge_s(c0, wanted);
    l0 = v128.bitselect(m0, l0, enough);
    a0 = v128.bitselect(c0, a0, enough);
    // Where exactly k reach it, no closer threshold is needed.
    h0 = v128.bitselect(v128.bitselect(i32x4.add(m0, one), h0, i32x4.eq(c0, wanted)), m0, enough);
    b0 = v128.bitselect(b0, c0, enough);
    enough = i32x4.ge_s(c1, wanted);
    l1 = v128.bitselect(m1, l1, enough);
    a1 = v128.bitselect(c1, a1, enough);
    h1 = v128.bitselect(v128.bitselect(i32x4.add(m1, one), h1, i32x4.eq(c1, wanted)), m1, enough);
    b1 = v128.bitselect(b1, c1, enough);
    enough = i32x4.ge_s(c2, wanted);
    l2 = v128.bitselect(m2, l2, enough);
    a2 = v128.bitselect(c2, a2, enough);
    h2 = v128.bitselect(v128.bitselect(i32x4.add(m2, one), h2, i32x4.eq(c2, wanted)), m2, enough);
    b2 = v128.bitselect(b2, c2, enough);
    enough = i32x4.ge_s(c3, wanted);
    l3 = v128.bitselect(m3, l3, enough);
    a3 = v128.bitselect(c3, a3, enough);
    h3 = v128.bitselect(v128.bitselect(i32x4.add(m3, one), h3, i32x4.eq(c3, wanted)), m3, enough);
    b3 = v128.bitselect(b3, c3, enough);
    const widest = i32x4.max_s(
      i32x4.max_s(i32x4.sub(h0, l0), i32x4.sub(h1, l1)),
      i32x4.max_s(i32x4.sub(h2, l2), i32x4.sub(h3, l3)),
    );
    if (!v128.any_true(i32x4.gt_s(widest, one))) break;
    const halve = (round & 1) == 1;
    m0 = between(l0, h0, a0, b0, wanted, halve);
    m1 = between(l1, h1, a1, b1, wanted, halve);
    m2 = between(l2, h2, a2, b2, wanted, halve);
    m3 = between(l3, h3, a3, b3, wanted, halve);
  }
  const stepO = <usize>(so << 2);
  from = x;
  for (let i = 0; i < n; i++) {
    v128.store(o, i32x4.ge_s(v128.and(v128.load(from), magnitude), l0));
    v128.store(o, i32x4.ge_s(v128.and(v128.load(from, 16), magnitude), l1), 16);
    v128.store(o, i32x4.ge_s(v128.and(v128.load(from, 32), magnitude), l2), 32);
    v128.store(o, i32x4.ge_s(v128.and(v128.load(from, 48), magnitude), l3), 48);
    from += stepX;
    o += stepO;
  }
}

function thresholdOne(k: i32, n: i32, x: usize, sx: i32): i32 {
  let low = 0;
  let high = 0;
  for (let i = 0; i < n; i++) high = max(high, load<i32>(entry(x, i * sx)) & 0x7fffffff);
  high++;
  while (high - low > 1) {
    const middle = low + ((high - low) >> 1);
    let count = 0;
    for (let i = 0; i < n; i++) count += i32((load<i32>(entry(x, i * sx)) & 0x7fffffff) >= middle);
    if (count >= k) low = middle;
    else high = middle;
    if (count == k) break;
  }
  return low;
}

// @ts-ignore: decorator
@inline
function sixteen(kind: i32, k: i32, n: i32, o: usize, so: i32, x: usize, sx: i32): void {
  if (kind < 2) softmaxSixteen(kind == 1, n, o, so, x, sx);
  else largestSixteen(k, n, o, so, x, sx);
}

// @ts-ignore: decorator
@inline
function one(kind: i32, k: i32, n: i32, o: usize, so: i32, x: usize, sx: i32): void {
  if (kind < 2) return softmaxOne(kind == 1, n, o, so, x, sx);
  const low = thresholdOne(k, n, x, sx);
  for (let i = 0; i < n; i++) {
    const reached = (load<i32>(entry(x, i * sx)) & 0x7fffffff) >= low;
    store<i32>(entry(o, i * so), reached ? -1 : 0);
  }
}

/**
 * Rows of an axis. a: [kind (0 softmax, 1 its logarithm, 2 mask of the k largest magnitudes), k,
 * sizes of three other axes, their strides in the result, in x, size of the axis, strides of it].
 */
export function rowwise(p: usize, a: usize, task: i32, tasks: i32): void {
  const kind = int(a, 0);
  const k = int(a, 1);
  const n1 = int(a, 3);
  const n2 = int(a, 4);
  const so2 = int(a, 7);
  const sx2 = int(a, 10);
  const n = int(a, 11);
  const so = int(a, 12);
  const sx = int(a, 13);
  const wide = so2 == 1 && sx2 == 1;
  const blocks = wide ? (n2 + 15) >> 4 : n2;
  const units = int(a, 2) * n1 * blocks;
  const last = shareStart(units, task + 1, tasks);
  for (let unit = shareStart(units, task, tasks); unit < last; unit++) {
    const block = unit % blocks;
    const i1 = (unit / blocks) % n1;
    const i0 = unit / blocks / n1;
    const o = entry(at(p, 0), i0 * int(a, 5) + i1 * int(a, 6));
    const x = entry(at(p, 1), i0 * int(a, 8) + i1 * int(a, 9));
    if (!wide) {
      one(kind, k, n, entry(o, block * so2), so, entry(x, block * sx2), sx);
      continue;
    }
    const i2 = block << 4;
    if (i2 + 16 <= n2) sixteen(kind, k, n, entry(o, i2), so, entry(x, i2), sx);
    else for (let i = i2; i < n2; i++) one(kind, k, n, entry(o, i), so, entry(x, i), sx);
  }
}
