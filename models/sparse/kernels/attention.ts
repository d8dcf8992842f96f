// Attention of a head in one go: scores, their shares and the mixture of values, sixteen queries at a
// time, so that the scores stay in the cache, and keys that none of them may attend to are not read.
import { at, entry, int, share4, shareStart } from './lanes';

/**
 * Shares of keys, and of the queries' own positions, in their values' mixture. A query attends to keys
 * whose places, in ascending order, are not beyond its own, and to its own position and those before it
 * in the same text.
 * p: result, queries, keys, values, places of the queries' columns, of the keys, own keys, own values,
 * row of each column in its text, memory for scores; a: [heads, texts, columns, channels of queries, of
 * values, keys, own positions, strides of text, head and channel of result, of queries, of keys, of
 * values, of head and channel of own keys, of own values, memory of a task].
 */
export function attention(p: usize, a: usize, task: i32, tasks: i32): void {
  const heads = int(a, 0);
  const columns = int(a, 2);
  const blocks = (columns + 15) >> 4;
  const units = heads * int(a, 1) * blocks;
  const last = shareStart(units, task + 1, tasks);
  const scores = entry(at(p, 9), task * int(a, 23));
  for (let unit = shareStart(units, task, tasks); unit < last; unit++) {
    const head = (unit / blocks) % heads;
    const text = unit / blocks / heads;
    const o = entry(at(p, 0), text * int(a, 7) + head * int(a, 8));
    const q = entry(at(p, 1), text * int(a, 10) + head * int(a, 11));
    const k = entry(at(p, 2), text * int(a, 13) + head * int(a, 14));
    const v = entry(at(p, 3), text * int(a, 16) + head * int(a, 17));
    const ownK = entry(at(p, 6), head * int(a, 19));
    const ownV = entry(at(p, 7), head * int(a, 21));
    if (columns < 16) {
      for (let c = 0; c < columns; c++) one(p, a, c, o, q, k, v, ownK, ownV, scores);
      continue;
    }
    // The last block begins earlier and repeats some columns: the same numbers once more.
    const column = min((unit % blocks) << 4, columns - 16);
    sixteen(p, a, column, entry(o, column), entry(q, column), k, v, entry(ownK, column), entry(ownV, column), scores);
  }
}

/** How many ascending places are not beyond one. */
function upTo(places: usize, count: i32, place: i32): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i32>(entry(places, middle)) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sixteen(p: usize, a: usize, column: i32, o: usize, q: usize, k: usize, v: usize, ownK: usize, ownV: usize, scores: usize): void {
  const channels = int(a, 3);
  const width = int(a, 4);
  const own = int(a, 6);
  const stepQ = <usize>(int(a, 12) << 2);
  const stepK = <usize>(int(a, 15) << 2);
  const places = entry(at(p, 4), column);
  const keyPlaces = at(p, 5);
  const rows = entry(at(p, 8), column);
  let nearest = load<i32>(places);
  let farthest = nearest;
  for (let i = 1; i < 16; i++) {
    nearest = min(nearest, load<i32>(entry(places, i)));
    farthest = max(farthest, load<i32>(entry(places, i)));
  }
  // All sixteen attend to the first `seen` keys, none from `count` on.
  const seen = upTo(keyPlaces, int(a, 5), nearest);
  const count = upTo(keyPlaces, int(a, 5), farthest);
  const never = f32x4.splat(-Infinity);
  let t0 = never;
  let t1 = never;
  let t2 = never;
  let t3 = never;
  let to = scores;
  let j = 0;
  for (; j + 2 <= seen; j += 2) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let x = q;
    let y = entry(k, j);
    for (let c = 0; c < channels; c++) {
      const w = v128.load32_splat(y);
      const u = v128.load32_splat(y, 4);
      let z = v128.load(x);
      a0 = f32x4.add(a0, f32x4.mul(z, w));
      b0 = f32x4.add(b0, f32x4.mul(z, u));
      z = v128.load(x, 16);
      a1 = f32x4.add(a1, f32x4.mul(z, w));
      b1 = f32x4.add(b1, f32x4.mul(z, u));
      z = v128.load(x, 32);
      a2 = f32x4.add(a2, f32x4.mul(z, w));
      b2 = f32x4.add(b2, f32x4.mul(z, u));
      z = v128.load(x, 48);
      a3 = f32x4.add(a3, f32x4.mul(z, w));
      b3 = f32x4.add(b3, f32x4.mul(z, u));
      x += stepQ;
      y += stepK;
    }
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    v128.store(to, b0, 64);
    v128.store(to, b1, 80);
    v128.store(to, b2, 96);
    v128.store(to, b3, 112);
    t0 = f32x4.max(t0, f32x4.max(a0, b0));
    t1 = f32x4.max(t1, f32x4.max(a1, b1));
    t2 = f32x4.max(t2, f32x4.max(a2, b2));
    t3 = f32x4.max(t3, f32x4.max(a3, b3));
    to += 128;
  }
  for (let i = j; i < count + own; i++) {
    // Keys near the last ones, which some of the queries may not see, then their own positions.
    const isOwn = i >= count;
    const back = count + own - 1 - i;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let x = q;
    if (isOwn) {
      let y = ownK - (<usize>back << 2);
      const stepY = <usize>(int(a, 20) << 2);
      for (let c = 0; c < channels; c++) {
        a0 = f32x4.add(a0, f32x4.mul(v128.load(x), v128.load(y)));
        a1 = f32x4.add(a1, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
        a2 = f32x4.add(a2, f32x4.mul(v128.load(x, 32), v128.load(y, 32)));
        a3 = f32x4.add(a3, f32x4.mul(v128.load(x, 48), v128.load(y, 48)));
        x += stepQ;
        y += stepY;
      }
    } else {
      let y = entry(k, i);
      for (let c = 0; c < channels; c++) {
        const w = v128.load32_splat(y);
        a0 = f32x4.add(a0, f32x4.mul(v128.load(x), w));
        a1 = f32x4.add(a1, f32x4.mul(v128.load(x, 16), w));
        a2 = f32x4.add(a2, f32x4.mul(v128.load(x, 32), w));
        a3 = f32x4.add(a3, f32x4.mul(v128.load(x, 48), w));
        x += stepQ;
        y += stepK;
      }
    }
    const from = isOwn ? rows : places;
    const least = i32x4.splat(isOwn ? back : load<i32>(entry(keyPlaces, i)));
    a0 = v128.bitselect(a0, never, i32x4.ge_s(v128.load(from), least));
    a1 = v128.bitselect(a1, never, i32x4.ge_s(v128.load(from, 16), least));
    a2 = v128.bitselect(a2, never, i32x4.ge_s(v128.load(from, 32), least));
    a3 = v128.bitselect(a3, never, i32x4.ge_s(v128.load(from, 48), least));
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, a2, 32);
    v128.store(to, a3, 48);
    t0 = f32x4.max(t0, a0);
    t1 = f32x4.max(t1, a1);
    t2 = f32x4.max(t2, a2);
    t3 = f32x4.max(t3, a3);
    to += 64;
  }
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (to = scores, j = count + own; j > 0; j--) {
    const y0 = share4(f32x4.sub(v128.load(to), t0));
    const y1 = share4(f32x4.sub(v128.load(to, 16), t1));
    v128.store(to, y0);
    v128.store(to, y1, 16);
    const y2 = share4(f32x4.sub(v128.load(to, 32), t2));
    const y3 = share4(f32x4.sub(v128.load(to, 48), t3));
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
    s0 = f32x4.add(s0, y0);
    s1 = f32x4.add(s1, y1);
    s2 = f32x4.add(s2, y2);
    s3 = f32x4.add(s3, y3);
    to += 64;
  }
  const one = f32x4.splat(1);
  s0 = f32x4.div(one, s0);
  s1 = f32x4.div(one, s1);
  s2 = f32x4.div(one, s2);
  s3 = f32x4.div(one, s3);
  const stepV = <usize>(int(a, 18) << 2);
  const stepO = <usize>(int(a, 9) << 2);
  const stepOwn = <usize>(int(a, 22) << 2);
  for (let c = 0; c < width; c += 2) {
    // Of an odd number the last channel is mixed twice.
    const second = c + 1 < width ? 1 : 0;
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = a0;
    let b1 = a0;
    let b2 = a0;
    let b3 = a0;
    let y = v + c * stepV;
    let z = y + second * stepV;
    to = scores;
    for (j = 0; j < count; j++) {
      const w = v128.load32_splat(y);
      const u = v128.load32_splat(z);
      let x = v128.load(to);
      a0 = f32x4.add(a0, f32x4.mul(x, w));
      b0 = f32x4.add(b0, f32x4.mul(x, u));
      x = v128.load(to, 16);
      a1 = f32x4.add(a1, f32x4.mul(x, w));
      b1 = f32x4.add(b1, f32x4.mul(x, u));
      x = v128.load(to, 32);
      a2 = f32x4.add(a2, f32x4.mul(x, w));
      b2 = f32x4.add(b2, f32x4.mul(x, u));
      x = v128.load(to, 48);
      a3 = f32x4.add(a3, f32x4.mul(x, w));
      b3 = f32x4.add(b3, f32x4.mul(x, u));
      y += 4;
      z += 4;
      to += 64;
    }
    for (let back = own - 1; back >= 0; back--) {
      y = ownV + c * stepOwn - (<usize>back << 2);
      z = y + second * stepOwn;
      // What lies before the text's first position is any number.
      const least = i32x4.splat(back);
      let inText = i32x4.ge_s(v128.load(rows), least);
      let x = v128.load(to);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.and(v128.load(y), inText)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.and(v128.load(z), inText)));
      inText = i32x4.ge_s(v128.load(rows, 16), least);
      x = v128.load(to, 16);
      a1 = f32x4.add(a1, f32x4.mul(x, v128.and(v128.load(y, 16), inText)));
      b1 = f32x4.add(b1, f32x4.mul(x, v128.and(v128.load(z, 16), inText)));
      inText = i32x4.ge_s(v128.load(rows, 32), least);
      x = v128.load(to, 32);
      a2 = f32x4.add(a2, f32x4.mul(x, v128.and(v128.load(y, 32), inText)));
      b2 = f32x4.add(b2, f32x4.mul(x, v128.and(v128.load(z, 32), inText)));
      inText = i32x4.ge_s(v128.load(rows, 48), least);
      x = v128.load(to, 48);
      a3 = f32x4.add(a3, f32x4.mul(x, v128.and(v128.load(y, 48), inText)));
      b3 = f32x4.add(b3, f32x4.mul(x, v128.and(v128.load(z, 48), inText)));
      to += 64;
    }
    let r = o + c * stepO;
    v128.store(r, f32x4.mul(a0, s0));
    v128.store(r, f32x4.mul(a1, s1), 16);
    v128.store(r, f32x4.mul(a2, s2), 32);
    v128.store(r, f32x4.mul(a3, s3), 48);
    r += second * stepO;
    v128.store(r, f32x4.mul(second ? b0 : a0, s0));
    v128.store(r, f32x4.mul(second ? b1 : a1, s1), 16);
    v128.store(r, f32x4.mul(second ? b2 : a2, s2), 32);
    v128.store(r, f32x4.mul(second ? b3 : a3, s3), 48);
  }
}

/** The same for one column, in the same order of sums. */
function one(p: usize, a: usize, column: i32, o: usize, q: usize, k: usize, v: usize, ownK: usize, ownV: usize, scores: usize): void {
  const channels = int(a, 3);
  const width = int(a, 4);
  const own = min(int(a, 6), load<i32>(entry(at(p, 8), column)) + 1);
  const count = upTo(at(p, 5), int(a, 5), load<i32>(entry(at(p, 4), column)));
  let top: f32 = -Infinity;
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    let y = f32x4.splat(0);
    for (let c = 0; c < channels; c++) {
      const w = v128.load32_splat(entry(q, column + c * int(a, 12)));
      y = f32x4.add(y, f32x4.mul(w, v128.load(entry(k, j + c * int(a, 15)))));
    }
    v128.store(entry(scores, j), y);
    top = max(top, max(max(f32x4.extract_lane(y, 0), f32x4.extract_lane(y, 1)), max(f32x4.extract_lane(y, 2), f32x4.extract_lane(y, 3))));
  }
  for (; j < count + own; j++) {
    const key = j < count ? entry(k, j) : entry(ownK, column - (count + own - 1 - j));
    const step = j < count ? int(a, 15) : int(a, 20);
    let y: f32 = 0;
    for (let c = 0; c < channels; c++) y += load<f32>(entry(q, column + c * int(a, 12))) * load<f32>(entry(key, c * step));
    store<f32>(entry(scores, j), y);
    top = max(top, y);
  }
  const top4 = f32x4.splat(top);
  let total: f32 = 0;
  for (j = 0; j < count + own; j += 4) {
    const y = share4(f32x4.sub(v128.load(entry(scores, j)), top4));
    v128.store(entry(scores, j), y);
    const end = min(4, count + own - j);
    for (let i = 0; i < end; i++) total += load<f32>(entry(scores, j + i));
  }
  const scale: f32 = 1 / total;
  for (let c = 0; c < width; c++) {
    let y: f32 = 0;
    for (j = 0; j < count; j++) y += load<f32>(entry(scores, j)) * load<f32>(entry(v, j + c * int(a, 18)));
    for (; j < count + own; j++) {
      y += load<f32>(entry(scores, j)) * load<f32>(entry(ownV, column - (count + own - 1 - j) + c * int(a, 22)));
    }
    store<f32>(entry(o, column + c * int(a, 9)), y * scale);
  }
}
