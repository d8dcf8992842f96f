/** A time limit for every step of a proof: no pass of the model begins after it. */
import type { Control } from '../search/model';

/** The time limit was reached in the middle of a step. */
export class OutOfTime extends Error {
  constructor() {
    super('the time ran out');
  }
}

/** A control that also throws `OutOfTime` once the time is over, wherever it would throw when cancelled. */
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
