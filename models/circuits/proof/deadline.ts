/** A bound on time that holds within every step of a proof: no pass of the model begins after it. */
import type { Control } from '../search/model';

/** The time has gone by; what was under way is not finished. */
export class OutOfTime extends Error {
  constructor() {
    super('the time ran out');
  }
}

/** The control of work that has to end: it throws `OutOfTime` where it would throw when cancelled. */
export function until(control: Control, isOver: () => boolean): Control {
  const check = () => {
    control.check();
    if (isOver()) throw new OutOfTime();
  };
  return {
    machines: control.machines,
    progress: (what, share) => {
      control.progress(what, share);
    },
    check,
    pause: async () => {
      await control.pause();
      check();
    },
  };
}
