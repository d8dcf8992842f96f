/** Memory of the extension host and of the model's thread in it, from outside (Linux only). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Megabytes that stay in memory, at a time. */
export interface Sample {
  readonly minutes: number;
  readonly megabytes: number;
}

/** Process number of the extension host that this process started; null where there is none to see. */
export function extensionHost(): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(pid, 'cmdline').includes('--type=extensionHost') && isOurs(pid));
  return found.at(-1) ?? null;
}

/** Megabytes of a process in memory; NaN when it is gone. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status')) ?? [];
  return Number(kilobytes ?? NaN) / 1024;
}

/** The curve as text, one bar a part of the run. */
export function curve(samples: readonly Sample[], bars = 24): string {
  const largest = Math.max(...samples.map(({ megabytes }) => megabytes));
  const size = Math.ceil(samples.length / bars);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => {
    const part = samples.slice(i * size, (i + 1) * size);
    const megabytes = middle(part.map((sample) => sample.megabytes));
    const bar = '█'.repeat(Math.round((40 * megabytes) / largest));
    return `${part[0].minutes.toFixed(1).padStart(5)} min ${megabytes.toFixed(0).padStart(5)} MB ${bar}`;
  }).join('\n');
}

/** Middle value of some numbers. */
export function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function isOurs(pid: number): boolean {
  for (let at = pid; at > 1;) {
    if (at === process.pid) return true;
    // The program's name, in parentheses, may hold anything.
    const [, parent] = /\) \S (\d+) /.exec(read(at, 'stat')) ?? [];
    at = Number(parent ?? 0);
  }
  return false;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
