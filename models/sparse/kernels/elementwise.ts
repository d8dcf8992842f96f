// One entry of the result from the entries at the same place: up to three operands, broadcast by
// strides of 0 over up to four axes.
import { at, entry, erf4, exp4, int, shareStart } from './lanes';

// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  let y = f32x4.splat(Mathf.log(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, Mathf.log(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, Mathf.log(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, Mathf.log(f32x4.extract_lane(x, 3)));
}

/** The operation by its number, the one of `elementwiseOps` in operations.ts. */
// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128, y: v128, z: v128): v128 {
  if (op == 0) return x;
  if (op == 1) return f32x4.add(x, y);
  if (op == 2) return f32x4.sub(x, y);
  if (op == 3) return f32x4.mul(x, y);
  if (op == 4) return f32x4.div(x, y);
  if (op == 5) return f32x4.neg(x);
  if (op == 6) return exp4(x);
  if (op == 7) return log4(x);
  if (op == 8) return f32x4.sqrt(x);
  if (op == 9) return erf4(x);
  if (op == 10) {
    const half = f32x4.mul(x, f32x4.splat(0.5));
    return f32x4.add(half, f32x4.mul(half, erf4(f32x4.mul(x, f32x4.splat(0.707106781)))));
  }
  if (op == 11) return f32x4.ge(x, y);
  if (op == 12) return i32x4.ge_s(x, y);
  return v128.bitselect(y, z, x);
}

/** n entries along the innermost axis; a stride of 1 in the result lets four go at once. */
// @ts-ignore: decorator
@inline
function row(op: i32, n: i32, o: usize, so: i32, x: usize, sx: i32, y: usize, sy: i32, z: usize, sz: i32): void {
  let i = 0;
  if (so == 1 && <u32>sx <= 1 && <u32>sy <= 1 && <u32>sz <= 1) {
    const end = n & ~3;
    if ((sx & sy & sz) == 1) {
      for (; i < end; i += 4) {
        v128.store(entry(o, i), apply(op, v128.load(entry(x, i)), v128.load(entry(y, i)), v128.load(entry(z, i))));
      }
    } else {
      const x0 = v128.load32_splat(x);
      const y0 = v128.load32_splat(y);
      const z0 = v128.load32_splat(z);
      if (sx == 1 && sy == 0) {
        for (; i < end; i += 4) {
          v128.store(entry(o, i), apply(op, v128.load(entry(x, i)), y0, sz ? v128.load(entry(z, i)) : z0));
        }
      } else if (sx == 0 && sy == 1) {
        for (; i < end; i += 4) {
          v128.store(entry(o, i), apply(op, x0, v128.load(entry(y, i)), sz ? v128.load(entry(z, i)) : z0));
        }
      } else {
        for (; i < end; i += 4) {
          const x4 = sx ? v128.load(entry(x, i)) : x0;
          const y4 = sy ? v128.load(entry(y, i)) : y0;
          v128.store(entry(o, i), apply(op, x4, y4, sz ? v128.load(entry(z, i)) : z0));
        }
      }
    }
  }
  for (; i < n; i++) {
    const x4 = v128.load32_splat(entry(x, i * sx));
    const y4 = v128.load32_splat(entry(y, i * sy));
    v128.store_lane<f32>(entry(o, i * so), apply(op, x4, y4, v128.load32_splat(entry(z, i * sz))), 0);
  }
}

/** Every row of a task's share. a: [op, sizes of four axes, strides of result, x, y and z]. */
// @ts-ignore: decorator
@inline
function rows(op: i32, p: usize, a: usize, task: i32, tasks: i32): void {
  const n1 = int(a, 2);
  const n2 = int(a, 3);
  const n3 = int(a, 4);
  const count = int(a, 1) * n1 * n2;
  let first = 0;
  let last = count;
  let from = 0;
  let to = n3;
  if (count > 1) {
    first = shareStart(count, task, tasks);
    last = shareStart(count, task + 1, tasks);
  } else {
    from = shareStart(n3, task, tasks);
    to = shareStart(n3, task + 1, tasks);
    if (task > 0) from &= ~3;
    if (task + 1 < tasks) to &= ~3;
  }
  const so = int(a, 8);
  const sx = int(a, 12);
  const sy = int(a, 16);
  const sz = int(a, 20);
  for (let r = first; r < last; r++) {
    const i2 = r % n2;
    const q = r / n2;
    const i1 = q % n1;
    const i0 = q / n1;
    row(
      op, to - from,
      entry(at(p, 0), i0 * int(a, 5) + i1 * int(a, 6) + i2 * int(a, 7) + from * so), so,
      entry(at(p, 1), i0 * int(a, 9) + i1 * int(a, 10) + i2 * int(a, 11) + from * sx), sx,
      entry(at(p, 2), i0 * int(a, 13) + i1 * int(a, 14) + i2 * int(a, 15) + from * sy), sy,
      entry(at(p, 3), i0 * int(a, 17) + i1 * int(a, 18) + i2 * int(a, 19) + from * sz), sz,
    );
  }
}

export function elementwise(p: usize, a: usize, task: i32, tasks: i32): void {
  switch (int(a, 0)) {
    case 0: rows(0, p, a, task, tasks); break;
    case 1: rows(1, p, a, task, tasks); break;
    case 2: rows(2, p, a, task, tasks); break;
    case 3: rows(3, p, a, task, tasks); break;
    case 4: rows(4, p, a, task, tasks); break;
    case 5: rows(5, p, a, task, tasks); break;
    case 6: rows(6, p, a, task, tasks); break;
    case 7: rows(7, p, a, task, tasks); break;
    case 8: rows(8, p, a, task, tasks); break;
    case 9: rows(9, p, a, task, tasks); break;
    case 10: rows(10, p, a, task, tasks); break;
    case 11: rows(11, p, a, task, tasks); break;
    case 12: rows(12, p, a, task, tasks); break;
    default: rows(13, p, a, task, tasks);
  }
}

/** A matrix with its axes exchanged: a: [rows, columns, stride of result's row, of x's column]. */
export function exchange(p: usize, a: usize, task: i32, tasks: i32): void {
  // result[r][c] = x[c][r]; both are contiguous in their last axis.
  const n = int(a, 0);
  const m = int(a, 1);
  const so = int(a, 2);
  const sx = int(a, 3);
  const blocks = (n + 15) >> 4;
  const first = shareStart(blocks, task, tasks) << 4;
  const last = min(n, shareStart(blocks, task + 1, tasks) << 4);
  const o = at(p, 0);
  const x = at(p, 1);
  for (let r0 = first; r0 < last; r0 += 16) {
    const r1 = min(last, r0 + 16);
    for (let c = 0; c < m; c += 4) {
      let r = r0;
      if (c + 4 <= m) {
        for (; r + 4 <= r1; r += 4) {
          const w = v128.load(entry(x, c * sx + r));
          const s = v128.load(entry(x, (c + 1) * sx + r));
          const t = v128.load(entry(x, (c + 2) * sx + r));
          const u = v128.load(entry(x, (c + 3) * sx + r));
          const ws = v128.shuffle<i32>(w, s, 0, 4, 1, 5);
          const tu = v128.shuffle<i32>(t, u, 0, 4, 1, 5);
          const ws2 = v128.shuffle<i32>(w, s, 2, 6, 3, 7);
          const tu2 = v128.shuffle<i32>(t, u, 2, 6, 3, 7);
          v128.store(entry(o, r * so + c), v128.shuffle<i64>(ws, tu, 0, 2));
          v128.store(entry(o, (r + 1) * so + c), v128.shuffle<i64>(ws, tu, 1, 3));
          v128.store(entry(o, (r + 2) * so + c), v128.shuffle<i64>(ws2, tu2, 0, 2));
          v128.store(entry(o, (r + 3) * so + c), v128.shuffle<i64>(ws2, tu2, 1, 3));
        }
      }
      for (; r < r1; r++) {
        for (let i = c; i < min(m, c + 4); i++) store<f32>(entry(o, r * so + i), load<f32>(entry(x, i * sx + r)));
      }
    }
  }
}
