// Matrix products: by a sparse matrix, by a dense one whose entries are spread over lanes, and of
// pairs of vectors.
import { at, entry, int, shareStart } from './lanes';

/**
 * result[o][column] = sum over the nonzeros of row o of value · x[index][column].
 * p: result, x, starts [rows + 1], indices, values; a: [rows, columns, stride of result's and x's rows].
 */
export function sparse(p: usize, a: usize, task: i32, tasks: i32): void {
  const rows = int(a, 0);
  const columns = int(a, 1);
  const so = int(a, 2);
  const sx = int(a, 3);
  const o = at(p, 0);
  const x = at(p, 1);
  const starts = at(p, 2);
  const indices = at(p, 3);
  const values = at(p, 4);
  const blocks = (columns + 31) >> 5;
  // With few columns, tasks take some of the rows each.
  const chunks = blocks >= tasks ? 1 : (tasks + blocks - 1) / blocks;
  const units = blocks * chunks;
  const lastUnit = shareStart(units, task + 1, tasks);
  for (let unit = shareStart(units, task, tasks); unit < lastUnit; unit++) {
    const block = unit / chunks;
    const chunk = unit % chunks;
    const first = shareStart(rows, chunk, chunks);
    const last = shareStart(rows, chunk + 1, chunks);
    let column = block << 5;
    const end = min(columns, column + 32);
    if (column + 32 <= end) {
      thirtyTwo(first, last, entry(o, column), so, entry(x, column), sx, starts, indices, values);
      continue;
    }
    for (; column + 8 <= end; column += 8) {
      eight(first, last, entry(o, column), so, entry(x, column), sx, starts, indices, values);
    }
    for (; column < end; column++) {
      single(first, last, entry(o, column), so, entry(x, column), sx, starts, indices, values);
    }
  }
}

function thirtyTwo(first: i32, last: i32, o: usize, so: i32, x: usize, sx: i32, starts: usize, indices: usize, values: usize): void {
  let i = load<i32>(entry(starts, first));
  for (let r = first; r < last; r++) {
    const end = load<i32>(entry(starts, r + 1));
    let y0 = f32x4.splat(0);
    let y1 = f32x4.splat(0);
    let y2 = f32x4.splat(0);
    let y3 = f32x4.splat(0);
    let y4 = f32x4.splat(0);
    let y5 = f32x4.splat(0);
    let y6 = f32x4.splat(0);
    let y7 = f32x4.splat(0);
    for (; i < end; i++) {
      const w = v128.load32_splat(entry(values, i));
      const from = entry(x, load<i32>(entry(indices, i)) * sx);
      y0 = f32x4.add(y0, f32x4.mul(w, v128.load(from)));
      y1 = f32x4.add(y1, f32x4.mul(w, v128.load(from, 16)));
      y2 = f32x4.add(y2, f32x4.mul(w, v128.load(from, 32)));
      y3 = f32x4.add(y3, f32x4.mul(w, v128.load(from, 48)));
      y4 = f32x4.add(y4, f32x4.mul(w, v128.load(from, 64)));
      y5 = f32x4.add(y5, f32x4.mul(w, v128.load(from, 80)));
      y6 = f32x4.add(y6, f32x4.mul(w, v128.load(from, 96)));
      y7 = f32x4.add(y7, f32x4.mul(w, v128.load(from, 112)));
    }
    const to = entry(o, r * so);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
    v128.store(to, y4, 64);
    v128.store(to, y5, 80);
    v128.store(to, y6, 96);
    v128.store(to, y7, 112);
  }
}

function eight(first: i32, last: i32, o: usize, so: i32, x: usize, sx: i32, starts: usize, indices: usize, values: usize): void {
  let i = load<i32>(entry(starts, first));
  for (let r = first; r < last; r++) {
    const end = load<i32>(entry(starts, r + 1));
    let y0 = f32x4.splat(0);
    let y1 = f32x4.splat(0);
    for (; i < end; i++) {
      const w = v128.load32_splat(entry(values, i));
      const from = entry(x, load<i32>(entry(indices, i)) * sx);
      y0 = f32x4.add(y0, f32x4.mul(w, v128.load(from)));
      y1 = f32x4.add(y1, f32x4.mul(w, v128.load(from, 16)));
    }
    const to = entry(o, r * so);
    v128.store(to, y0);
    v128.store(to, y1, 16);
  }
}

function single(first: i32, last: i32, o: usize, so: i32, x: usize, sx: i32, starts: usize, indices: usize, values: usize): void {
  let i = load<i32>(entry(starts, first));
  for (let r = first; r < last; r++) {
    const end = load<i32>(entry(starts, r + 1));
    let y: f32 = 0;
    for (; i < end; i++) y += load<f32>(entry(values, i)) * load<f32>(entry(x, load<i32>(entry(indices, i)) * sx));
    store<f32>(entry(o, r * so), y);
  }
}

/**
 * result[m][n] = sum over k of spread[m][k] · x[k][n], n contiguous in x and in the result.
 * p: result, spread, x; a: [m, n, k, stride of result's m, of spread's m and k, of x's k, sizes of two
 * outer axes, their strides in the result, in spread, in x].
 */
export function spread(p: usize, a: usize, task: i32, tasks: i32): void {
  const rows = int(a, 0);
  const columns = int(a, 1);
  const inner = int(a, 2);
  const so = int(a, 3);
  const sm = int(a, 4);
  const sk = int(a, 5);
  const sx = int(a, 6);
  const n1 = int(a, 8);
  const outer = int(a, 7) * n1;
  const chunks = outer >= tasks ? 1 : min((tasks + outer - 1) / outer, (rows + 3) >> 2);
  const units = outer * chunks;
  const lastUnit = shareStart(units, task + 1, tasks);
  for (let unit = shareStart(units, task, tasks); unit < lastUnit; unit++) {
    const i1 = (unit / chunks) % n1;
    const i0 = unit / chunks / n1;
    const chunk = unit % chunks;
    const fours = (rows + 3) >> 2;
    const first = shareStart(fours, chunk, chunks) << 2;
    const last = min(rows, shareStart(fours, chunk + 1, chunks) << 2);
    const o = entry(at(p, 0), i0 * int(a, 9) + i1 * int(a, 10));
    const s = entry(at(p, 1), i0 * int(a, 11) + i1 * int(a, 12));
    const x = entry(at(p, 2), i0 * int(a, 13) + i1 * int(a, 14));
    let column = 0;
    for (; column + 8 <= columns; column += 8) {
      let row = first;
      for (; row + 4 <= last; row += 4) {
        fourByEight(inner, entry(o, row * so + column), so, entry(s, row * sm), sm, sk, entry(x, column), sx);
      }
      for (; row < last; row++) {
        oneByEight(inner, entry(o, row * so + column), entry(s, row * sm), sk, entry(x, column), sx);
      }
    }
    for (; column < columns; column++) {
      for (let row = first; row < last; row++) {
        let y: f32 = 0;
        for (let k = 0; k < inner; k++) y += load<f32>(entry(s, row * sm + k * sk)) * load<f32>(entry(x, k * sx + column));
        store<f32>(entry(o, row * so + column), y);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function fourByEight(inner: i32, o: usize, so: i32, s: usize, sm: i32, sk: i32, x: usize, sx: i32): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  let s1 = entry(s, sm);
  let s2 = entry(s1, sm);
  let s3 = entry(s2, sm);
  const stepS = <usize>(sk << 2);
  const stepX = <usize>(sx << 2);
  for (let k = 0; k < inner; k++) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    let w = v128.load32_splat(s);
    a0 = f32x4.add(a0, f32x4.mul(w, x0));
    a1 = f32x4.add(a1, f32x4.mul(w, x1));
    w = v128.load32_splat(s1);
    b0 = f32x4.add(b0, f32x4.mul(w, x0));
    b1 = f32x4.add(b1, f32x4.mul(w, x1));
    w = v128.load32_splat(s2);
    c0 = f32x4.add(c0, f32x4.mul(w, x0));
    c1 = f32x4.add(c1, f32x4.mul(w, x1));
    w = v128.load32_splat(s3);
    d0 = f32x4.add(d0, f32x4.mul(w, x0));
    d1 = f32x4.add(d1, f32x4.mul(w, x1));
    s += stepS;
    s1 += stepS;
    s2 += stepS;
    s3 += stepS;
    x += stepX;
  }
  v128.store(o, a0);
  v128.store(o, a1, 16);
  o = entry(o, so);
  v128.store(o, b0);
  v128.store(o, b1, 16);
  o = entry(o, so);
  v128.store(o, c0);
  v128.store(o, c1, 16);
  o = entry(o, so);
  v128.store(o, d0);
  v128.store(o, d1, 16);
}

// @ts-ignore: decorator
@inline
function oneByEight(inner: i32, o: usize, s: usize, sk: i32, x: usize, sx: i32): void {
  let y0 = f32x4.splat(0);
  let y1 = f32x4.splat(0);
  for (let k = 0; k < inner; k++) {
    const w = v128.load32_splat(entry(s, k * sk));
    y0 = f32x4.add(y0, f32x4.mul(w, v128.load(entry(x, k * sx))));
    y1 = f32x4.add(y1, f32x4.mul(w, v128.load(entry(x, k * sx), 16)));
  }
  v128.store(o, y0);
  v128.store(o, y1, 16);
}

/**
 * result[m][n][v] = sum over k of x[m][k][v] · y[k][n][v], v contiguous in all three.
 * p: result, x, y; a: [m, n, k, v, strides of result's m and n, of x's m and k, of y's k and n, sizes
 * of two outer axes, their strides in the result, in x, in y].
 */
export function paired(p: usize, a: usize, task: i32, tasks: i32): void {
  const rows = int(a, 0);
  const columns = int(a, 1);
  const inner = int(a, 2);
  const lanes = int(a, 3);
  const n1 = int(a, 11);
  const units = int(a, 10) * n1 * rows;
  const lastUnit = shareStart(units, task + 1, tasks);
  for (let unit = shareStart(units, task, tasks); unit < lastUnit; unit++) {
    const m = unit % rows;
    const i1 = (unit / rows) % n1;
    const i0 = unit / rows / n1;
    const o = entry(at(p, 0), i0 * int(a, 12) + i1 * int(a, 13) + m * int(a, 4));
    const x = entry(at(p, 1), i0 * int(a, 14) + i1 * int(a, 15) + m * int(a, 6));
    const y = entry(at(p, 2), i0 * int(a, 16) + i1 * int(a, 17));
    for (let n = 0; n < columns; n++) {
      const to = entry(o, n * int(a, 5));
      const right = entry(y, n * int(a, 9));
      let v = 0;
      for (; v + 4 <= lanes; v += 4) {
        let total = f32x4.splat(0);
        for (let k = 0; k < inner; k++) {
          const x4 = v128.load(entry(x, k * int(a, 7) + v));
          total = f32x4.add(total, f32x4.mul(x4, v128.load(entry(right, k * int(a, 8) + v))));
        }
        v128.store(entry(to, v), total);
      }
      for (; v < lanes; v++) {
        let total: f32 = 0;
        for (let k = 0; k < inner; k++) {
          total += load<f32>(entry(x, k * int(a, 7) + v)) * load<f32>(entry(right, k * int(a, 8) + v));
        }
        store<f32>(entry(to, v), total);
      }
    }
  }
}
