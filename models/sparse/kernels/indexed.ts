// Entries chosen by integers.
import { at, entry, int, shareStart } from './lanes';

/**
 * Slices at given places of an axis. p: result, x, ids; a: [sizes of two axes of ids, strides in ids,
 * in the result, stride of x's axis, sizes of three other axes, strides in x, in the result].
 */
export function gather(p: usize, a: usize, task: i32, tasks: i32): void {
  const n1 = int(a, 1);
  const c1 = int(a, 8);
  const c2 = int(a, 9);
  const units = int(a, 0) * n1;
  const rest = int(a, 7) * c1;
  // Tasks take some of the slices each; of a single slice, a part.
  const bySlice = units >= tasks;
  const first = bySlice ? shareStart(units, task, tasks) : 0;
  const last = bySlice ? shareStart(units, task + 1, tasks) : units;
  const from = bySlice ? 0 : shareStart(rest, task, tasks);
  const to = bySlice ? rest : shareStart(rest, task + 1, tasks);
  const sx2 = int(a, 12);
  const so2 = int(a, 15);
  if (int(a, 0) == 1 && int(a, 5) == 1 && so2 != 1) {
    // The slices lie side by side in the result: entry by entry, over all slices.
    const sid = int(a, 3);
    const step = int(a, 6);
    const entries = rest * c2;
    const end = shareStart(entries, task + 1, tasks);
    for (let e = shareStart(entries, task, tasks); e < end; e++) {
      const j2 = e % c2;
      const j1 = (e / c2) % c1;
      const j0 = e / c2 / c1;
      const source = entry(at(p, 1), j0 * int(a, 10) + j1 * int(a, 11) + j2 * sx2);
      const target = entry(at(p, 0), j0 * int(a, 13) + j1 * int(a, 14) + j2 * so2);
      for (let i = 0; i < n1; i++) {
        store<f32>(entry(target, i), load<f32>(entry(source, load<i32>(entry(at(p, 2), i * sid)) * step)));
      }
    }
    return;
  }
  for (let unit = first; unit < last; unit++) {
    const i1 = unit % n1;
    const i0 = unit / n1;
    const id = load<i32>(entry(at(p, 2), i0 * int(a, 2) + i1 * int(a, 3)));
    const x = entry(at(p, 1), id * int(a, 6));
    const o = entry(at(p, 0), i0 * int(a, 4) + i1 * int(a, 5));
    for (let r = from; r < to; r++) {
      const j1 = r % c1;
      const j0 = r / c1;
      let source = entry(x, j0 * int(a, 10) + j1 * int(a, 11));
      let target = entry(o, j0 * int(a, 13) + j1 * int(a, 14));
      if (sx2 == 1 && so2 == 1) {
        memory.copy(target, source, <usize>c2 << 2);
        continue;
      }
      for (let j2 = 0; j2 < c2; j2++) {
        store<f32>(target, load<f32>(source));
        source = entry(source, sx2);
        target = entry(target, so2);
      }
    }
  }
}

/**
 * One entry of each row read (pick), or written into zeros (place). p: result, x, ids; a: [0 to pick,
 * 1 to place, sizes of three axes, strides in the result, in x, in ids, stride of the chosen axis].
 */
export function choose(p: usize, a: usize, task: i32, tasks: i32): void {
  const place = int(a, 0) == 1;
  const n1 = int(a, 2);
  const n2 = int(a, 3);
  const units = int(a, 1) * n1 * n2;
  const last = shareStart(units, task + 1, tasks);
  for (let unit = shareStart(units, task, tasks); unit < last; unit++) {
    const i2 = unit % n2;
    const i1 = (unit / n2) % n1;
    const i0 = unit / n2 / n1;
    const id = load<i32>(entry(at(p, 2), i0 * int(a, 10) + i1 * int(a, 11) + i2 * int(a, 12)));
    const chosen = id * int(a, 13);
    const o = i0 * int(a, 4) + i1 * int(a, 5) + i2 * int(a, 6) + (place ? chosen : 0);
    const x = i0 * int(a, 7) + i1 * int(a, 8) + i2 * int(a, 9) + (place ? 0 : chosen);
    store<f32>(entry(at(p, 0), o), load<f32>(entry(at(p, 1), x)));
  }
}

/** Rows added at given rows. p: result, x, ids; a: [count, width, strides of result, of x, of ids]. */
export function scatterAdd(p: usize, a: usize, task: i32, tasks: i32): void {
  const count = int(a, 0);
  const width = int(a, 1);
  const last = shareStart(width, task + 1, tasks);
  for (let i = 0; i < count; i++) {
    const id = load<i32>(entry(at(p, 2), i * int(a, 6)));
    for (let j = shareStart(width, task, tasks); j < last; j++) {
      const to = entry(at(p, 0), id * int(a, 2) + j * int(a, 3));
      store<f32>(to, load<f32>(to) + load<f32>(entry(at(p, 1), i * int(a, 4) + j * int(a, 5))));
    }
  }
}
