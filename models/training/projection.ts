/**
 * Projection to the L0 ball: all but the largest magnitudes of an array become zero, exactly, and no
 * channel falls below its minimum. Magnitudes are compared as their bit patterns, which order as the
 * numbers do; two histograms (upper and lower 16 bits) find the threshold without sorting.
 */

/** Axis whose slices are channels of a [rows, columns] matrix, and what each keeps at least. */
export interface ChannelFloor {
  readonly axis: 0 | 1;
  readonly columns: number;
  readonly min: number;
}

const upper = new Uint32Array(1 << 15);
const lower = new Uint32Array(1 << 16);

/**
 * Zeroes all but `keep` entries of `data`, largest magnitudes first (earlier entries first among
 * equals). With a floor, each channel's `min` largest, equal ones together, are kept before all
 * others; when these alone exceed `keep`, they and nothing else stay.
 */
export function project(data: Float32Array, keep: number, floor: ChannelFloor | null): void {
  if (keep >= data.length) return;
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const least = floor && floor.min > 0 ? channelThresholds(bits, floor) : null;
  const isProtected = least && floor ? protectedTest(floor, least) : null;
  const { threshold, ties } = findThreshold(bits, keep, isProtected);
  let tiesLeft = ties;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude > threshold || isProtected?.(i, magnitude)) continue;
    if (magnitude === threshold && tiesLeft > 0) tiesLeft--;
    else data[i] = 0;
  }
}

/** Whether an entry is among its channel's protected ones. */
type ProtectedTest = (index: number, magnitude: number) => boolean;

function protectedTest(floor: ChannelFloor, least: Uint32Array): ProtectedTest {
  const { columns } = floor;
  if (floor.axis === 1) return (i, magnitude) => magnitude > 0 && magnitude >= least[i % columns];
  return (i, magnitude) => magnitude > 0 && magnitude >= least[(i / columns) | 0];
}

/** Bits of the min-th largest magnitude of every channel. */
function channelThresholds(bits: Uint32Array, floor: ChannelFloor): Uint32Array {
  const { axis, columns, min } = floor;
  const channels = axis === 1 ? columns : bits.length / columns;
  const best = new Uint32Array(channels * min); // descending within a channel
  for (let i = 0, row = 0; i < bits.length; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const base = (axis === 1 ? column : row) * min;
      const magnitude = bits[i] & 0x7fffffff;
      let at = base + min - 1;
      if (magnitude <= best[at]) continue;
      while (at > base && best[at - 1] < magnitude) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = magnitude;
    }
  }
  return Uint32Array.from({ length: channels }, (_, c) => best[c * min + min - 1]);
}

/** Threshold for the unprotected entries, and how many that equal it still fit. */
function findThreshold(bits: Uint32Array, keep: number, isProtected: ProtectedTest | null) {
  upper.fill(0);
  let left = keep;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (isProtected?.(i, magnitude)) left--;
    else upper[magnitude >>> 16]++;
  }
  if (left <= 0) return { threshold: 0x7fffffff, ties: 0 };
  let high = upper.length - 1;
  for (; high > 0 && upper[high] < left; high--) left -= upper[high];
  lower.fill(0);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude >>> 16 === high && !isProtected?.(i, magnitude)) lower[magnitude & 0xffff]++;
  }
  let low = lower.length - 1;
  for (; low > 0 && lower[low] < left; low--) left -= lower[low];
  return { threshold: ((high << 16) | low) >>> 0, ties: left };
}
