/** Machines for models that live shortly: what one leaves behind the next takes up. */
import { Machine } from './machine';

export class Machines {
  private readonly idle: Machine[] = [];

  /** @param threads that each machine computes with */
  constructor(readonly threads: number) {}

  /** An empty machine; memory and helping threads of one that was given back are there already. */
  take(): Machine {
    return this.idle.pop() ?? new Machine(this.threads);
  }

  /** Takes a machine back, of whose constants nobody makes use any more. */
  give(machine: Machine): void {
    machine.clear();
    this.idle.push(machine);
  }

  /** Ends the helping threads of all that were given back. */
  async release(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((machine) => machine.release()));
  }
}
