// A program is a list of commands in memory; threads take the tasks of one command together.
import { at, int } from './lanes';
import { elementwise, exchange } from './elementwise';
import { rowwise, sum } from './rowwise';
import { paired, sparse, spread } from './products';
import { choose, gather, scatterAdd } from './indexed';
import { attention } from './attention';

/** The kernels by number, the one of `KERNELS` in program.ts. */
function kernel(id: i32, p: usize, a: usize, task: i32, tasks: i32): void {
  switch (id) {
    case 0: return elementwise(p, a, task, tasks);
    case 1: return exchange(p, a, task, tasks);
    case 2: return sum(p, a, task, tasks);
    case 3: return rowwise(p, a, task, tasks);
    case 4: return sparse(p, a, task, tasks);
    case 5: return spread(p, a, task, tasks);
    case 6: return paired(p, a, task, tasks);
    case 7: return gather(p, a, task, tasks);
    case 8: return choose(p, a, task, tasks);
    case 9: return scatterAdd(p, a, task, tasks);
    case 10: return attention(p, a, task, tasks);
    default: unreachable();
  }
}

// Shared words. The ticket holds the command's number, its tasks and the next one, 32, 16 and 16 bits.
const TICKET: usize = 64;
const STOP: usize = 128;
const WAKE: usize = 192;
const ASLEEP: usize = 256;
/** Address, by command number, of the last commands; and how many of their tasks are done. */
const COMMANDS: usize = 1024;
const DONE: usize = 9216;
const RING: u32 = 1023;
/** Looks at the ticket before a thread sleeps, some tens of microseconds. */
const PATIENCE: i32 = 4000;

let sequence: u32 = 0;

/** Runs commands: count of them, each [kernel, tasks, address of p, address of a]. */
export function execute(program: usize, count: i32, threads: i32): void {
  for (let c = 0; c < count; c++) {
    const command = program + (<usize>c << 4);
    const tasks = int(command, 1);
    if (threads == 1 || tasks == 1) {
      kernel(int(command, 0), at(command, 2), at(command, 3), 0, 1);
      continue;
    }
    sequence++;
    const slot = <usize>(sequence & RING) << 2;
    store<u32>(COMMANDS + slot, <u32>command);
    store<i32>(DONE + slot, 0);
    atomic.store<u64>(TICKET, (<u64>sequence << 32) | (<u64>tasks << 16));
    if (atomic.load<i32>(ASLEEP) > 0) {
      atomic.add<i32>(WAKE, 1);
      atomic.notify(WAKE, threads);
    }
    take();
    while (atomic.load<i32>(DONE + slot) < tasks) {}
  }
}

/** Does tasks of the command that is out, until none is left. */
function take(): bool {
  let any = false;
  while (true) {
    let ticket = atomic.load<u64>(TICKET);
    if ((ticket & 0xffff) >= ((ticket >> 16) & 0xffff)) return any;
    ticket = atomic.add<u64>(TICKET, 1);
    const task = <i32>(ticket & 0xffff);
    const tasks = <i32>((ticket >> 16) & 0xffff);
    if (task >= tasks) return any;
    any = true;
    const slot = <usize>(<u32>(ticket >> 32) & RING) << 2;
    const command = <usize>load<u32>(COMMANDS + slot);
    kernel(int(command, 0), at(command, 2), at(command, 3), task, tasks);
    atomic.add<i32>(DONE + slot, 1);
  }
}

/** What a helping thread does until it is told to stop. */
export function help(): void {
  let idle = 0;
  while (atomic.load<i32>(STOP) == 0) {
    if (take()) {
      idle = 0;
      continue;
    }
    if (++idle < PATIENCE) continue;
    const woken = atomic.load<i32>(WAKE);
    atomic.add<i32>(ASLEEP, 1);
    // Looked at once more: a ticket given out before the thread counted as asleep wakes nobody.
    if (!take() && atomic.load<i32>(STOP) == 0) atomic.wait<i32>(WAKE, woken, -1);
    atomic.sub<i32>(ASLEEP, 1);
    idle = 0;
  }
}

/** Ends the helping threads. */
export function stop(threads: i32): void {
  atomic.store<i32>(STOP, 1);
  atomic.add<i32>(WAKE, 1);
  atomic.notify(WAKE, threads);
}
